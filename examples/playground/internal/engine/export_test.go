package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/webhook"
)

func expectations(t testing.TB, q engine.Request) engine.Response {
	t.Helper()
	q.Ask = "expectations"
	return answer(t, new(engine.Engine), q)
}

// internal/tests/browser runs hooktest on the expectations that the page exports.
func TestExpectations(t *testing.T) {
	q := ask(list(
		hook(id1, `, "description": "Team <A>", "project_names_filter": ["a"]`),
		hook(id2, `, "description": "Same"`), hook(id3, `, "description": "Same", "enabled": false`),
		filtered("00000000-0000-4000-8000-000000000001", `""`),
		hook("00000000-0000-4000-8000-000000000002", `, "description": "`+id1+`"`),
	), "a\n\"b\\u0000\"")
	q.OrganizationID = strings.ToUpper(id3)
	r := expectations(t, q)
	require.Empty(t, r.Error)
	require.Equal(t, `{
  "organization_id": "`+id3+`",
  "events": [
    {"event_type":"DEPLOYMENT_STARTED","project_name":"a","environment_mode":"PRODUCTION","must_fire":["Team <A>","`+id2+`","00000000-0000-4000-8000-000000000002"]},
    {"event_type":"DEPLOYMENT_STARTED","project_name":"b\u0000","environment_mode":"PRODUCTION","must_fire":["`+id2+`","00000000-0000-4000-8000-000000000002"]}
  ]
}
`, r.Text)

	// Create requests: hooktest knows the second one by an id that it derives in the same way.
	q.Webhooks = "[" + request("Pager") + "," + request("") + "]"
	q.Types = []webhook.EventType{webhook.DeploymentFailure}
	require.Contains(t, expectations(t, q).Text, `"must_fire":["Pager","`+uuid.NewSHA1(uuid.MustParse(id3), []byte("index 1")).String()+`"]`)

	q.Webhooks = hook(id1, `, "events": []`)
	require.Contains(t, expectations(t, q).Text, `"must_fire":[]`)
}

func TestNoExpectations(t *testing.T) {
	for _, test := range []struct {
		name, want string
		change     func(q *engine.Request)
	}{
		{"no organization", `organization id: want a UUID of 36 characters, by which hooktest finds the webhooks; got ""`, func(q *engine.Request) { q.OrganizationID = "" }},
		{"no webhooks", "no webhooks", func(q *engine.Request) { q.Webhooks = "" }},
		{"not JSON", "no webhooks", func(q *engine.Request) { q.Webhooks = "{" }},
		{"no names", "no events", func(q *engine.Request) { q.Names = "\n" }},
		{"no types", "no events", func(q *engine.Request) { q.Types = nil }},
		{"no modes", "no events", func(q *engine.Request) { q.Modes = nil }},
		{"unreadable", "webhook 2 cannot be read", func(q *engine.Request) { q.Webhooks = list(hook(id1, ""), "17") }},
		{"no id", "webhook 1 has no id", func(q *engine.Request) { q.Webhooks = `{"created_at": "2023-11-07T05:31:56Z"}` }},
		{"a repeated description", "a has the description of another", func(q *engine.Request) { q.Webhooks = list(request("a"), request("a")) }},
		{"a duplicate id", id1 + " has the id of another", func(q *engine.Request) { q.Webhooks = list(hook(id1, ""), hook(id1, "")) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := ask(hook(id1, ""), "a")
			q.OrganizationID = id3
			require.Empty(t, expectations(t, q).Error)
			test.change(&q)
			r := expectations(t, q)
			require.Contains(t, r.Error, test.want)
			require.Empty(t, r.Text)
		})
	}
}

type state struct {
	Webhooks, Baseline, Names string
	Types, Modes              []string
	OrganizationID            string `json:"organization_id"`
}

// share returns the state for a link.
func share(t testing.TB, q engine.Request) (s state, text string) {
	t.Helper()
	q.Ask = "state"
	r := answer(t, new(engine.Engine), q)
	require.Empty(t, r.Error)
	require.NoError(t, json.Unmarshal([]byte(r.Text), &s))
	return s, r.Text
}

