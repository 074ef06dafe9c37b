package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestChanges(t *testing.T) {
	started := func(name, mode string) *engine.Example {
		return &engine.Example{Type: "DEPLOYMENT_STARTED", Name: name, Mode: mode}
	}
	modes := func(list string) string {
		return hook(id2, `, "environment_types_filter": [`+list+`], "description": "Two"`)
	}
	window := "*a" + strings.Repeat("?", 40) + "b"
	for _, test := range []struct {
		name, webhooks, baseline string
		want                     engine.Changes
	}{
		{"nothing", "", "", engine.Changes{}},
		{"no baseline", filtered(id1, `"shop*"`), "", engine.Changes{Unreached: started("a", "PRODUCTION")}},
		{"all reached", list(hook(id1, ""), filtered(id2, `"x"`)), "", engine.Changes{}},
		{"broken", "{", hook(id1, ""), engine.Changes{}},
		{"a broken baseline", hook(id1, ""), "{", engine.Changes{}},
		{"no change", filtered(id1, `"b", "A*"`), filtered(id1, `"a*", "a", "B"`), engine.Changes{Unreached: started("c", "PRODUCTION")}},
		{"a widened entry", list(filtered(id1, `"prod*"`), hook(id3, "")), list(filtered(id1, `"prod-*"`), hook(id3, "")),
			engine.Changes{Webhooks: []engine.Change{{Label: id1, Added: started("prod", "DEVELOPMENT")}}}},
		{"a removed mode", list(hook(id1, ""), modes(`"STAGING"`)), list(hook(id1, ""), modes(`"STAGING", "PRODUCTION"`)),
			engine.Changes{Webhooks: []engine.Change{{Label: "Two", Removed: started("a", "PRODUCTION")}}}},
		{"a dropped webhook", list(filtered(id1, `"a*"`)), list(filtered(id1, `"a*"`), filtered(id3, `"SHOP-?"`)),
			engine.Changes{Webhooks: []engine.Change{{Label: id3, Removed: started("shop-a", "DEVELOPMENT")}}, Unreached: started("b", "PRODUCTION")}},
		{"a new webhook and an invalid one", list(hook(id1, ""), filtered(id2, `""`)), list(filtered(id2, `"a\u0000"`)),
			engine.Changes{Webhooks: []engine.Change{{Label: id1, Added: started("a", "DEVELOPMENT")}, {Label: id2, Removed: started(`"a\x00"`, "DEVELOPMENT")}}}},
		{"a duplicate", list(filtered(id1, `"a"`), filtered(id1, `"b"`)), list(filtered(id1, `"b"`)), engine.Changes{Unreached: started("a", "PRODUCTION")}},
		{"too complex", filtered(id1, `"`+window+`*"`), filtered(id1, `"`+window+`", "`+window+`?*"`), engine.Changes{Undecided: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := ask(test.webhooks, "")
			q.Ask, q.Baseline = "changes", test.baseline
			r := answer(t, new(engine.Engine), q)
			require.Empty(t, r.Error)
			if test.want.Webhooks == nil {
				test.want.Webhooks = []engine.Change{}
			}
			require.Equal(t, &test.want, r.Changes)
		})
	}
}

// Without a chosen type or mode there is no event to reach a webhook.
func TestUnreachedNeedsATypeAndAMode(t *testing.T) {
	for _, test := range []struct {
		name  string
		types []webhook.EventType
		modes []webhook.EnvironmentMode
		want  *engine.Example
	}{
		{"no type", nil, []webhook.EnvironmentMode{"STAGING"}, nil},
		{"no mode", []webhook.EventType{"DEPLOYMENT_FAILURE"}, nil, nil},
		{"empty values", []webhook.EventType{""}, []webhook.EnvironmentMode{""}, nil},
		{"an undocumented type and mode", []webhook.EventType{"", "QUEUED"}, []webhook.EnvironmentMode{"SANDBOX"}, &engine.Example{Type: "QUEUED", Name: "a", Mode: "SANDBOX"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := answer(t, new(engine.Engine), engine.Request{Ask: "changes", Webhooks: hook(id1, ""), Types: test.types, Modes: test.modes})
			require.Empty(t, r.Error)
			require.Equal(t, test.want, r.Changes.Unreached)
		})
	}
}
