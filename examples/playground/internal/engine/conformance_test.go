package engine_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/internal/conformance"
	"github.com/hookfilter/hookfilter/webhook"
)

// The table and its notes agree with every conformance vector that can be entered as text.
func TestConformance(t *testing.T) {
	cases, err := conformance.Read("../../../../testdata/conformance")
	require.NoError(t, err)
	ran := 0
	for _, c := range cases {
		if !c.Text {
			continue
		}
		name, err := json.Marshal(c.Event.ProjectName)
		require.NoError(t, err)
		got := table(t, new(engine.Engine), engine.Request{Ask: "table", Webhooks: c.Webhook, Names: string(name),
			Types: []webhook.EventType{c.Event.Type}, Modes: []webhook.EnvironmentMode{c.Event.EnvironmentMode}})
		want := map[bool]string{false: "0", true: "2"}[c.Fires]
		require.Equal(t, want, got.Webhooks[0].Cells, c.ID)
		var invalid []string
		for _, n := range got.Notes {
			if n.Kind == "error" {
				invalid = append(invalid, n.Field)
			}
		}
		require.Equal(t, c.Invalid, invalid, c.ID)
		ran++
	}
	require.Greater(t, ran, 200)
}
