package hook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

var event = webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "Shop", EnvironmentMode: webhook.Production}

func TestExplain(t *testing.T) {
	failures := []webhook.EventType{webhook.DeploymentFailure}
	for _, tc := range []struct {
		name string
		w    webhook.Webhook
		want hook.Verdict
	}{
		{"fires by an entry", webhook.Webhook{Enabled: true, Events: failures, ProjectNamesFilter: []string{"x", "shop*"}}, hook.Verdict{
			Fires: true, Entry: &filter.Entry{Index: 1, Value: "shop*"},
			Reason: `events[0] "DEPLOYMENT_FAILURE" matches "DEPLOYMENT_FAILURE"; project_names_filter[1] "shop*" matches "Shop"; environment_types_filter is empty and restricts nothing`,
		}},
		{"fires without an entry", webhook.Webhook{Enabled: true, Events: failures}, hook.Verdict{
			Fires:  true,
			Reason: `events[0] "DEPLOYMENT_FAILURE" matches "DEPLOYMENT_FAILURE"; project_names_filter is empty and restricts nothing; environment_types_filter is empty and restricts nothing`,
		}},
		{"stopped", webhook.Webhook{Events: failures}, hook.Verdict{StoppedBy: "enabled", Reason: "not enabled"}},
		{"invalid, one problem", webhook.Webhook{Enabled: true, Events: []webhook.EventType{""}}, hook.Verdict{
			StoppedBy: "events", Reason: `invalid: events[0]: empty`,
		}},
		{"invalid, several problems", webhook.Webhook{Enabled: true, Events: failures, ProjectNamesFilter: []string{"shop", ""}, EnvironmentTypesFilter: []webhook.EnvironmentMode{""}}, hook.Verdict{
			StoppedBy: "project_names_filter",
			Reason:    `invalid: project_names_filter[1]: empty; environment_types_filter[0]: empty`,
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := hook.Compile(&tc.w)
			require.Same(t, &tc.w, h.Webhook)
			require.Equal(t, tc.want.Fires, h.Match(event))
			require.Equal(t, tc.want, h.Explain(event))
		})
	}
}

func TestUndocumented(t *testing.T) {
	values := hook.Undocumented(&webhook.Webhook{
		Kind:                   "TEAMS", // does not affect the verdict
		Events:                 []webhook.EventType{webhook.DeploymentFailure, "DEPLOYMENT_FAILED", ""},
		ProjectNamesFilter:     []string{""},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{"SANDBOX"},
	})
	var texts []string
	for _, v := range values {
		texts = append(texts, v.Error())
	}
	require.Equal(t, []string{
		`events[1] "DEPLOYMENT_FAILED": unknown value, did you mean DEPLOYMENT_FAILURE?`,
		`environment_types_filter[0] "SANDBOX": unknown value`,
	}, texts)
}
