package browser

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/conformance"
)

// vector is a conformance vector as input for the page.
type vector struct {
	ID       string `json:"id"`
	Webhooks string `json:"webhooks"`
	Name     string `json:"name"` // a line of the names field: the project name in quotes, as in JSON
	Type     string `json:"type"`
	Mode     string `json:"mode"`
	want     string
}

// readVectors returns the vectors that can be entered as text.
func readVectors(t *testing.T) (vectors []vector) {
	cases, err := conformance.Read(root + "/testdata/conformance")
	require.NoError(t, err)
	for _, c := range cases {
		if c.Text {
			vectors = append(vectors, vector{ID: c.ID, Webhooks: c.Webhook, Name: quote(c.Event.ProjectName),
				Type: string(c.Event.Type), Mode: string(c.Event.EnvironmentMode),
				want: map[bool]string{false: "does not fire", true: "fires"}[c.Fires]})
		}
	}
	return vectors
}

// When a conformance vector is entered into the fields of the page, the table shows the verdict of the
// vector.
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
