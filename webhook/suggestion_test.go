package webhook_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// The error for an unknown value suggests a similar documented value, if there is one.
func TestSuggestion(t *testing.T) {
	kind := func(w *webhook.Webhook, v string) { w.Kind = webhook.Kind(v) }
	event := func(w *webhook.Webhook, v string) { w.Events = []webhook.EventType{webhook.EventType(v)} }
	mode := func(w *webhook.Webhook, v string) {
		w.EnvironmentTypesFilter = []webhook.EnvironmentMode{webhook.EnvironmentMode(v)}
	}
	for _, test := range []struct {
		set        func(*webhook.Webhook, string)
		value      string
		suggestion string // empty if no documented value is similar
	}{
		{kind, "slack", "SLACK"},
		{kind, "Standard", "STANDARD"},
		{kind, "STANDART", "STANDARD"},
		{kind, "SLAK", "SLACK"},
		{kind, "SLACK ", "SLACK"},
		{kind, "TEAMS", ""},
		{kind, "DISCORD", ""},
		{kind, "S", ""},

		{event, "DEPLOYMENT_CANCELED", "DEPLOYMENT_CANCELLED"},
		{event, "DEPLOYMENT_FAILED", "DEPLOYMENT_FAILURE"},
		{event, "DEPLOYMENT_SUCCESFUL", "DEPLOYMENT_SUCCESSFUL"},
		{event, "DEPLOYMENT_SUCCESS", "DEPLOYMENT_SUCCESSFUL"},
		{event, "DEPLOYMENT_SUCCEEDED", "DEPLOYMENT_SUCCESSFUL"},
		{event, "deployment_succeeded", "DEPLOYMENT_SUCCESSFUL"},
		{mode, "DEPLOYMENT_SUCCEEDED", ""},
		{event, "DEPLOYMENT_START", "DEPLOYMENT_STARTED"},
		{event, "deployment_started", "DEPLOYMENT_STARTED"},
		{event, "DEPLOYMENT-STARTED", "DEPLOYMENT_STARTED"},
		{event, "DEPLOYMENT_QUEUED", ""},
		{event, "ENVIRONMENT_DELETED", ""},
		{event, "STARTED", ""},
		{event, "DEPLOYMENT_FAILED_NOW", ""},
		{event, "DEPLOYMENT_", ""},
		{kind, "STANDARDS", "STANDARD"},
		{kind, "STAND", "STANDARD"}, // three letters are missing
		{kind, "STAN", ""},          // four letters are missing
		{kind, "BLOCK", "SLACK"},
		{kind, "SLACKKKK", "SLACK"},
		{kind, "SLACKKKKK", ""},

		{mode, "PRODUCTON", "PRODUCTION"},
		{mode, "production", "PRODUCTION"},
		{mode, "Staging", "STAGING"},
		{mode, "STAGNIG", "STAGING"},
		{mode, "PREVEIW", "PREVIEW"},
		{mode, "DEVELOPEMENT", "DEVELOPMENT"},
		{mode, "PROD", ""},
		{mode, "QA", ""},
		{mode, "日本", ""},
		{mode, "DEPLOYMENT_STARTED", ""},
		{mode, strings.Repeat("PRODUCTION", 10_000), ""},
	} {
		t.Run(test.value[:min(len(test.value), 40)], func(t *testing.T) {
			w := validWebhook()
			test.set(&w, test.value)
			err := w.Validate()
			require.ErrorIs(t, err, webhook.ErrUnknownValue)
			if test.suggestion == "" {
				require.NotContains(t, err.Error(), "did you mean")
			} else {
				require.Contains(t, err.Error(), "did you mean "+test.suggestion+"?")
			}
		})
	}
}
