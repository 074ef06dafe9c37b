package engine_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// check tests a property, which returns an error message or "". A failure prints the
// seed.
func check[T any](t *testing.T, tests int, property func(T) string, draw func(*rand.Rand) T) {
	t.Helper()
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = tests
	properties := gopter.NewProperties(parameters)
	properties.Property(t.Name(), prop.ForAll(property, func(p *gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(draw(p.Rng), gopter.NoShrinker)
	}))
	properties.TestingRun(t)
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.Intn(len(from))] }

// some returns a slice of random length, up to most, whose elements are picked from the given strings.
func some(r *rand.Rand, most int, from ...string) []string {
	all := make([]string, r.Intn(most+1))
	for i := range all {
		all[i] = pick(r, from...)
	}
	return all
}

var (
	drawnTypes = []string{"DEPLOYMENT_STARTED", "DEPLOYMENT_FAILURE", "DEPLOYMENT_SUCCESSFUL", "NEW"}
	drawnModes = []string{"PRODUCTION", "STAGING", "NEW"}
	drawnNames = []string{"a", "A", "b", "ab", "aab", "ba", "k", "\u212a", "ß", "日", "[a]", "a*", "?", "", " a", "a\nb"}
)

// drawHook returns the JSON of a webhook: with and without each field, enabled and
// disabled, one in ten invalid and some unreadable.
func drawHook(r *rand.Rand) string {
	w := make(map[string]any)
	put := func(field string, value any) {
		if r.Intn(8) > 0 {
			w[field] = value
		}
	}
	put("id", fmt.Sprintf("3c90c3cc-0d44-4b50-8888-00000000000%d", r.Intn(6)))
	put("created_at", "2023-11-07T05:31:56Z")
	put("target_url", "https://hooks.example.com/SECRET")
	put("description", pick(r, "a", "b", "", "see https://hooks.example.com/SECRET"))
	put("enabled", r.Intn(6) > 0)
	put("events", some(r, 4, drawnTypes...))
	put("project_names_filter", some(r, 3, "a", "a*", "*b", "?", "A?", "*a*", "k", "ß*", "[*", "*", "a*b"))
	put("environment_types_filter", some(r, 2, drawnModes...))
	switch r.Intn(20) {
	case 0, 1:
		w["project_names_filter"] = []string{"*", ""}
	case 2:
		w["events"] = "SECRET"
	case 3:
		w["created_at"] = 5
	}
	data, err := json.Marshal(w)
	if err != nil {
		panic(err)
	}
	if r.Intn(20) == 0 { // a repeated or misspelled member
		data = append(append([]byte{'{'}, pick(r, `"events":["DEPLOYMENT_STARTED"],`, `"Events":[],`, `"ID":5,`, `"id":"3c90c3cc-0d44-4b50-8888-000000000001",`,
			`"target_url":"https://hooks.example.com/SECRET",`, `"Target_url":"SECRET",`, `"\u0063reated_at":5,`)...), data[1:]...)
		data = bytes.Replace(data, []byte(",}"), []byte("}"), 1)
	}
	return string(data)
}

// session is a sequence of requests, as a user makes them.
type session []engine.Request

func drawSession(r *rand.Rand) (s session) {
	hooks := make([]string, 1+r.Intn(4))
	for i := range hooks {
		hooks[i] = drawHook(r)
	}
	names := some(r, 6, drawnNames...)
	q := engine.Request{Ask: "table", Types: []webhook.EventType{webhook.DeploymentStarted}, Modes: []webhook.EnvironmentMode{webhook.Production}}
	for range 6 {
		switch i := r.Intn(len(hooks)); r.Intn(10) {
		case 0, 1:
			hooks[i] = drawHook(r)
		case 2:
			hooks = slices.Insert(hooks, i, drawHook(r))
		case 3:
			if len(hooks) > 1 {
				hooks = slices.Delete(hooks, i, i+1)
			}
		case 4:
			names = slices.Insert(names, r.Intn(len(names)+1), pick(r, drawnNames...))
		case 5:
			if len(names) > 0 {
				n := r.Intn(len(names))
				names = slices.Delete(names, n, n+1)
			}
		case 6:
			q.Baseline = q.Webhooks
		case 7:
			if len(names) > 0 {
				names = slices.Clone(names)
				names[r.Intn(len(names))] = pick(r, drawnNames...)
			}
		case 8:
			q.Types, q.Modes = nil, nil
			for _, t := range some(r, 3, drawnTypes...) {
				q.Types = append(q.Types, webhook.EventType(t))
			}
			for _, m := range some(r, 3, drawnModes...) {
				q.Modes = append(q.Modes, webhook.EnvironmentMode(m))
			}
		case 9:
			if r.Intn(4) == 0 {
				hooks[i] = `{"x": ` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}"
			}
		}
		q.Webhooks = list(hooks...)
		var lines []string
		for _, name := range names {
			quoted, _ := json.Marshal(name)
			lines = append(lines, string(quoted))
		}
		q.Names = strings.Join(lines, "\n")
		s = append(s, q)
	}
	return s
}

