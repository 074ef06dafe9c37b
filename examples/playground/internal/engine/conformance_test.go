package engine_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/webhook"
)

// The table and its notes agree with all conformance vectors that can be written as
// text.
func TestConformance(t *testing.T) {
	files, err := filepath.Glob("../../../../testdata/conformance/[0-9]*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	ran := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var vectors struct {
			Cases []struct {
				ID      string
				Webhook json.RawMessage
				Text    string `json:"webhook_json"`
				Clause  map[string]json.RawMessage
				Event   map[string]string
				Fires   bool
				Invalid []string
			}
		}
		require.NoError(t, json.Unmarshal(data, &vectors))
		for _, c := range vectors.Cases {
			_, bytesName := c.Event["project_name_base64"]
			_, bytesEntry := c.Clause["project_names_filter_base64"]
			if bytesName || bytesEntry {
				continue // not text
			}
			text := string(c.Webhook) + c.Text
			if text == "" {
				fields := map[string]json.RawMessage{"enabled": json.RawMessage("true"), "events": json.RawMessage(`["DEPLOYMENT_STARTED"]`)}
				for field, value := range c.Clause {
					fields[field] = value
				}
				whole, err := json.Marshal(fields)
				require.NoError(t, err)
				text = string(whole)
			}
			event := map[string]string{"event_type": "DEPLOYMENT_STARTED", "project_name": "shop", "environment_mode": "PRODUCTION"}
			for field, value := range c.Event {
				event[field] = value
			}
			name, err := json.Marshal(event["project_name"])
			require.NoError(t, err)
			got := table(t, new(engine.Engine), engine.Request{Ask: "table", Webhooks: text, Names: string(name),
				Types: []webhook.EventType{webhook.EventType(event["event_type"])}, Modes: []webhook.EnvironmentMode{webhook.EnvironmentMode(event["environment_mode"])}})
			want := map[bool]string{false: "0", true: "2"}[c.Fires]
			require.Equal(t, want, got.Webhooks[0].Cells, c.ID)
			var invalid []string
			for _, n := range got.Notes {
				if n.Kind == "fault" {
					invalid = append(invalid, n.Field)
				}
			}
			require.Equal(t, c.Invalid, invalid, c.ID)
			ran++
		}
	}
	require.Greater(t, ran, 200)
}
