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

func TestInvalidWebhooks(t *testing.T) {
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

	got := dispatch(strings.NewReader(started("shop")), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, 1, got.status)
	prefix := file + ":1: webhook "
	tooLong := `project_names_filter[0] "` + strings.Repeat("x", 80) + `…": too long: 5000 bytes, at most 1020`
	require.Equal(t, prefix+ids[0].String()+`: events[4]: empty; project_names_filter[1]: empty`+"\n"+
		prefix+ids[2].String()+": "+tooLong+"\n"+
		prefix+ids[3].String()+`: environment_types_filter[0]: empty`+"\n"+
		prefix+ids[0].String()+`: environment_types_filter[0] "PROD\x1b[2J": unknown value`+"\n"+
		"events 1, fired 1, deliveries 1, malformed lines 0, invalid webhooks 3\n", got.stderr)
	// The clause is the first invalid list, even if the webhook is disabled.
	skipped := func(id uuid.UUID, clause, reason string) string {
		text, err := json.Marshal("invalid: " + reason)
		require.NoError(t, err)
		return `{"webhook_id":"` + id.String() + `","clause":"` + clause + `","reason":` + string(text) + `}`
	}
	require.Equal(t, strings.TrimSuffix(outputLine(1, "shop", ids[1]), "}\n")+`,"skipped":[`+
		skipped(ids[0], "events", `events[4]: empty; project_names_filter[1]: empty`)+`,`+
		skipped(ids[2], "project_names_filter", tooLong)+`,`+
		skipped(ids[3], "environment_types_filter", `environment_types_filter[0]: empty`)+"]}\n", got.stdout)
}

// A value that the API does not document is reported, and compared like any other.
func TestUndocumentedValues(t *testing.T) {
	dir, id := t.TempDir(), uuid.New()
	writeOrganization(t, dir, organization, webhook.Webhook{ID: id, Enabled: true,
		Events: []webhook.EventType{"DEPLOYMENT_STARTED", "DEPLOYMENT_FAILED"}, EnvironmentTypesFilter: []webhook.EnvironmentMode{"SANDBOX", "PRODUCTION"}})
	input := started("a") + strings.Replace(started("b"), "DEPLOYMENT_STARTED", "DEPLOYMENT_FAILED", 1) +
		strings.Replace(started("c"), "PRODUCTION", "SANDBOX", 1) + strings.Replace(started("d"), "PRODUCTION", "STAGING", 1)
	got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
	prefix := filepath.Join(dir, organization.String()+".json") + ":1: webhook " + id.String() + ": "
	require.Equal(t, prefix+`events[1] "DEPLOYMENT_FAILED": unknown value, did you mean DEPLOYMENT_FAILURE?; environment_types_filter[0] "SANDBOX": unknown value`+"\n"+
		"events 4, fired 3, deliveries 3, malformed lines 0, invalid webhooks 0\n", got.stderr)
	require.Zero(t, got.status)
}

// Reports about a request name its line and its description, since its id is derived.
func TestReportsAboutRequests(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, organization.String()+".json")
	require.NoError(t, os.WriteFile(file, []byte("[\n"+`{"description":"pager","kind":"STANDARD","target_url":"https://h/x","events":["DEPLOYMENT_FAILED"]},
		{"description":"a\nb","events":["DEPLOYMENT_FAILURE"],
		 "project_names_filter":[""]},
		{"events":["SOON"]}]`), 0o600))
	got := dispatch(strings.NewReader(""), "-webhooks", dir, "-events", "-", "-json")
	id := func(name string) string { return uuid.NewSHA1(organization, []byte(name)).String() }
	require.Equal(t, file+":4: webhook "+id("description a\nb")+` "a\nb" (not created yet): project_names_filter[0]: empty`+"\n"+
		file+":2: webhook "+id("description pager")+` "pager" (not created yet): events[0] "DEPLOYMENT_FAILED": unknown value, did you mean DEPLOYMENT_FAILURE?`+"\n"+
		file+":5: webhook "+id("index 2")+` (not created yet): events[0] "SOON": unknown value`+"\n"+
		"events 0, fired 0, deliveries 0, malformed lines 0, invalid webhooks 1\n", got.stderr)
	require.Equal(t, 1, got.status)
}

// A webhook that cannot be decoded fires for nothing, and -why says so. The API requires
// created_at, but no verdict depends on it.
func TestUndecodableWebhook(t *testing.T) {
	dir, id, other := t.TempDir(), uuid.New(), uuid.New()
	file := filepath.Join(dir, organization.String()+".json")
	require.NoError(t, os.WriteFile(file, []byte(`{"results":[
		{"id":"`+id.String()+`","events":["DEPLOYMENT_STARTED"],"kind":5,"enabled":1},
		{"id":"`+other.String()+`","events":["DEPLOYMENT_STARTED"]}, 7]}`), 0o600))
	got := dispatch(strings.NewReader(started("a")), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, file+":2: results[0].kind (webhook "+id.String()+"): want a string, got the number 5; "+
		"results[0].enabled (webhook "+id.String()+"): want true or false, got the number 1\n"+
		file+":3: results[2]: want an object, got the number 7\n"+
		"events 1, fired 1, deliveries 1, malformed lines 0, invalid webhooks 2\n", got.stderr)
	require.Equal(t, strings.TrimSuffix(outputLine(1, "a", other), "}\n")+`,"skipped":[{"webhook_id":"`+id.String()+`","clause":"kind",`+
		`"reason":"invalid: kind: want a string, got the number 5; enabled: want true or false, got the number 1"}]}`+"\n", got.stdout)
	require.Equal(t, 1, got.status)
}

