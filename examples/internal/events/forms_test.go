package events_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	projectID     = "9c6ab710-4a08-4720-8ede-24428a013fda"
	environmentID = "79ebc231-f9ae-483d-93d3-bcfe6852dfc3"
	request       = `{"created_at":"2026-08-03T09:12:45Z","event_type":"DEPLOYMENT_STARTED","payload_type":"DEPLOYMENT","payload_id":"p7",` +
		`"payload":{"id":"p7","organization":{"id":"` + org + `"},"project":{"id":"` + projectID + `"},"environment":{"id":"` + environmentID + `"},"logs":[]}}`
	delivery = `{"id":"d1","created_at":"2026-08-03 09:12:45 +0000 UTC","kind":"STANDARD","matched_event":"DEPLOYMENT_STARTED",` +
		`"target_url_used":"https://host/s3cret","request":` + request + `,"target_response_status_code":200,"target_response_body":"ok"}`
	envelope = `{"specversion":"1.0","id":"42","source":"//ci/x","type":"t","data":` + request + `}`
)

// with returns text with old replaced.
func with(text, old, replacement string) string {
	if !strings.Contains(text, old) {
		panic(old)
	}
	return strings.Replace(text, old, replacement, 1)
}

var known = map[uuid.UUID]*projects.Organization{uuid.MustParse(org): {
	Projects:     map[uuid.UUID]string{uuid.MustParse(projectID): "shop"},
	Environments: map[uuid.UUID]projects.Environment{uuid.MustParse(environmentID): {Name: "live", Mode: webhook.Production, ProjectID: uuid.MustParse(projectID)}},
}}

// only returns the event of a stream of one line.
func only(t *testing.T, text string, organizations map[uuid.UUID]*projects.Organization) (line events.Line, err error) {
	t.Helper()
	reader := events.NewReader(strings.NewReader(text+"\n"), organizations)
	var b events.Block
	require.NoError(t, reader.Read(&b))
	n := 0
	for l, lineErr := range b.Lines() {
		line, err = l, lineErr
		n++
	}
	require.Equal(t, 1, n)
	return line, err
}

func TestForms(t *testing.T) {
	named := with(with(request, `{"id":"`+projectID+`"}`, `{"name":"shop"}`), `{"id":"`+environmentID+`"}`, `{"id":null,"name":"live","mode":"PRODUCTION"}`)
	for _, tc := range []struct{ name, text, id string }{
		{"ours", line, ""},
		{"ours with an id", edited("{", `{"id":"7",`), "7"},
		{"ours with members of another form", edited("{", `{"payload":{},"matched_event":"x","specversion":1,"status":401,`), ""},
		{"delivered request", request, "p7 DEPLOYMENT_STARTED"},
		{"delivered request, ids in upper case", with(with(request, projectID, strings.ToUpper(projectID)), org, strings.ToUpper(org)), "p7 DEPLOYMENT_STARTED"},
		{"delivered request with names", named, "p7 DEPLOYMENT_STARTED"},
		{"delivered request, the name before the id", with(with(request, `{"id":"`+projectID, `{"name":"shop","id":"`+org), `{"id":"`+environmentID, `{"mode":"PRODUCTION","id":"`+org), "p7 DEPLOYMENT_STARTED"},
		{"delivered request without an id", with(with(request, `"payload_id":"p7",`, ""), `"DEPLOYMENT",`, `"DEPLOYMENT","payload_id":null,`), ""},
		{"past delivery", delivery, "d1"},
		{"past delivery of the CLI", with(delivery, `"request"`, `"payload"`), "d1"},
		{"past delivery without an id", with(delivery, `"id":"d1"`, `"id":null,"payload":null`), "p7 DEPLOYMENT_STARTED"},
		{"CloudEvents, ours", with(envelope, request, edited("{", `{"id":"7",`)), "//ci/x 42"},
		{"CloudEvents, delivered request", envelope, "//ci/x 42"},
		{"CloudEvents, past delivery", with(envelope, request, delivery), "//ci/x 42"},
	} {
		for form, text := range map[string]string{"line": tc.text, "list": "[\n" + tc.text + "]", "results": "{\"results\":\n[" + tc.text + "]}"} {
			t.Run(tc.name+"/"+form, func(t *testing.T) {
				l, err := only(t, text, known)
				require.NoError(t, err)
				require.Equal(t, uuid.MustParse(org), l.OrganizationID)
				require.Equal(t, webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "shop", EnvironmentMode: webhook.Production}, l.Event)
				require.Equal(t, tc.id, l.ID)
				require.Equal(t, tc.text, string(l.Original))
				require.Equal(t, !strings.HasPrefix(tc.name, "ours") && !strings.Contains(tc.name, "name") && tc.name != "CloudEvents, ours", l.LookedUp)
				if form == "line" && strings.HasPrefix(tc.name, "ours") {
					require.Equal(t, tc.text, string(l.Text))
					return
				}
				// The text is an event in our form.
				want := line
				if tc.id != "" {
					want = edited("}", `,"id":"`+tc.id+`"}`)
				}
				require.Equal(t, want, string(l.Text))
				again, err := only(t, string(l.Text), nil)
				require.NoError(t, err)
				require.Equal(t, l.Event, again.Event)
				require.Equal(t, l.ID, again.ID)
			})
		}
	}
}

