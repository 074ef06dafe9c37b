package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/webhook"
)

// answer returns the response of e to q. Both are encoded as JSON and decoded again.
func answer(t testing.TB, e *engine.Engine, q engine.Request) engine.Response {
	t.Helper()
	request, err := json.Marshal(q)
	require.NoError(t, err)
	var r engine.Response
	require.NoError(t, json.Unmarshal(e.Answer(request), &r))
	return r
}

// ask returns a request for a table of deployments started in production.
func ask(webhooks, names string) engine.Request {
	return engine.Request{Ask: "table", Webhooks: webhooks, Names: names,
		Types: []webhook.EventType{webhook.DeploymentStarted}, Modes: []webhook.EnvironmentMode{webhook.Production}}
}

// table returns the table that q asks for.
func table(t testing.TB, e *engine.Engine, q engine.Request) *engine.Table {
	t.Helper()
	r := answer(t, e, q)
	require.Empty(t, r.Error)
	require.NotNil(t, r.Table)
	return r.Table
}

const (
	id1 = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	id2 = "7d1e9a54-63c2-4f0b-a1d8-52b7c0e94f13"
	id3 = "1f0c7d8a-5b0e-4c51-9b57-6a1f4f1d2a01"
)

// hook returns the JSON of a webhook with the fields in more. If more has no events, the
// webhook subscribes to DEPLOYMENT_STARTED.
func hook(id, more string) string {
	if !strings.Contains(more, `"events"`) {
		more = `, "events": ["DEPLOYMENT_STARTED"]` + more
	}
	return fmt.Sprintf(`{"id": %q, "created_at": "2023-11-07T05:31:56Z"%s}`, id, more)
}

func list(hooks ...string) string { return `{"results": [` + strings.Join(hooks, ", ") + `]}` }

func filtered(id, entries string) string { return hook(id, `, "project_names_filter": [`+entries+`]`) }

func TestTable(t *testing.T) {
	q := ask(list(
		filtered(id1, `"shop*"`),
		hook(id2, `, "enabled": false, "description": "Old"`),
		hook(id3, `, "events": ["DEPLOYMENT_STARTED", "DEPLOYMENT_FAILURE"], "environment_types_filter": ["PRODUCTION"]`),
	), "Shop-1\n\n  \nbilling\n\"\"\n\" a\\n\"\n")
	q.Types = append(q.Types, webhook.DeploymentFailure)
	q.Modes = append(q.Modes, webhook.Staging)
	got := table(t, new(engine.Engine), q)
	start := func(n int) int { return strings.Index(q.Webhooks, `{"id": "`+[]string{id1, id2, id3}[n]) }
	require.Equal(t, &engine.Table{
		Notes: []engine.Note{},
		Names: []string{"Shop-1", "billing", `""`, `" a\n"`},
		Webhooks: []engine.Column{
			{Label: id1, ID: id1, Start: start(0), Events: 2, Cells: "1000"},
			{Label: "Old", ID: id2, Start: start(1), State: "disabled", Cells: "0000"},
			{Label: id3, ID: id3, Start: start(2), Events: 2, Cells: "1111"},
		},
		Events: 4, Deliveries: 10, Firing: 4,
	}, got)

	q.Types, q.Modes = q.Types[:1], q.Modes[:1]
	require.Equal(t, "2222", table(t, new(engine.Engine), q).Webhooks[2].Cells, "all events fire")
	q.Types = nil
	require.Equal(t, "0000", table(t, new(engine.Engine), q).Webhooks[2].Cells, "no event")
}