// The output distinguishes an organization without a file from an event without a match.
func TestEventFiresNothing(t *testing.T) {
	dir, _ := oneWebhook(t)
	unknown := strings.Replace(started("a"), organization.String(), uuid.Nil.String(), 1)
	known := strings.Replace(started("a"), "STARTED", "FAILURE", 1)
	got := dispatch(strings.NewReader(unknown+known), "-webhooks", dir, "-events", "-", "-json")
	require.Equal(t, `{"line":1,`+asOutput(unknown, "unknown")+`,"fires":[]}`+"\n"+
		`{"line":2,`+asOutput(known, "known")+`,"fires":[]}`+"\n", got.stdout)
	got = dispatch(strings.NewReader(unknown+known), "-webhooks", dir, "-events", "-")
	lines := strings.Split(got.stdout, "\n")
	require.Equal(t, []string{"  fires nothing: the organization has no file", "  fires nothing"}, []string{lines[2], lines[4]})
	require.Zero(t, got.status)
}

// A file that cannot be read as a whole ends the program.
func TestUnreadableFiles(t *testing.T) {
	dir, _ := oneWebhook(t)
	other, acme := filepath.Join(dir, uuid.Max.String()+".json"), filepath.Join(dir, "acme.json")
	require.NoError(t, os.WriteFile(other, []byte(`{"results":`), 0o600))
	require.NoError(t, os.WriteFile(acme, nil, 0o600))
	got := dispatch(strings.NewReader(started("a")), "-webhooks", dir, "-events", "-")
	require.Empty(t, got.stdout)
	require.Equal(t, "dispatch: -webhooks: "+acme+": the file's name is not an organization's id; "+
		other+":1: invalid format: not JSON: unexpected end\n", got.stderr)
	require.Equal(t, 2, got.status)
}

// If several webhooks have the same id, the last one counts. If it is invalid, none fires.
func TestRepeatedIDs(t *testing.T) {
	dir, id := t.TempDir(), uuid.New().String()
	webhook := func(more string) string {
		return `{"id":"` + id + `","created_at":"2023-11-07T05:31:56Z","events":["DEPLOYMENT_STARTED"]` + more + `}`
	}
	for name, test := range map[string]struct {
		second string
		fires  int
		report string
	}{
		"valid":           {webhook(`,"project_names_filter":["b"]`), 1, ""},
		"undecodable":     {webhook(`,"kind":5`), 0, "results[1].kind (webhook " + id + "): want a string, got the number 5"},
		"repeated member": {webhook(`,"kind":null,"kind":null`), 0, "results[1].kind (webhook " + id + "): duplicate member"},
		"empty entry":     {webhook(`,"project_names_filter":["b",""]`), 0, "webhook " + id + ": project_names_filter[1]: empty"},
	} {
		t.Run(name, func(t *testing.T) {
			list := `{"results":[` + webhook("") + `,` + test.second + `]}`
			require.NoError(t, os.WriteFile(filepath.Join(dir, organization.String()+".json"), []byte(list), 0o600))
			got := dispatch(strings.NewReader(started("a")+started("b")), "-webhooks", dir, "-events", "-", "-json")
			require.Equal(t, test.fires, strings.Count(got.stdout, `"fires":["`), got.stdout)
			require.Contains(t, got.stderr, "results[0].id (webhook "+id+`) "`+id+`": duplicate of results[1]`)
			require.Contains(t, got.stderr, test.report)
			require.Equal(t, 1, got.status)
		})
	}
}

// Input in none of the accepted forms is reported once, and ends the program.
func TestInputInAnotherFormEndsTheProgram(t *testing.T) {
	dir, _ := oneWebhook(t)
	for _, input := range []string{"<html>\n" + started("a"), "\x1f\x8b\x08\x00", "\xff\xfe{\x00\n\x00", "{\n  \"event_type\":\n",
		"ID | Status\n1 | 200\n" + started("a"), "{\"results\":[],\"results\":[" + strings.Repeat(strings.TrimSpace(started("a"))+",", 8000) + "7]}"} {
		got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
		require.Equal(t, 2, got.status)
		require.Empty(t, got.stdout)
		require.Equal(t, 1, strings.Count(got.stderr, "\n"), got.stderr)
		require.True(t, strings.HasPrefix(got.stderr, "dispatch: stdin: "), got.stderr)
	}
}

// With -why, "skipped" is an empty list if no webhook is skipped. Without -why it is absent.
func TestNoWebhookIsSkipped(t *testing.T) {
	dir, id := oneWebhook(t)
	line := strings.TrimSuffix(outputLine(1, "shop", id), "}\n")
	foreign := strings.Replace(started("shop"), organization.String(), uuid.Max.String(), 1)
	foreignLine := `{"line":2,` + asOutput(foreign, "unknown") + `,"fires":[]`
	input := started("shop") + foreign
	got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
	require.Equal(t, line+"}\n"+foreignLine+"}\n", got.stdout)
	got = dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json", "-why")
	require.Equal(t, line+`,"skipped":[]}`+"\n"+foreignLine+`,"skipped":[]}`+"\n", got.stdout)
	got = dispatch(strings.NewReader(foreign), "-webhooks", dir, "-events", "-", "-why")
	require.Contains(t, got.stdout, "  shop\n  fires nothing: the organization has no file\nevents 1, fired 0, ")
}