// idOf returns the id that DecodeList reads from an element of a list.
func idOf(raw json.RawMessage) uuid.UUID {
	webhooks, problems, err := webhook.DecodeList(strings.NewReader(list(string(raw))))
	switch {
	case err != nil:
		panic(err)
	case len(webhooks) > 0:
		return webhooks[0].ID
	}
	return problems[0].WebhookID
}

// fires returns the result of Filter.Match for each webhook of a text, in order. If several
// webhooks have the same id, the earlier ones do not match. It returns nil if the text is not
// a list.
func fires(text string, e webhook.Event) (all []bool) {
	if _, _, err := webhook.DecodeList(strings.NewReader(text)); err != nil {
		return nil
	}
	var list struct{ Results []json.RawMessage }
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		panic(err)
	}
	last := make(map[uuid.UUID]int)
	for i, raw := range list.Results {
		last[idOf(raw)] = i
	}
	for i, raw := range list.Results {
		var w webhook.Webhook
		f := new(filter.Filter)
		if id := idOf(raw); (id == uuid.Nil || last[id] == i) && json.Unmarshal(raw, &w) == nil {
			if compiled, err := filter.Compile(&w); err == nil {
				f = compiled
			}
		}
		all = append(all, f.Match(e))
	}
	return all
}

// The table agrees with Filter.Match after any sequence of requests.
func TestTableAgreesWithMatch(t *testing.T) {
	var hits, misses int
	check(t, 300, func(s session) string {
		e := new(engine.Engine)
		for step, q := range s {
			got := table(t, e, q)
			if broken := fires(q.Webhooks, webhook.Event{}) == nil; broken != got.Broken {
				return fmt.Sprintf("step %d: broken is %t: %s", step, got.Broken, q.Webhooks)
			}
			deliveries, firing := 0, 0
			for n, name := range engine.Names(q.Names) {
				want := make([]int, len(got.Webhooks))
				for _, typ := range q.Types {
					for _, m := range q.Modes {
						for i, f := range fires(q.Webhooks, webhook.Event{Type: typ, ProjectName: name, EnvironmentMode: m}) {
							if f {
								want[i]++
							}
						}
					}
				}
				fired := false
				for i, w := range got.Webhooks {
					verdict := 0
					if want[i] > 0 {
						verdict = 1
						if want[i] == got.Events {
							verdict = 2
						}
					}
					if int(w.Cells[n]-'0')&3 != verdict {
						return fmt.Sprintf("step %d, webhook %d, name %q: %s, want %d in %+v", step, i, name, w.Cells, verdict, q)
					}
					deliveries += want[i]
					fired = fired || want[i] > 0
					if want[i] > 0 {
						hits++
					} else {
						misses++
					}
				}
				if fired {
					firing++
				}
			}
			if deliveries != got.Deliveries || firing != got.Firing {
				return fmt.Sprintf("step %d: %d deliveries of %d names, want %d of %d", step, got.Deliveries, got.Firing, deliveries, firing)
			}
		}
		return ""
	}, drawSession)
	require.Greater(t, 20*min(hits, misses), hits+misses, "verdicts of both kinds: %d and %d", hits, misses)
}