func TestInvalidForms(t *testing.T) {
	const projectsFile, environmentsFile = org + ".projects.json", org + ".environments.json"
	unknown := "00000000-0000-4000-8000-000000000000"
	for _, tc := range []struct{ name, text, want string }{
		{"unknown project", with(request, projectID, unknown), "payload.project.name: missing, and " + projectsFile + " has no project " + unknown},
		{"unknown environment", with(request, environmentID, unknown), "payload.environment.mode: missing, and " + environmentsFile + " has no environment " + unknown},
		{"environment of another project", with(request, `{"id":"`+projectID+`"}`, `{"id":"`+unknown+`","name":"shop"}`),
			"payload.environment.mode: missing, and " + environmentsFile + " has environment " + environmentID + " in project " + projectID + ", not " + unknown},
		{"unknown organization", with(request, org, unknown), "payload.project.name: missing, and next to the webhooks there is no " + unknown + ".projects.json to look up project " + projectID +
			": want the response of GET /organization/" + unknown + "/project; payload.environment.mode: missing, and next to the webhooks there is no " + unknown +
			".environments.json to look up environment " + environmentID + ": want the response of GET /organization/" + unknown + "/environments"},
		{"id without dashes", with(request, projectID, strings.ReplaceAll(projectID, "-", "")),
			`payload.project.name: missing, and payload.project.id: want a UUID of 36 characters, got "9c6ab7104a0847208ede24428a013fda"`},
		{"neither id nor name", with(request, `{"id":"`+projectID+`"}`, "{}"), "payload.project.name: missing, and payload.project.id: required"},
		{"project is an id", with(request, `{"id":"`+projectID+`"}`, `"`+projectID+`"`), `payload.project: want an object, got the string "` + projectID + `"`},
		{"name is a number", with(request, `{"id":"`+projectID, `{"name":7,"id":"`+projectID), "payload.project.name: want a string, got the number 7"},
		{"empty name", with(request, `{"id":"`+projectID, `{"name":"","id":"`+projectID), "payload.project.name: empty"},
		{"repeated name", with(request, `{"id":"`+projectID, `{"name":"a","name":"b","id":"`+projectID), `payload.project: "name" is repeated`},
		{"repeated name and no mode", with(with(request, environmentID, unknown), `{"id":"`+projectID, `{"name":"a","name":"b","id":"`+projectID),
			`payload.project: "name" is repeated; payload.environment.mode: missing, and ` + environmentsFile + " has no environment " + unknown},
		{"no organization", with(request, `"organization"`, `"organisation"`), "payload.organization: required"},
		{"no environment and no type", with(with(request, `"environment"`, `"env"`), `"DEPLOYMENT_STARTED"`, "null"), "event_type: want a string, got null; payload.environment: required"},
		{"another payload", with(request, `"DEPLOYMENT",`, `"CLUSTER",`), `payload_type: want "DEPLOYMENT", got "CLUSTER"`},
		{"payload id is a number", with(request, `"payload_id":"p7"`, `"payload_id":7`), "payload_id: want a string, got the number 7"},
		{"payload is a list", with(request, `"payload":{`, `"payload":[],"x":{`), "payload: want an object, got a list"},
		{"repeated payload", with(request, `"payload":{`, `"payload":{},"payload":{`), `"payload" is repeated`},
		{"a Slack message", with(with(delivery, "STANDARD", "SLACK"), request, `{"text":"s3cret"}`), "kind: the delivery is to a SLACK webhook: its request is a message, not an event"},
		{"another message", with(delivery, request, `{"text":"s3cret"}`), "request.payload: required"},
		{"delivery without a request", with(delivery, `"request"`, `"x"`), "request: required"},
		{"delivery with two requests", with(delivery, `"request"`, `"payload":{},"request"`), "want request or payload, got both"},
		{"invalid request of a delivery", with(delivery, projectID, unknown), "request.payload.project.name: missing, and " + projectsFile + " has no project " + unknown},
		{"delivery id is a number", with(delivery, `"d1"`, "1"), "id: want a string, got the number 1"},
		{"repeated request", with(delivery, `"request"`, `"request":null,"request"`), `"request" is repeated`},
		{"CloudEvents 0.3", with(envelope, "1.0", "0.3"), `specversion: want "1.0", got "0.3"`},
		{"CloudEvents without id and source", with(with(envelope, `"id":"42"`, `"id":""`), `"source"`, `"src"`), "source: required; id: empty"},
		{"CloudEvents without data", with(envelope, `"data"`, `"x"`), "data: required"},
		{"CloudEvents with null data", with(envelope, request, "null"), "data: want an object, got null"},
		{"CloudEvents with data as text", with(envelope, request, `"{}"`), `data: want an object, got the string "{}"`},
		{"CloudEvents with binary data", with(envelope, `"data":`+request, `"data_base64":"e30="`), "data_base64: want an event as JSON in data"},
		{"CloudEvents in CloudEvents", with(envelope, request, envelope), "data: want an event, got an envelope in an envelope"},
		{"CloudEvents with a webhook", with(envelope, request, `{"target_url":"https://host/s3cret"}`), "data: want an event, got a webhook"},
		{"CloudEvents with an invalid event", with(envelope, request, edited("shop", "")), "data.project_name: required"},
		{"CloudEvents with a repeated member", with(envelope, `"id"`, `"id":"1","id"`), `"id" is repeated`},
		{"a project", `{"id":"x","name":"shop","organization":{}}`, "want an event, got a project"},
		{"a webhook", `{"id":"x","kind":"STANDARD","target_url":"https://host/s3cret","events":[]}`, "want an event, got a webhook"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l, err := only(t, tc.text, known)
			require.EqualError(t, err, tc.want)
			require.Zero(t, l.Event)
			missing := strings.Contains(tc.want, ": missing, ") && !strings.Contains(tc.want, "repeated")
			require.Equal(t, missing, errors.Is(err, events.ErrMissing))
			require.Equal(t, missing, l.OrganizationID != uuid.Nil)
			require.Equal(t, tc.text, string(l.Text))
			// The next element is read.
			reader := events.NewReader(strings.NewReader("["+tc.text+","+line+"]"), known)
			var b events.Block
			require.NoError(t, reader.Read(&b))
			for _, err := range b.Lines() {
				require.EqualError(t, err, tc.want)
			}
			require.NoError(t, reader.Read(&b))
			for _, err := range b.Lines() {
				require.NoError(t, err)
			}
		})
	}
}

