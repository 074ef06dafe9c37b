package webhookdir_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	hookID  = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	cliHook = `{"id":"` + hookID + `","created_at":"2023-11-07 05:31:56.0000001 +0200 CEST","updated_at":"2024-01-01 00:00:00 +0000 UTC","events":["DEPLOYMENT_FAILURE"]}`
	request = `{"kind":"STANDARD","target_url":"https://hooks.example.com/x","target_secret":"s3cret","events":["DEPLOYMENT_FAILURE"]}`
)

// described returns the request with a description.
func described(description string) string {
	return strings.Replace(request, "{", `{"description":"`+description+`",`, 1)
}

// decode reads a file with the given content.
func decode(t *testing.T, read func(string) ([]webhookdir.Organization, error), content string) (o webhookdir.Organization, reports []string, err error) {
	t.Helper()
	dir := folder(t, map[string]string{orgA + ".json": content})
	// The reports begin with the line, which is 1 in most of these files.
	shorter := func(err error) string {
		text := strings.TrimPrefix(err.Error(), filepath.Join(dir, orgA+".json"))
		return strings.TrimPrefix(strings.TrimPrefix(text, ":1"), ": ")
	}
	organizations, err := read(dir)
	if err != nil {
		return o, []string{shorter(err)}, err
	}
	for _, report := range organizations[0].Reports() {
		reports = append(reports, shorter(report))
	}
	return organizations[0], reports, nil
}

func TestForms(t *testing.T) {
	for name, text := range map[string]string{
		"the API's list":                        list(one + "," + two),
		"a list":                                "[" + one + ",\n" + two + "]",
		"with other members":                    `{"page":1,"results":[` + one + "," + two + `],"total":2}`,
		"with white space":                      "\ufeff\n [ " + one + " , " + two + " ] \n",
		"null":                                  " null\n",
		"a list of none":                        "[]",
		"a webhook":                             cliHook,
		"a webhook with only id and created_at": one,
	} {
		t.Run(name, func(t *testing.T) {
			want := map[bool]int{true: 2}[strings.Contains(text, two)]
			if strings.HasPrefix(name, "a webhook") {
				want = 1
			}
			for _, read := range []func(string) ([]webhookdir.Organization, error){webhookdir.Read, webhookdir.ReadWithRequests} {
				o, reports, err := decode(t, read, text)
				require.NoError(t, err)
				require.Empty(t, reports)
				require.Len(t, o.Webhooks, want)
				require.Empty(t, o.NotCreated)
			}
		})
	}
}