// An edit adds and removes the difference between the tables of both texts, webhook by
// webhook; here every webhook has a distinct id.
func TestEditIsDifferenceOfTables(t *testing.T) {
	type edit struct{ before, after, names string }
	changed := 0
	check(t, 300, func(x edit) string {
		q := ask(x.after, x.names)
		q.Types, q.Modes = append(q.Types, webhook.DeploymentFailure), append(q.Modes, webhook.Staging)
		q.Baseline = x.before
		got := table(t, new(engine.Engine), q)
		added, removed := 0, 0
		for _, name := range engine.Names(x.names) {
			for _, typ := range q.Types {
				for _, m := range q.Modes {
					e := webhook.Event{Type: typ, ProjectName: name, EnvironmentMode: m}
					for i, now := range fires(x.after, e) {
						switch before := fires(x.before, e)[i]; {
						case now && !before:
							added++
						case before && !now:
							removed++
						}
					}
				}
			}
		}
		if added+removed > 0 {
			changed++
		}
		if got.Added != added || got.Removed != removed {
			return fmt.Sprintf("%d added and %d removed, want %d and %d: %+v", got.Added, got.Removed, added, removed, x)
		}
		return ""
	}, func(r *rand.Rand) edit {
		draw := func() string {
			var hooks []string
			for i := range 3 {
				h := strings.ReplaceAll(drawHook(r), `"id":`, `"x_id":`)
				hooks = append(hooks, strings.Replace(h, `{`, fmt.Sprintf(`{"id":"3c90c3cc-0d44-4b50-8888-00000000001%d",`, i), 1))
			}
			return list(hooks...)
		}
		quoted := make([]string, 4)
		for i := range quoted {
			data, _ := json.Marshal(pick(r, drawnNames...))
			quoted[i] = string(data)
		}
		return edit{draw(), draw(), strings.Join(quoted, "\n")}
	})
	require.Greater(t, changed, 100)
}

// The page reports the same duplicates as DecodeList.
func TestDuplicatesAgreeWithDecodeList(t *testing.T) {
	found := 0
	check(t, 300, func(s session) string {
		e := new(engine.Engine)
		for _, q := range s {
			_, problems, err := webhook.DecodeList(strings.NewReader(q.Webhooks))
			if err != nil {
				continue
			}
			want, got := make(map[string]string), make(map[string]string)
			for _, p := range problems {
				if errors.Is(p.Err, webhook.ErrDuplicate) && strings.Contains(p.Err.Error(), "results[") {
					want[p.Field] = p.Err.Error() + ", which replaces it"
				}
			}
			shown := table(t, e, q)
			for _, n := range shown.Notes {
				if n.Code == "duplicate-id" && shown.Webhooks[n.Webhook].State == "duplicate" {
					got[fmt.Sprintf("results[%d].%s", n.Webhook, n.Field)] = n.Message
				}
			}
			if !maps.Equal(want, got) {
				return fmt.Sprintf("%v, want %v: %s", got, want, q.Webhooks)
			}
			found += len(got)
		}
		return ""
	}, drawSession)
	require.Greater(t, found, 300)
}

// Each problem is marked at its member: at the name if that is misspelled or repeated,
// otherwise at the value.
func TestProblemsAreMarkedAtTheirMembers(t *testing.T) {
	type drawn struct {
		text string
		want []string // each problem with its range of bytes, which are characters here
	}
	check(t, 2000, func(d drawn) string {
		var got []string
		for _, n := range table(t, new(engine.Engine), ask(d.text, "")).Notes {
			if n.Code == "unreadable" {
				got = append(got, fmt.Sprintf("%s %d-%d", n.Field, n.Start, n.End))
			}
		}
		if !slices.Equal(d.want, got) {
			return fmt.Sprintf("%q, want %q: %s", got, d.want, d.text)
		}
		return ""
	}, func(r *rand.Rand) (d drawn) {
		d.text = pick(r, "{", " { ", "\n{\t")
		seen := make(map[string]int)
		for i := range r.Intn(8) {
			if i > 0 {
				d.text += pick(r, ",", " , ")
			}
			field := pick(r, "id", "kind", "enabled", "events")
			name := pick(r, field, field, strings.ToUpper(field), strings.ToUpper(field[:1])+field[1:], "x_"+field)
			value := pick(r, "{}", "[5,7]", "7", `"x\"]"`, "null")
			nameAt := len(d.text)
			d.text += `"` + name + `"`
			problem := func(field string, at, length int) {
				d.want = append(d.want, fmt.Sprintf("%s %d-%d", field, at, at+length))
			}
			if name == field {
				seen[field]++
			}
			second := name == field && seen[field] == 2
			if second || name != field && name != "x_"+field {
				problem(field, nameAt, len(name)+2)
			}
			d.text += pick(r, ":", " : ", ":\n")
			if name == field && seen[field] == 1 {
				switch at := len(d.text); {
				case field == "events" && value[0] == '[':
					problem("events[0]", at+1, 1)
					problem("events[1]", at+3, 1)
				case value != "null" && (field != "kind" || value[0] != '"'):
					problem(field, at, len(value))
				}
			}
			d.text += value
		}
		d.text += pick(r, "}", " } ")
		return d
	})
}