// The codes of cells after an edit: 4 is added, 8 is removed.
func TestTableOfAnEdit(t *testing.T) {
	for _, test := range []struct {
		name, before, after string
		want                []string
		added, removed      int
	}{
		{"no edit", filtered(id1, `"a"`), filtered(id1, `"a"`), []string{"20"}, 0, 0},
		{"another entry", filtered(id1, `"a"`), filtered(id1, `"b"`), []string{"86"}, 1, 1},
		{"wider", filtered(id1, `"a"`), filtered(id1, `"?"`), []string{"26"}, 1, 0},
		{"another order", list(filtered(id1, `"a"`), filtered(id2, `"b"`)), list(filtered(id2, `"b"`), filtered(id1, `"a"`)),
			[]string{"02", "20"}, 0, 0},
		{"an added webhook", filtered(id1, `"a"`), list(filtered(id1, `"a"`), filtered(id2, `"b"`)), []string{"20", "06"}, 1, 0},
		{"a removed webhook", list(filtered(id1, `"a"`), filtered(id2, `"b"`)), list(filtered(id1, `"a"`)), []string{"20", "08"}, 0, 1},
		{"without ids, by position", list(`{"events":["DEPLOYMENT_STARTED"]}`, `{"events":[]}`), list(`{"events":[]}`, `{"events":["DEPLOYMENT_STARTED"]}`),
			[]string{"88", "66"}, 2, 2},
		{"an id that is being edited", filtered(id1, `"a"`), filtered(id1[:35], `"a"`), []string{"80"}, 0, 1},
		{"a duplicate id", list(filtered(id1, `"a"`)), list(filtered(id1, `"a"`), filtered(id1, `"b"`)), []string{"00", "86"}, 1, 1},
		{"a duplicate id before", list(filtered(id1, `"b"`), filtered(id1, `"a"`)), list(filtered(id1, `"a"`)), []string{"20", "00"}, 0, 0},
		{"a duplicate id before and after", list(filtered(id1, `"b"`), filtered(id1, `"a"`)), list(filtered(id2, `"b"`), filtered(id1, `"b"`), filtered(id1, `"?"`)),
			[]string{"06", "00", "26"}, 2, 0},
		{"invalid after", filtered(id1, `"a"`), filtered(id1, `"a", ""`), []string{"80"}, 0, 1},
		{"a baseline that cannot be read", `{"results": [`, filtered(id1, `"a"`), []string{"20"}, 0, 0},
		{"no baseline", "", filtered(id1, `"a"`), []string{"20"}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := ask(test.after, "a\nb")
			q.Baseline = test.before
			got := table(t, new(engine.Engine), q)
			var cells []string
			for _, w := range got.Webhooks {
				cells = append(cells, w.Cells)
			}
			require.Equal(t, test.want, cells)
			require.Equal(t, test.added, got.Added)
			require.Equal(t, test.removed, got.Removed)
		})
	}
}

// A cell of several events can lose one and gain another.
func TestTableOfAnEditOfEvents(t *testing.T) {
	q := ask(hook(id1, `, "events": ["DEPLOYMENT_STARTED"]`), "a")
	q.Baseline = strings.Replace(q.Webhooks, `["DEPLOYMENT_STARTED"]`, `["DEPLOYMENT_FAILURE"]`, -1)
	q.Types = append(q.Types, webhook.DeploymentFailure)
	got := table(t, new(engine.Engine), q)
	require.Equal(t, string(rune('0'+1+4+8)), got.Webhooks[0].Cells)
	require.Equal(t, [2]int{1, 1}, [2]int{got.Added, got.Removed})
	require.True(t, got.Compared)

	r := answer(t, new(engine.Engine), engine.Request{Ask: "explanation", Webhooks: q.Webhooks, Baseline: q.Baseline, Names: q.Names, Types: q.Types, Modes: q.Modes})
	require.Equal(t, []string{"DEPLOYMENT_STARTED in PRODUCTION"}, r.Explanation.Fires)
	require.Equal(t, []string{"DEPLOYMENT_FAILURE in PRODUCTION"}, r.Explanation.Before)
}

// marked is an expected note; text is the part of the document that it marks.
type marked struct{ kind, code, field, text, message string }

func marks(text string, notes []engine.Note) (all []marked) {
	units := utf16.Encode([]rune(text))
	for _, n := range notes {
		all = append(all, marked{n.Kind, n.Code, n.Field, string(utf16.Decode(units[n.Start:n.End])), n.Message})
	}
	return all
}

// request returns a create request.
func request(description string) string {
	return `{"description": "` + description + `", "events": ["DEPLOYMENT_FAILURE"]}`
}

var notCreated = marked{"warning", "request", "", "{", "not created yet: it has no id and no created_at"}