func TestTimesOfTheCLI(t *testing.T) {
	o, reports, err := decode(t, webhookdir.Read, "["+cliHook+"]")
	require.NoError(t, err)
	require.Empty(t, reports)
	require.True(t, o.Webhooks[0].CreatedAt.Equal(time.Date(2023, 11, 7, 3, 31, 56, 100, time.UTC)))
	text, err := json.Marshal(o.Webhooks[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"id":"`+hookID+`","created_at":"2023-11-07T05:31:56.0000001+02:00","updated_at":"2024-01-01T00:00:00Z","events":["DEPLOYMENT_FAILURE"]}`, string(text))
	require.Error(t, new(webhook.Webhook).UnmarshalJSON([]byte(cliHook)), "the library stays strict")

	for _, wrong := range []string{"2023-11-07 05:31:56 UTC", "2023-11-07 5:31:56 +0000 UTC", "2023-11-07 05:31:56 +0000 ", "2023-11-07 05:31:56,5 +0000 UTC", "2023-11-07 05:31:60 +0000 UTC"} {
		_, reports, err := decode(t, webhookdir.Read, `[{"id":"`+hookID+`","created_at":"`+wrong+`"}]`)
		require.NoError(t, err)
		require.Equal(t, []string{"results[0].created_at (webhook " + hookID + `): want an RFC 3339 time, got the string "` + wrong + `"`}, reports)
	}
}

func TestOtherForms(t *testing.T) {
	const repeat = "check the URL and the token, and repeat the call, with curl --fail"
	for _, tc := range []struct{ name, text, want string }{
		{"empty", " \n", "empty: repeat the call that wrote it, with curl --fail"},
		{"HTML", "\n<!DOCTYPE html><html>token</html>", "HTML, not JSON: " + repeat},
		{"the CLI's table", "Name | Mode", "plain text, not JSON: the vendor's CLI prints JSON with --json; otherwise " + repeat},
		{"error body", `{"status":401,"error":"Unauthorized","message":"s3cret"}`, "want a webhook, got an error response, status 401: " + repeat},
		{"error body without a status", `{"message":"s3cret"}`, "want a webhook, got an error response: " + repeat},
		{"projects", `{"results":[{"id":"x","created_at":"","name":"shop","organization":{"id":"x"}}]}`, "want a webhook, got a project: name the file <organizationId>.projects.json"},
		{"environments", `{"results":[{"id":"x","name":"prod","mode":"PRODUCTION","project":{},"organization":{}}]}`, "want a webhook, got an environment: name the file <organizationId>.environments.json"},
		{"past deliveries", `[{"id":"x","kind":"STANDARD","matched_event":"DEPLOYMENT_FAILURE","payload":{}}]`, "want a webhook, got a past delivery: give it to dispatch with -events"},
		{"an event", `{"organization_id":"x","event_type":"x","project_name":"x"}`, "want a webhook, got an event: give it to dispatch with -events"},
		{"expectations", `{"organization_id":"x","events":[{}]}`, "want a webhook, got a file of expectations: give it to hooktest as an argument"},
		{"cut off list", "[" + one + ",\n", ":2: invalid format: not JSON: unexpected end"},
		{"cut off webhook", cliHook[:50], "not JSON: unexpected end"},
		{"two documents", "[" + one + "]\n[]", ":2: invalid format: not JSON: want the end of the text, got '['"},
		{"projects after a byte order mark", "\ufeff\n\n[{\"id\":\"x\",\"name\":\"shop\",\"organization\":{}}]", ":3: invalid format: want a webhook, got a project: name the file <organizationId>.projects.json"},
		{"gzip", "\x1f\x8b\x08", "compressed by gzip: decompress it, as gunzip does"},
		{"a number", "17", `want an object with "results", got the number 17`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, read := range []func(string) ([]webhookdir.Organization, error){webhookdir.Read, webhookdir.ReadWithRequests} {
				_, text, err := decode(t, read, tc.text)
				require.ErrorIs(t, err, webhook.ErrInvalidFormat)
				require.Equal(t, tc.want, strings.TrimPrefix(text[0], "invalid format: "))
			}
		})
	}
	for text, want := range map[string]string{
		`{"results":[],"results":[]}`:                `results: duplicate member`,
		`{"results":[],"Results":[]}`:                `results "Results": misspelled: member names are case-sensitive`,
		`{"page":1}`:                                 `results: required: want a webhook, or {"results": […]} as the API's list call returns it`,
		`{"results":[` + one + `],"results":"oops"}`: `results: duplicate member`,
	} {
		_, got, err := decode(t, webhookdir.Read, text)
		require.Error(t, err)
		require.Equal(t, []string{want}, got)
	}
}

func TestRequests(t *testing.T) {
	organization := uuid.MustParse(orgA)
	pager := uuid.NewSHA1(organization, []byte("description Pager"))
	o, reports, err := decode(t, webhookdir.ReadWithRequests, list(described("Pager")+","+one+","+request+","+
		strings.Replace(request, "{", `{"id":null,"created_at":null,"description":"",`, 1)))
	require.NoError(t, err)
	require.Empty(t, reports)
	var ids []uuid.UUID
	for _, w := range o.Webhooks {
		ids = append(ids, w.ID)
		require.Equal(t, w.ID != uuid.MustParse(hookID), o.NotCreated[w.ID])
		text, err := json.Marshal(w)
		require.NoError(t, err)
		require.NotContains(t, string(text), "s3cret")
	}
	require.Equal(t, []uuid.UUID{pager, uuid.MustParse(hookID),
		uuid.NewSHA1(organization, []byte("index 2")), uuid.NewSHA1(organization, []byte("index 3"))}, ids)

	// The id does not depend on the form, or on the position of a webhook with a description.
	o, _, err = decode(t, webhookdir.ReadWithRequests, described("Pager"))
	require.NoError(t, err)
	require.Equal(t, pager, o.Webhooks[0].ID)
}

