package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// TestDifferences: try shows what an edit changes even if no event is stored.
func TestDifferences(t *testing.T) {
	organizationID, id := uuid.New(), uuid.New()
	hook := func(modes []webhook.EnvironmentMode, entries ...string) *webhook.Webhook {
		return &webhook.Webhook{ID: id, Enabled: true, Events: []webhook.EventType{webhook.DeploymentFailure}, ProjectNamesFilter: entries, EnvironmentTypesFilter: modes}
	}
	index := func(w *webhook.Webhook) *filter.Index {
		x := filter.NewIndex()
		if w != nil {
			require.NoError(t, x.Put(organizationID, w))
		}
		return x
	}
	both := []webhook.EnvironmentMode{webhook.Production, webhook.Staging}
	window := "*a" + strings.Repeat("?", 40) + "b"
	for _, test := range []struct {
		name            string
		before, changed *webhook.Webhook
		want            string
	}{
		{"nothing", hook(both, "a*", "B"), hook(both, "b", "A*"), ""},
		{"a widened entry", hook(nil, "prod-*"), hook(nil, "prod*"),
			`added: possible events, webhook ID: for example "DEPLOYMENT_FAILURE" of "prod" in "DEVELOPMENT": the version in the bucket does not fire: project_names_filter ["prod-*"] does not match "prod": "prod-*" expects "-" after "prod", the name ends` + "\n"},
		{"a removed mode", hook(both), hook(both[1:]),
			`removed: possible events, webhook ID: for example "DEPLOYMENT_FAILURE" of "a" in "PRODUCTION": the version in the folder does not fire: environment_types_filter ["STAGING"] does not match "PRODUCTION"` + "\n"},
		{"a dropped webhook", hook(both, "shop-?"), nil,
			`removed: possible events, webhook ID: for example "DEPLOYMENT_FAILURE" of "shop-a" in "PRODUCTION": the webhook is not in the folder` + "\n"},
		{"a new webhook", nil, hook(both, "shop"),
			`added: possible events, webhook ID: for example "DEPLOYMENT_FAILURE" of "shop" in "PRODUCTION": the bucket has no valid webhook with this id` + "\n"},
		{"too complex", hook(nil, window+"*"), hook(nil, window, window+"?*"),
			"added: possible events, webhook ID: too complex to decide\nremoved: possible events, webhook ID: too complex to decide\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			tried := trial{c: &command{stdout: &out}, folder: new(folder), present: index(test.before), changed: index(test.changed)}
			tried.differences()
			require.Equal(t, test.want, strings.ReplaceAll(out.String(), id.String(), "ID"))
		})
	}
}
