package filter_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestClauses(t *testing.T) {
	type webhookFields struct {
		disabled bool
		events   []webhook.EventType
		names    []string
		modes    []webhook.EnvironmentMode
	}
	started := []webhook.EventType{webhook.DeploymentStarted}
	event := webhook.Event{
		Type:            webhook.DeploymentStarted,
		ProjectName:     "shop",
		EnvironmentMode: webhook.Staging,
	}
	ofType := func(typ webhook.EventType) webhook.Event {
		e := event
		e.Type = typ
		return e
	}
	inMode := func(mode webhook.EnvironmentMode) webhook.Event {
		e := event
		e.EnvironmentMode = mode
		return e
	}
	for _, test := range []struct {
		name  string
		w     webhookFields
		e     webhook.Event
		fires bool
	}{
		{"rule 1: enabled", webhookFields{events: started}, event, true},
		{"rule 1: not enabled", webhookFields{disabled: true, events: started}, event, false},
		{"rule 1: not enabled, the other clauses hold", webhookFields{
			disabled: true, events: started, names: []string{"shop"}, modes: []webhook.EnvironmentMode{webhook.Staging},
		}, event, false},

		{"rule 2: the only type", webhookFields{events: started}, event, true},
		{"rule 2: the last of several types", webhookFields{events: []webhook.EventType{
			webhook.DeploymentFailure, webhook.DeploymentStarted,
		}}, event, true},
		{"rule 2: another type", webhookFields{events: started}, ofType(webhook.DeploymentFailure), false},
		{"rule 2: nil events", webhookFields{}, event, false},
		{"rule 2: empty events", webhookFields{events: []webhook.EventType{}}, event, false},
		{"rule 2: nil events, no type", webhookFields{}, ofType(""), false},
		{"rule 2: type in lower case", webhookFields{events: started}, ofType("deployment_started"), false},
		{"rule 2: type with a space", webhookFields{events: started}, ofType("DEPLOYMENT_STARTED "), false},
		{"rule 2: start of a type", webhookFields{events: started}, ofType("DEPLOYMENT_START"), false},

		{"rule 3: nil names", webhookFields{events: started}, event, true},
		{"rule 3: empty names", webhookFields{events: started, names: []string{}}, event, true},
		{"rule 3: nil names, no name", webhookFields{events: started}, webhook.Event{Type: webhook.DeploymentStarted}, true},
		{"rule 3: first entry", webhookFields{events: started, names: []string{"shop", "billing"}}, event, true},
		{"rule 3: last entry", webhookFields{events: started, names: []string{"billing", "api-*", "s?op"}}, event, true},
		{"rule 3: no entry", webhookFields{events: started, names: []string{"billing", "api-*"}}, event, false},

		{"rule 4: nil modes", webhookFields{events: started}, event, true},
		{"rule 4: empty modes", webhookFields{events: started, modes: []webhook.EnvironmentMode{}}, event, true},
		{"rule 4: last mode", webhookFields{events: started, modes: []webhook.EnvironmentMode{
			webhook.Production, webhook.Staging,
		}}, event, true},
		{"rule 4: another mode", webhookFields{events: started, modes: []webhook.EnvironmentMode{webhook.Production}}, event, false},
		{"rule 4: mode in lower case", webhookFields{events: started, modes: webhook.EnvironmentModes()}, inMode("staging"), false},
		{"rule 4: no mode", webhookFields{events: started, modes: webhook.EnvironmentModes()}, inMode(""), false},

		{"rules 1 to 4: all hold", webhookFields{
			events: started, names: []string{"sh*"}, modes: []webhook.EnvironmentMode{webhook.Staging},
		}, event, true},

		{"rule 5: order and duplicates", webhookFields{
			events: []webhook.EventType{webhook.DeploymentFailure, webhook.DeploymentStarted, webhook.DeploymentFailure},
			names:  []string{"x", "shop", "x", "shop"},
			modes:  []webhook.EnvironmentMode{webhook.Preview, webhook.Staging, webhook.Preview, webhook.Staging},
		}, event, true},

		{"rule 6: unknown type", webhookFields{events: webhook.EventTypes()}, ofType("DEPLOYMENT_PAUSED"), false},
		{"rule 6: unknown mode, no modes", webhookFields{events: started}, inMode("SANDBOX"), true},
		{"rule 6: unknown mode, every known mode", webhookFields{events: started, modes: webhook.EnvironmentModes()}, inMode("SANDBOX"), false},
		{"rule 6: zero event", webhookFields{events: webhook.EventTypes()}, webhook.Event{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := filtertest.MustCompile(&webhook.Webhook{
				Enabled:                !test.w.disabled,
				Events:                 test.w.events,
				ProjectNamesFilter:     test.w.names,
				EnvironmentTypesFilter: test.w.modes,
			})
			require.Equal(t, test.fires, f.Match(test.e))
		})
	}
}