func TestInvalidRequests(t *testing.T) {
	refused := "id: required: this is a request to create or edit a webhook, which only dispatch, hooktest, cluster try and the playground can judge"
	o, reports, err := decode(t, webhookdir.Read, "["+request+","+one+"]")
	require.NoError(t, err)
	require.Equal(t, []string{"results[0]." + refused}, reports)
	require.Len(t, o.Webhooks, 1)
	require.Equal(t, 1, o.Undecodable())
	require.Empty(t, o.NotCreated)
	_, reports, err = decode(t, webhookdir.Read, request)
	require.NoError(t, err)
	require.Equal(t, []string{"results[0]." + refused}, reports)

	const different = ": want different descriptions of webhooks without an id"
	for _, tc := range []struct {
		name, text string
		want       []string
	}{
		{"the same description", "[" + described("Pager") + "," + one + "," + described("Pager") + "," + described("P\\u0061ger") + "]", []string{
			"results[0].description: duplicate of results[2]" + different,
			"results[2].description: duplicate of results[0]" + different,
			"results[3].description: duplicate of results[0]" + different}},
		{"the same description, of two", "[" + described("Pager") + "," + described("Pager") + "]", []string{
			"results[0].description: duplicate of results[1]" + different,
			"results[1].description: duplicate of results[0]" + different}},
		{"no id but created", `[{"created_at":"2023-11-07T05:31:56Z","events":[]}]`, []string{"results[0].id: required"}},
		{"misspelled id", `[{"Id":"` + hookID + `","description":"Pager","events":[]}]`, []string{`"Pager" (not created yet): results[0].id "Id": misspelled: member names are case-sensitive`}},
		{"id in another spelling", `[{"id":"` + strings.ReplaceAll(hookID, "-", "") + `","events":[]}]`, []string{
			`results[0].id: want a UUID of 36 characters, got the string "` + strings.ReplaceAll(hookID, "-", "") + `"`}},
		{"repeated member", `[{"events":[],"events":[],"description":"Pager"}]`, []string{`"Pager" (not created yet): results[0].events: duplicate member`}},
		{"events are a string", `[{"description":"Pager","events":"DEPLOYMENT_FAILURE"}]`, []string{`"Pager" (not created yet): results[0].events: want a list of strings, got the string "DEPLOYMENT_FAILURE"`}},
		{"a project between webhooks", "[" + one + `,{"id":"x","name":"shop","organization":{}}]`, []string{"results[1]: invalid format: want a webhook, got a project"}},
		{"a repeated id of a single webhook", `{"id":"` + hookID + `","id":"` + hookID + `"}`, []string{"results[0].id (webhook " + hookID + "): duplicate member"}},
		{"no members", "[{}]", []string{"results[0].id: required"}},
		{"the secret is a list", "[" + strings.Replace(described("Pager"), `"s3cret"`, `["s3cret"]`, 1) + `,7]`, []string{"results[1]: want an object, got the number 7"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o, reports, err := decode(t, webhookdir.ReadWithRequests, tc.text)
			require.NoError(t, err)
			require.Equal(t, tc.want, reports)
			require.Equal(t, len(tc.want), o.Undecodable())
		})
	}
}

// Files next to the webhooks are not taken for webhooks.
func TestReadIgnoresProjects(t *testing.T) {
	const beside = `{"results":[{"id":"x"}]}`
	require.Equal(t, outline{[]string{orgA + ".json " + orgA}, [][]string{{hookID}}, nil, nil}, read(t, folder(t, map[string]string{
		orgA + ".json": list(one), orgA + ".projects.json": beside, orgA + ".environments.json": beside, orgB + ".projects.json": beside})))
	require.Equal(t, outline{unreadable: []string{
		orgA + ".deliveries.json: the file's name is not an organization's id",
		orgA + ".projects.environments.json: the file's name is not an organization's id",
		"acme.projects.json: the file's name is not an organization's id",
	}}, read(t, folder(t, map[string]string{
		"acme.projects.json": beside, orgA + ".deliveries.json": beside, orgA + ".projects.environments.json": beside})))
}
