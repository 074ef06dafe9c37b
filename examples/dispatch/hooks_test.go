package main

import (
	"encoding/json"
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
		webhook.Webhook{ID: ids[0], Enabled: true, TargetURL: "https://chat.example.com/secret", Events: append(all, ""),
			ProjectNamesFilter: []string{"shop", ""}, EnvironmentTypesFilter: []webhook.EnvironmentMode{"PROD\x1b[2J"}},
		webhook.Webhook{ID: ids[1], Enabled: true, Events: all},
		webhook.Webhook{ID: ids[2], Enabled: true, Events: all, ProjectNamesFilter: []string{strings.Repeat("x", 5000)}},
		webhook.Webhook{ID: ids[3], Events: all, EnvironmentTypesFilter: []webhook.EnvironmentMode{""}},
	)
	file := filepath.Join(dir, organization.String()+".json")
	acme := filepath.Join(dir, "acme.json")
	require.NoError(t, os.WriteFile(acme, nil, 0o600))

	got := dispatch(strings.NewReader(started("shop")), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, 1, got.status)
	prefix := file + ": webhook "
	tooLong := `project_names_filter[0] "` + strings.Repeat("x", 80) + `…": too long: 5000 bytes, at most 1020`
	require.Equal(t, acme+": the file's name is not an organization's id\n"+
		prefix+ids[0].String()+`: events[4] "": empty; project_names_filter[1] "": empty`+"\n"+
		prefix+ids[2].String()+": "+tooLong+"\n"+
		prefix+ids[3].String()+`: environment_types_filter[0] "": empty`+"\n"+
		prefix+ids[0].String()+`: environment_types_filter[0] "PROD\x1b[2J": unknown value`+"\n"+
		"events 1, fired 1, deliveries 1, malformed lines 0, unusable webhooks or files 4\n", got.stderr)
	// The clause is the first list that is no good, of a disabled webhook too.
	held := func(id uuid.UUID, clause, reason string) string {
		text, err := json.Marshal("does not compile; " + reason)
		require.NoError(t, err)
		return `{"webhook_id":"` + id.String() + `","clause":"` + clause + `","reason":` + string(text) + `}`
	}
	require.Equal(t, strings.TrimSuffix(outputLine(1, "shop", ids[1]), "}\n")+`,"held":[`+
		held(ids[0], "events", `events[4] "": empty; project_names_filter[1] "": empty`)+`,`+
		held(ids[2], "project_names_filter", tooLong)+`,`+
		held(ids[3], "environment_types_filter", `environment_types_filter[0] "": empty`)+"]}\n", got.stdout)
}

// A value that the API does not document is reported, and used.
func TestUndocumentedValues(t *testing.T) {
	dir, id := t.TempDir(), uuid.New()
	writeOrganization(t, dir, organization, webhook.Webhook{ID: id, Enabled: true,
		Events: []webhook.EventType{"DEPLOYMENT_STARTED", "DEPLOYMENT_FAILED"}, EnvironmentTypesFilter: []webhook.EnvironmentMode{"SANDBOX", "PRODUCTION"}})
	input := started("a") + strings.Replace(started("b"), "DEPLOYMENT_STARTED", "DEPLOYMENT_FAILED", 1) +
		strings.Replace(started("c"), "PRODUCTION", "SANDBOX", 1) + strings.Replace(started("d"), "PRODUCTION", "STAGING", 1)
	got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
	prefix := filepath.Join(dir, organization.String()+".json") + ": webhook " + id.String() + ": "
	require.Equal(t, prefix+`events[1] "DEPLOYMENT_FAILED": unknown value, did you mean DEPLOYMENT_FAILURE?`+"\n"+
		prefix+`environment_types_filter[0] "SANDBOX": unknown value`+"\n"+
		"events 4, fired 3, deliveries 3, malformed lines 0, unusable webhooks or files 0\n", got.stderr)
	require.Zero(t, got.status)
}

// A webhook without created_at is none.
func TestWebhookWithoutCreatedAt(t *testing.T) {
	dir, id := t.TempDir(), uuid.New()
	file := filepath.Join(dir, organization.String()+".json")
	require.NoError(t, os.WriteFile(file, []byte(`{"results":[{"id":"`+id.String()+`","events":["DEPLOYMENT_STARTED"]}]}`), 0o600))
	got := dispatch(strings.NewReader(started("a")), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, file+": results[0].created_at (webhook "+id.String()+"): required\n"+
		"events 1, fired 0, deliveries 0, malformed lines 0, unusable webhooks or files 1\n", got.stderr)
	require.Equal(t, `{"line":1,`+asOutput(started("a"), "known")+`,"fires":[],"held":[]}`+"\n", got.stdout)
}

// Why an event fires nothing is told apart: no file, a file that is no good, no match.
func TestNothingFiresAndWhy(t *testing.T) {
	dir, _ := oneWebhook(t)
	bad := filepath.Join(dir, uuid.Max.String()+".json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"results":`), 0o600))
	of := func(id uuid.UUID) string { return strings.Replace(started("a"), organization.String(), id.String(), 1) }
	none, unusable, known := of(uuid.Nil), of(uuid.Max), strings.Replace(started("a"), "STARTED", "FAILURE", 1)
	got := dispatch(strings.NewReader(none+unusable+known), "-webhooks", dir, "-events", "-", "-json")
	require.Equal(t, `{"line":1,`+asOutput(none, "unknown")+`,"fires":[]}`+"\n"+
		`{"line":2,`+asOutput(unusable, "unusable")+`,"fires":[]}`+"\n"+
		`{"line":3,`+asOutput(known, "known")+`,"fires":[]}`+"\n", got.stdout)
	require.Contains(t, got.stderr, bad+": invalid format: ")
	got = dispatch(strings.NewReader(none+unusable+known), "-webhooks", dir, "-events", "-")
	lines := strings.Split(got.stdout, "\n")
	require.Equal(t, []string{"  fires nothing: the organization has no file", "  fires nothing: the organization's file is unusable", "  fires nothing"},
		[]string{lines[2], lines[4], lines[6]})
	require.Equal(t, 1, got.status)
}

// The input is in another form than one object a line: that is said once.
func TestOtherForms(t *testing.T) {
	dir, _ := oneWebhook(t)
	for _, input := range []string{"[\n" + started("a") + "]\n", "\x1f\x8b\x08\x00", "\xff\xfe{\x00\n\x00", "{\n  \"event_type\":\n"} {
		got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
		require.Equal(t, 2, got.status)
		require.Empty(t, got.stdout)
		require.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
		require.True(t, strings.HasPrefix(got.stderr, "dispatch: stdin: "), got.stderr)
	}
}

func TestNothingFiresAndNothingIsHeld(t *testing.T) {
	dir, id := oneWebhook(t)
	line := strings.TrimSuffix(outputLine(1, "shop", id), "}\n")
	foreign := strings.Replace(started("shop"), organization.String(), uuid.Max.String(), 1)
	foreignLine := `{"line":2,` + asOutput(foreign, "unknown") + `,"fires":[]`
	input := started("shop") + foreign
	got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
	require.Equal(t, line+"}\n"+foreignLine+"}\n", got.stdout)
	got = dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, line+`,"held":[]}`+"\n"+foreignLine+`,"held":[]}`+"\n", got.stdout)
	got = dispatch(strings.NewReader(foreign), "-webhooks", dir, "-events", "-", "-why")
	require.Contains(t, got.stdout, "  shop\n  fires nothing: the organization has no file\nevents 1, fired 0, ")
}