// Mixed forms in one stream are read, each by itself.
func TestMixedForms(t *testing.T) {
	reader := events.NewReader(strings.NewReader(strings.Join([]string{line, request, "{}", delivery, envelope}, "\n")), known)
	var ids []string
	var b events.Block
	for err := error(nil); err == nil; {
		err = reader.Read(&b)
		for l, err := range b.Lines() {
			require.Equal(t, l.Number == 3, err != nil)
			ids = append(ids, l.ID)
		}
	}
	require.Equal(t, []string{"", "p7 DEPLOYMENT_STARTED", "", "d1", "//ci/x 42"}, ids)
}

// Parse, which reads stored events, accepts our form only.
func TestParseIsStrict(t *testing.T) {
	for _, text := range []string{request, delivery, envelope} {
		require.True(t, json.Valid([]byte(text)))
		_, _, err := events.Parse([]byte(text))
		require.ErrorContains(t, err, "organization_id: required")
	}
}

func TestList(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		want       bool
	}{
		{"list", "[" + delivery + "]", true},
		{"empty list", " []\n", true},
		{"results", `{"page":1,"results":[` + delivery + `]}`, true},
		{"empty results", "{\n\"results\": []\n}", true},
		{"null", "\n null \n", true},
		{"null before a line", "null\n" + delivery, false},
		{"results in an element", "{\n\"page\": {\"results\": []}\n}", false},
		{"results that are null", `{"results":null}`, false},
		{"line", delivery + "\n", false},
		{"object over several lines", "{\n" + delivery[1:], false},
		{"empty", "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reader := events.NewReader(strings.NewReader(tc.text), known)
			var b events.Block
			_ = reader.Read(&b)
			require.Equal(t, tc.want, reader.List())
		})
	}
}