func TestNotes(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []marked
	}{
		{"empty", "  ", nil},
		{"valid", "\ufeff" + list(hook(id1, ""), hook(id2, "")), nil},
		{"unreadable", list(hook(id1, ""), `{"id": "`+id2+`", "enabled": 1, "events": ["A", 5]}`), []marked{
			{"error", "unreadable", "enabled", "1", "want true or false, got the number 1"},
			{"error", "unreadable", "events[1]", "5", "want a string, got the number 5"}}},
		{"elements that are not webhooks", list(`17`, `null`), []marked{
			{"error", "unreadable", "webhook", "17", "want an object, got the number 17"},
			{"error", "unreadable", "webhook", "null", "want an object, got null"}}},
		{"invalid, after characters of every length", hook(id1, `, "description": "é日𝄞", "project_names_filter": ["a", ""]`), []marked{
			{"error", "invalid", "project_names_filter[1]", `""`, "empty"}}},
		{"not as documented", hook(id1, `, "kind": "SLAK", "events": ["DEPLOYMENT_FAILED"]`), []marked{
			{"warning", "validation", "kind", `"SLAK"`, `unknown value, did you mean SLACK?`},
			{"finding", "unknown-value", "events[0]", `"DEPLOYMENT_FAILED"`, `unknown value, did you mean DEPLOYMENT_FAILURE?`}}},
		{"no id, at the brace", ` {"created_at": "2023-11-07T05:31:56Z", "events": ["DEPLOYMENT_STARTED"]}`, []marked{{"warning", "validation", "id", "{", "required"}}},
		{"a create request", ` {"events": ["DEPLOYMENT_STARTED"], "target_secret": "s3cret"}`, []marked{notCreated}},
		{"create requests with the same description", "[" + request("a") + "," + request("b") + "," + request("a") + "]", []marked{
			notCreated, {"error", "duplicate-description", "description", `"a"`, "duplicate of results[2]"},
			notCreated, notCreated, {"error", "duplicate-description", "description", `"a"`, "duplicate of results[0]"}}},
		{"the CLI's list", "[" + strings.Replace(hook(id1, ""), "2023-11-07T05:31:56Z", "2023-11-07 05:31:56 +0000 UTC", 1) + "]", nil},
		{"the CLI's list of no webhooks", " null\n", nil},
		{"a duplicate id", list(hook(id1, ""), hook(id1, "")), []marked{
			{"error", "duplicate-id", "id", `"` + id1 + `"`, "duplicate of results[1], which replaces it"}}},
		{"findings", filtered(id1, `"a-*", "a*"`), []marked{
			{"finding", "shadowed-entry", "project_names_filter[0]", `"a-*"`, `every name that it matches is also matched by project_names_filter[1] "a*"`}}},
		{"a repeated member", `{"events": ["A", 5], "x": 1, "x": 2, "events" : [7], "events": []}`, []marked{
			{"error", "unreadable", "events[1]", "5", "want a string, got the number 5"},
			{"error", "unreadable", "events", `"events"`, "duplicate member"}}},
		{"a repeated name with an escape", `{"kind": null, "\u006bind": "SLACK"}`, []marked{
			{"error", "unreadable", "kind", `"\u006bind"`, "duplicate member"}}},
		{"names in another case", `{"ID": "` + id1 + `", "Events": [5], "\u212aind": 1, "events": ["A"], "eVents": 5, "Events": 1}`, []marked{
			{"error", "unreadable", "id", `"ID"`, "misspelled: member names are case-sensitive"},
			{"error", "unreadable", "events", `"Events"`, "misspelled: member names are case-sensitive"},
			{"error", "unreadable", "kind", `"\u212aind"`, "misspelled: member names are case-sensitive"},
			{"error", "unreadable", "events", `"eVents"`, "misspelled: member names are case-sensitive"},
			{"error", "unreadable", "events", `"Events"`, "misspelled: member names are case-sensitive"}}},
		{"unknown members with names like fields", filtered(id1, `"a", ""`)[:1] + `"events[0]": 1, "project_names_filter[1]": 2, "": 3, ` + filtered(id1, `"a", ""`)[1:], []marked{
			{"error", "invalid", "project_names_filter[1]", `""`, "empty"}}},
		{"an invalid target URL", hook(id1, `, "target_url": "ftp://host/secret"`), []marked{
			{"warning", "validation", "target_url", `"ftp://host/secret"`, `not an absolute http:// or https:// URL with a host`}}},

		{"a trailing comma", `{"events": ["A",]}`, []marked{{"error", "syntax", "", "]", "unexpected comma before ]"}}},
		{"a missing comma", `{"id": "a" "kind": "b"}`, []marked{{"error", "syntax", "", `"`, `want ',' or '}', got '"'`}}},
		{"other quotes", "{“id”: 1}", []marked{{"error", "syntax", "", "“", "“ is not a quote in JSON"}}},
		{"truncated", `{"id": "a`, []marked{{"error", "syntax", "", "a", "unexpected end of the text"}}},
		{"a list of a number", ` [1]`, []marked{{"error", "unreadable", "webhook", "1", `want an object, got the number 1`}}},
		{"a string", ` "a"`, []marked{{"error", "form", "", `"a"`, `want a webhook, {"id": …}, or a list of webhooks, {"results": […]} or […]; got a string`}}},
		{"HTML", "\n<!doctype html>", []marked{{"error", "form", "", "<", "HTML, not JSON: check the URL and the token, and repeat the call, with curl --fail"}}},
		{"an error body", ` {"status": 401, "message": ""}`, []marked{{"error", "form", "", "{",
			"want a webhook, got an error response, status 401: check the URL and the token, and repeat the call, with curl --fail"}}},
		{"projects", ` {"results": [{"id": "", "name": "shop", "organization": {}}]}`, []marked{{"error", "form", "", "{", "want a webhook, got a project"}}},
		{"results of another type", `{"results": {}}`, []marked{{"error", "form", "results", "{", "want a list of webhooks, got an object"}}},
		{"results twice", `{"results": [], "results": []}`, []marked{{"error", "form", "results", `"results"`, "duplicate member"}}},
		{"results in another case", `{"id": 1, "Results": []}`, []marked{{"error", "form", "results", `"Results"`, "misspelled: member names are case-sensitive"}}},
		{"a byte order mark alone", "\ufeff", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := table(t, new(engine.Engine), ask(test.text, "a"))
			require.Equal(t, test.want, marks(test.text, got.Notes))
			broken := len(test.want) == 1 && (test.want[0].code == "syntax" || test.want[0].code == "form")
			require.Equal(t, broken, got.Broken)
			for _, n := range got.Notes {
				require.Equal(t, broken, n.Webhook == -1)
			}
		})
	}
}