// Rules 1 to 4 say what absent, null and empty fields mean.
func TestClausesFromJSON(t *testing.T) {
	event := webhook.Event{
		Type:            webhook.DeploymentStarted,
		ProjectName:     "shop",
		EnvironmentMode: webhook.Staging,
	}
	for _, test := range []struct {
		name  string
		json  string
		fires bool
	}{
		{"rule 1: absent", `{"events":["DEPLOYMENT_STARTED"]}`, true},
		{"rule 1: null", `{"enabled":null,"events":["DEPLOYMENT_STARTED"]}`, true},
		{"rule 1: false", `{"enabled":false,"events":["DEPLOYMENT_STARTED"]}`, false},
		{"rule 2: absent", `{"enabled":true}`, false},
		{"rule 2: null", `{"events":null}`, false},
		{"rule 2: empty", `{"events":[]}`, false},
		{"rule 3: null", `{"events":["DEPLOYMENT_STARTED"],"project_names_filter":null}`, true},
		{"rule 3: empty", `{"events":["DEPLOYMENT_STARTED"],"project_names_filter":[]}`, true},
		{"rule 3: another name", `{"events":["DEPLOYMENT_STARTED"],"project_names_filter":["x"]}`, false},
		{"rule 4: null", `{"events":["DEPLOYMENT_STARTED"],"environment_types_filter":null}`, true},
		{"rule 4: empty", `{"events":["DEPLOYMENT_STARTED"],"environment_types_filter":[]}`, true},
		{"rule 4: another mode", `{"events":["DEPLOYMENT_STARTED"],"environment_types_filter":["PREVIEW"]}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var w webhook.Webhook
			require.NoError(t, w.UnmarshalJSON([]byte(test.json)))
			require.Equal(t, test.fires, filtertest.MustCompile(&w).Match(event))
		})
	}
}

// Rule 5.
func TestOtherFieldsDoNotMatter(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*webhook.Webhook)
	}{
		{"rule 5: kind", func(w *webhook.Webhook) { w.Kind = webhook.KindSlack }},
		{"rule 5: unknown kind", func(w *webhook.Webhook) { w.Kind = "CARRIER_PIGEON" }},
		{"rule 5: target_url", func(w *webhook.Webhook) { w.TargetURL = "https://example.com/shop" }},
		{"rule 5: invalid target_url", func(w *webhook.Webhook) { w.TargetURL = "://" }},
		{"rule 5: target_secret_set", func(w *webhook.Webhook) { w.TargetSecretSet = true }},
		{"rule 5: description", func(w *webhook.Webhook) { w.Description = "billing" }},
		{"rule 5: id", func(w *webhook.Webhook) { w.ID[0] = 1 }},
		{"rule 5: created_at", func(w *webhook.Webhook) { w.CreatedAt = w.CreatedAt.AddDate(3000, 0, 0) }},
		{"rule 5: updated_at", func(w *webhook.Webhook) { w.UpdatedAt = w.UpdatedAt.AddDate(3000, 0, 0) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := filtertest.RestrictedTo("shop")
			test.change(w)
			f := filtertest.MustCompile(w)
			require.True(t, f.Match(filtertest.Named("shop")))
			require.False(t, f.Match(filtertest.Named("billing")))
		})
	}
}
