package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

func TestWebhooksThatAreUnusable(t *testing.T) {
	dir := t.TempDir()
	ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New(), uuid.New()}
	all := webhook.EventTypes()
	writeOrganization(t, dir, organization,
		&webhook.Webhook{ID: ids[0], Enabled: true, TargetURL: "https://chat.example.com/secret", Events: append(all, "DEPLOYMENT_FAILED"),
			ProjectNamesFilter: []string{"shop", ""}, EnvironmentTypesFilter: []webhook.EnvironmentMode{"PROD\x1b[2J"}},
		&webhook.Webhook{ID: ids[1], Enabled: true, Events: all},
		&webhook.Webhook{ID: ids[2], Events: all, EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Staging, "Staging"}},
		&webhook.Webhook{ID: ids[3], Enabled: true, Events: all, ProjectNamesFilter: []string{strings.Repeat("x", 5000)}},
	)
	file := filepath.Join(dir, organization.String()+".json")
	acme := filepath.Join(dir, "acme.json")
	require.NoError(t, os.WriteFile(acme, nil, 0o600))

	got := dispatch(strings.NewReader(started("shop")), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, 1, got.status)
	prefix := file + ": webhook "
	require.Equal(t, acme+": the file's name is not an organization's id\n"+
		prefix+ids[0].String()+": events[4] \"DEPLOYMENT_FAILED\": unknown value, did you mean DEPLOYMENT_FAILURE?\n"+
		prefix+ids[0].String()+": project_names_filter[1] \"\": empty\n"+
		prefix+ids[0].String()+": environment_types_filter[0] \"PROD\\x1b[2J\": unknown value\n"+
		prefix+ids[2].String()+": environment_types_filter[1] \"Staging\": unknown value, did you mean STAGING?\n"+
		prefix+ids[3].String()+": project_names_filter[0] \""+strings.Repeat("x", 80)+"…\": too long: 5000 bytes, at most 1020\n"+
		"events 1, fired 1, deliveries 1, malformed lines 0, unusable webhooks or files 4\n", got.stderr)
	// The clause is the first list that is no good, of a disabled webhook too.
	require.Equal(t, strings.TrimSuffix(outputLine(1, "shop", ids[1]), "}\n")+`,"held":[`+
		`{"webhook_id":"`+ids[0].String()+`","clause":"events"},`+
		`{"webhook_id":"`+ids[2].String()+`","clause":"environment_types_filter"},`+
		`{"webhook_id":"`+ids[3].String()+`","clause":"project_names_filter"}]}`+"\n", got.stdout)
}

func TestNothingFiresAndNothingIsHeld(t *testing.T) {
	dir, id := oneWebhook(t)
	line := strings.TrimSuffix(outputLine(1, "shop", id), "}\n")
	foreign := strings.Replace(started("shop"), organization.String(), uuid.Max.String(), 1)
	foreignLine := `{"line":2,` + strings.Trim(foreign, "{}\n") + `,"fires":[]`
	input := started("shop") + foreign
	got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
	require.Equal(t, line+"}\n"+foreignLine+"}\n", got.stdout)
	got = dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, line+`,"held":[]}`+"\n"+foreignLine+`,"held":[]}`+"\n", got.stdout)
	got = dispatch(strings.NewReader(foreign), "-webhooks", dir, "-events", "-", "-why")
	require.Contains(t, got.stdout, "  shop\n  fires nothing\nevents 1, fired 0, ")
}