func TestNotesSayLineAndColumn(t *testing.T) {
	text := "{\n  \"description\": \"日𝄞\", \"project_names_filter\": [\n    \"\"]}"
	notes := table(t, new(engine.Engine), ask(text, "")).Notes
	require.Len(t, notes, 2, "not created yet, and the entry")
	require.Equal(t, [2]int{1, 1}, [2]int{notes[0].Line, notes[0].Column})
	require.Equal(t, [2]int{3, 5}, [2]int{notes[1].Line, notes[1].Column})
	text = `{"日𝄞": "", "project_names_filter": [""]}`
	notes = table(t, new(engine.Engine), ask(text, "")).Notes
	require.Equal(t, 37, notes[len(notes)-1].Column, "characters, not bytes")
}

// The advice on a syntax error says what was probably meant.
func TestAdviceOnSyntax(t *testing.T) {
	for text, want := range map[string]string{
		`{"a": 1,}`:         "Remove the comma.",
		`{"a": [1 2]}`:      "Is a comma missing before it?",
		`{"a": 1 "b": 2}`:   "Is a comma missing before it?",
		`{"a" 1}`:           "Is a colon missing before it?",
		`{'a': 1}`:          `Use " around names and values.`,
		`{a: 1}`:            `A field's name is written in double quotes: "events".`,
		`{"a": DEPLOYMENT}`: "A string is written in double quotes; otherwise only numbers, true, false, null, [ ] and { } are values.",
		"{\"a\": \"b\n\"}":  `Is the " at the end of the string missing? A line break in a string is written \n.`,
		`{"a": "\d"}`:       `A backslash in a string is written \\.`,
		`{"a": [1`:          "Was it copied completely? A bracket, a brace or a quote is not closed.",
		`{"a": 1} {"a": 1}`: `Several webhooks are written as {"results": [{…}, {…}]}.`,
		`{"a": tru}`:        "A string is written in double quotes; otherwise only numbers, true, false, null, [ ] and { } are values.",
		deep("["):           "Was it copied correctly? In a webhook, nothing is nested deeper than a list in an object.",
	} {
		notes := table(t, new(engine.Engine), ask(text, "")).Notes
		require.Len(t, notes, 1, text)
		require.Equal(t, want, notes[0].Advice, text)
	}
}

// deep returns open nested in itself, too deep for a recursive parser.
func deep(open string) string { return strings.Repeat(open, 100_000) }

// A text that is nested too deep anywhere has one note, at that position.
func TestDeepNesting(t *testing.T) {
	for _, test := range []struct{ name, before, open, after string }{
		{"lists", "", "[", ""},
		{"objects", "", `{"a":`, ""},
		{"both", " ", `[{"a": `, ""},
		{"closed", "", "[", strings.Repeat("]", 100_000)},
		{"in an unknown member", `{"id": "é𝄞", "x":`, "[", "}"},
		{"in a known member", `{"events":`, "[", "}"},
		{"in a list of webhooks", `{"results": [` + hook(id1, "") + `, `, `{"events":`, "]}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := test.before + deep(test.open) + test.after
			e := new(engine.Engine)
			got := table(t, e, ask(text, "a"))
			require.True(t, got.Broken)
			require.Empty(t, got.Webhooks)
			require.Len(t, got.Notes, 1)
			n := got.Notes[0]
			require.Equal(t, "lists and objects nested deeper than 1000 levels", n.Message)
			opened := text[:len(string(utf16.Decode(utf16.Encode([]rune(text))[:n.Start])))]
			require.Equal(t, 1000, strings.Count(opened, "[")+strings.Count(opened, "{")-strings.Count(opened, "]")-strings.Count(opened, "}"))
			require.Contains(t, "[{", text[len(opened):len(opened)+1])

			q := ask(hook(id1, ""), "a")
			q.Baseline = text
			got = table(t, e, q)
			require.False(t, got.Compared)
			require.Equal(t, "2", got.Webhooks[0].Cells)
		})
	}
	require.Equal(t, "2", table(t, new(engine.Engine), ask(hook(id1, `, "x": `+strings.Repeat("[", 999)+strings.Repeat("]", 999)), "a")).Webhooks[0].Cells)
}

