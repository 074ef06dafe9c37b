package browsertest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// vector is a conformance vector as a person would put it into the page.
type vector struct {
	ID       string `json:"id"`
	Webhooks string `json:"webhooks"`
	Name     string `json:"name"` // a line
	Type     string `json:"type"`
	Mode     string `json:"mode"`
	want     string
}

// readVectors returns all that can be written as text: neither a name nor an entry
// that is not UTF-8 can.
func readVectors(t *testing.T) (vectors []vector) {
	files, err := filepath.Glob(root + "/testdata/conformance/[0-9]*.json")
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var content struct {
			Cases []struct {
				ID      string
				Webhook json.RawMessage
				Text    string `json:"webhook_json"`
				Clause  map[string]json.RawMessage
				Event   map[string]string
				Fires   bool
			}
		}
		require.NoError(t, json.Unmarshal(data, &content))
		for _, c := range content.Cases {
			_, bytesName := c.Event["project_name_base64"]
			_, bytesEntry := c.Clause["project_names_filter_base64"]
			if bytesName || bytesEntry {
				continue
			}
			v := vector{ID: c.ID, Webhooks: string(c.Webhook) + c.Text, Type: "DEPLOYMENT_STARTED", Mode: "PRODUCTION", Name: `"shop"`,
				want: map[bool]string{false: "does not fire", true: "fires"}[c.Fires]}
			if v.Webhooks == "" {
				fields := map[string]json.RawMessage{"enabled": json.RawMessage("true"), "events": json.RawMessage(`["DEPLOYMENT_STARTED"]`)}
				for field, value := range c.Clause {
					fields[field] = value
				}
				whole, err := json.Marshal(fields)
				require.NoError(t, err)
				v.Webhooks = string(whole)
			}
			if name, ok := c.Event["project_name"]; ok {
				v.Name = quote(name)
			}
			if typ, ok := c.Event["event_type"]; ok {
				v.Type = typ
			}
			if mode, ok := c.Event["environment_mode"]; ok {
				v.Mode = mode
			}
			vectors = append(vectors, v)
		}
	}
	return vectors
}

// The page says what the conformance vectors say: each is put into its fields, and
// the verdict is read from its table.
func TestConformance(t *testing.T) {
	vectors := readVectors(t)
	require.Greater(t, len(vectors), 200)
	data, err := json.Marshal(vectors)
	require.NoError(t, err)
	p := open(t, base)
	verdicts := eval[[]string](p, `(() => {
		const byId = (id) => document.getElementById(id);
		const choose = (fieldset, value) => {
			const boxes = [...fieldset.querySelectorAll("input[value]")], [box, other] = fieldset.querySelectorAll(".another input");
			for (const b of boxes) b.checked = b.value === value;
			box.checked = !boxes.some((b) => b.checked);
			other.value = box.checked ? value : "";
		};
		return `+string(data)+`.map((v) => {
			byId("webhooks").value = v.webhooks;
			byId("names").value = v.name;
			choose(byId("types"), v.type);
			choose(byId("modes"), v.mode);
			byId("names").dispatchEvent(new InputEvent("input", { bubbles: true }));
			return document.querySelector("#table td").ariaLabel;
		});
	})()`)
	require.Len(t, verdicts, len(vectors))
	for i, v := range vectors {
		require.Equal(t, v.want, verdicts[i], v.ID)
	}
}