func TestState(t *testing.T) {
	q := ask(`{"id": "`+id1+`", "target_url": "https://host/SECRET", "x_more": "SECRET", "enabled": false,
		"description": "to https://host/SECRET and <b>", "created_at": "2023-11-07T05:31:56Z",
		"events": ["DEPLOYMENT_STARTED", null], "project_names_filter": null}`, "a\nb")
	q.Baseline, q.OrganizationID = "{", id3
	s, text := share(t, q)
	require.NotContains(t, text, "SECRET")
	require.NotContains(t, text, "host")
	require.Equal(t, state{
		Webhooks: `{
  "id": "` + id1 + `",
  "enabled": false,
  "description": "to (URL) and <b>",
  "created_at": "2023-11-07T05:31:56Z",
  "events": [
    "DEPLOYMENT_STARTED",
    null
  ],
  "project_names_filter": null
}`,
		Names: "a\nb", Types: []string{"DEPLOYMENT_STARTED"}, Modes: []string{"PRODUCTION"}, OrganizationID: id3,
	}, s)

	// A webhook that cannot be read is unreadable in a link too.
	q.Webhooks = `{"TARGET_URL": "https://host/SECRET", "target_url": {"x": "SECRET"}, "target_url": "SECRET", "target_secret_set": "SECRET",
		"Enabled": false, "x_more": "SECRET", "kind": {"target_url": "SECRET"}, "events": [{"target_url": "SECRET"}, ["SECRET"], null, 5]}`
	s, _ = share(t, q)
	require.Equal(t, `{
  "TARGET_URL": "",
  "target_url": {},
  "target_url": "",
  "target_secret_set": "",
  "Enabled": false,
  "kind": {},
  "events": [
    {},
    [],
    null,
    5
  ]
}`, s.Webhooks)

	for value, want := range map[string]string{"1": "0", `"\ud800 SECRET"`: `"\ud800"`} {
		q.Webhooks = fmt.Sprintf(`{"id":%q,"created_at":"2023-11-07T05:31:56Z","events":["DEPLOYMENT_STARTED"],"target_url":%s}`, id1, value)
		s, text = share(t, q)
		require.Contains(t, s.Webhooks, `"target_url": `+want)
		require.NotContains(t, text, "SECRET")
		shown := q
		shown.Webhooks, shown.Baseline = s.Webhooks, ""
		require.Equal(t, "unreadable", table(t, new(engine.Engine), shown).Webhooks[0].State)
	}

	q.Webhooks = list(hook(id1, ""), `"SECRET"`)
	q.Baseline = list(hook(id1, `, "enabled": false`))
	s, text = share(t, q)
	require.NotContains(t, text, "SECRET")
	require.True(t, strings.HasPrefix(s.Webhooks, "{\n  \"results\": ["), s.Webhooks)
	require.Contains(t, s.Baseline, `"enabled": false`)

	q.Webhooks, q.Ask = `{"target_url": "https://host/SECRET",`, "state"
	r := answer(t, new(engine.Engine), q)
	require.Contains(t, r.Error, "correct them first")
	require.Empty(t, r.Text)
}

// A link has no target URL and no secret, in whichever input a user has put it.
func TestStateHasNoSecret(t *testing.T) {
	for url, inName := range map[string]bool{
		"https://hooks.example.com/services/SECRET": true, "HTTPS://user:SECRET@host": true, "x://SECRET": true, "(https://host/SECRET)": true,
		// A project name may contain a slash.
		"hooks.example.com/services/SECRET": false, "//hooks.example.com/SECRET": false, "/services/SECRET": false,
		"localhost:8080/SECRET": false, "user@host/SECRET": false, "hooks.example.com?token=SECRET": false,
	} {
		for _, field := range []string{"id", "created_at", "updated_at", "kind", "target_url", "target_secret_set", "description",
			"enabled", "events", "project_names_filter", "environment_types_filter", "x_more"} {
			for _, value := range []string{
				fmt.Sprintf("%q", url), fmt.Sprintf("[%q]", url), fmt.Sprintf(`{"x": %q}`, url), fmt.Sprintf(`"see %s and \u003cb/c> or %[1]s"`, url),
				`"` + strings.ReplaceAll(url, "/", `\/`) + `"`,
			} {
				if field == "project_names_filter" && !inName {
					continue
				}
				q := ask(list(fmt.Sprintf(`{%q: %s}`, field, value), hook(id1, fmt.Sprintf(`, %q: %s`, field, value))), "a")
				q.Baseline = list(strings.Replace(q.Webhooks, `"a"`, `"b"`, 1), hook(id2, fmt.Sprintf(`, %q: %s`, field, value)))
				_, text := share(t, q)
				require.NotContains(t, text, "SECRET", "%s: %s", field, value)
			}
		}
		q := ask(hook(id1, ""), "a")
		q.Types = append(q.Types, webhook.EventType(url))
		q.Modes = append(q.Modes, webhook.EnvironmentMode(url))
		q.OrganizationID = url
		if inName {
			q.Names = "a\n" + url + "\n\"b \\u0000 " + strings.ReplaceAll(url, "/", `\/`) + "\"\n  see " + url
		}
		s, text := share(t, q)
		require.NotContains(t, text, "SECRET", url)
		require.True(t, strings.HasPrefix(s.Names, "a"), "other names stay")
	}
	_, text := share(t, ask(`{"target_secret_set": "SECRET"}`, "a"))
	require.NotContains(t, text, "SECRET")

	s, _ := share(t, ask(filtered(id1, `"team/*", "a.b/c"`), "team/a\na.b/c"))
	require.Contains(t, s.Webhooks, `"team/*"`)
	require.Contains(t, s.Webhooks, `"a.b/c"`)
	require.Equal(t, "team/a\na.b/c", s.Names)
	s, _ = share(t, ask(`{"description": "Staging and/or previews?"}`, ""))
	require.Contains(t, s.Webhooks, `"Staging and/or previews?"`)
}

// A link shows the same table, and no target URL.
func TestStateKeepsTheTable(t *testing.T) {
	check(t, 500, func(s session) string {
		q := s[len(s)-1]
		if table(t, new(engine.Engine), q).Broken {
			return ""
		}
		for i := range q.Modes {
			q.Modes[i] = webhook.EnvironmentMode(strings.ToUpper(string(q.Modes[i])))
		}
		shared, text := share(t, q)
		if strings.Contains(text, "SECRET") && !strings.Contains(q.Webhooks+q.Baseline, `"events":"SECRET"`) {
			return text
		}
		linked := q
		linked.Webhooks, linked.Baseline = shared.Webhooks, shared.Baseline
		want, got := table(t, new(engine.Engine), q), table(t, new(engine.Engine), linked)
		if len(want.Webhooks) != len(got.Webhooks) || want.Added != got.Added || want.Removed != got.Removed {
			return text
		}
		for i, w := range want.Webhooks {
			if w.Cells != got.Webhooks[i].Cells || w.State != got.Webhooks[i].State {
				return text
			}
		}
		return ""
	}, func(r *rand.Rand) session { return drawSession(r) })
}