// If several webhooks have the same id, the last one counts, valid or not.
func TestDuplicates(t *testing.T) {
	for _, test := range []struct{ name, text, states, cells string }{
		{"two", list(hook(id1, ""), hook(id1, "")), "duplicate,", "02"},
		{"three, and another webhook", list(filtered(id1, `"b"`), hook(id2, ""), hook(id1, ""), filtered(id1, `"a"`)), "duplicate,,duplicate,", "0202"},
		{"the last is invalid", list(hook(id1, ""), filtered(id1, `""`)), "duplicate,invalid", "00"},
		{"the last is unreadable", list(hook(id1, ""), hook(id1, `, "enabled": 5`)), "duplicate,unreadable", "00"},
		{"the last is disabled", list(hook(id1, ""), hook(id1, `, "enabled": false`)), "duplicate,disabled", "00"},
		{"the first is invalid", list(filtered(id1, `""`), hook(id1, "")), "duplicate,", "02"},
		{"the first is unreadable", list(hook(id1, `, "enabled": 5`), hook(strings.ToUpper(id1), "")), "duplicate,", "02"},
		{"a repeated id", list(hook(id1, ""), hook(id1, `, "id": "`+id1+`"`)), "duplicate,unreadable", "00"},
		{"two ids", list(hook(id1, ""), hook(id1, `, "id": "`+id2+`"`)), ",unreadable", "20"},
		{"a misspelled id", list(hook(id1, ""), `{"Id": "`+id1+`"}`), ",unreadable", "20"},
		{"an id and a misspelled one", list(hook(id1, ""), hook(id1, `, "Id": "`+id2+`"`), hook(id2, "")), "duplicate,unreadable,", "002"},
		{"no id", list(`{"events": ["DEPLOYMENT_STARTED"]}`, `{"events": ["DEPLOYMENT_STARTED"]}`), ",", "22"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := table(t, new(engine.Engine), ask(test.text, "a"))
			var states []string
			cells := ""
			for _, w := range got.Webhooks {
				states = append(states, w.State)
				cells += w.Cells
			}
			require.Equal(t, test.states, strings.Join(states, ","))
			require.Equal(t, test.cells, cells)
			require.Equal(t, strings.Count(cells, "2"), got.Deliveries)
		})
	}
}

// A webhook is no longer a duplicate after the later webhook with its id is removed.
func TestDuplicatesDoNotStay(t *testing.T) {
	e := new(engine.Engine)
	one, other := filtered(id1, `"a", ""`), hook(id1, "")
	for range 2 {
		for _, test := range []struct{ text, states, codes string }{
			{list(one), "invalid", "invalid"},
			{list(one, one), "duplicate,invalid", "duplicate-id,invalid,invalid"},
			{list(one, other, one), "duplicate,duplicate,invalid", "duplicate-id,invalid,duplicate-id,invalid"},
			{list(one, one, other), "duplicate,duplicate,", "duplicate-id,invalid,duplicate-id,invalid"},
			{list(other, one), "duplicate,invalid", "duplicate-id,invalid"},
			{list(other), "", ""},
		} {
			got := table(t, e, ask(test.text, "a"))
			var states, codes []string
			for _, w := range got.Webhooks {
				states = append(states, w.State)
			}
			for _, n := range got.Notes {
				codes = append(codes, n.Code)
			}
			require.Equal(t, test.states, strings.Join(states, ","))
			require.Equal(t, test.codes, strings.Join(codes, ","))
		}
	}
}

func TestInvalidRequests(t *testing.T) {
	e := new(engine.Engine)
	require.JSONEq(t, `{"error": "ask: unknown value \"x\": want table, changes, explanation, expectations, state or existing"}`, string(e.Answer([]byte(`{"ask": "x"}`))))
	var r engine.Response
	require.NoError(t, json.Unmarshal(e.Answer([]byte(`{`)), &r))
	require.NotEmpty(t, r.Error)
}
