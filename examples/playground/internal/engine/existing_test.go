package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/webhook"
)

// uuidOf returns the n-th id of some kind.
func uuidOf(kind string, n int) string { return fmt.Sprintf("%s-0000-4000-8000-%012d", kind, n) }

// project returns the JSON of the n-th project.
func project(n int, name string) string {
	return fmt.Sprintf(`{"id": %q, "name": %s, "organization": {"id": %q}}`, uuidOf("aaaaaaaa", n), quoted(name), id3)
}

// environment returns the JSON of the n-th environment, which belongs to the m-th project.
func environment(n, m int, mode string) string {
	return fmt.Sprintf(`{"id": %q, "name": "live", "mode": %s, "project": {"id": %q}, "organization": {"id": %q}}`,
		uuidOf("bbbbbbbb", n), quoted(mode), uuidOf("aaaaaaaa", m), id3)
}

func quoted(s string) string {
	data, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func existing(t testing.TB, projects, environments string) *engine.Existing {
	t.Helper()
	r := answer(t, new(engine.Engine), engine.Request{Ask: "existing", Projects: projects, Environments: environments})
	require.Empty(t, r.Error)
	return r.Existing
}

func TestExisting(t *testing.T) {
	projects := list(project(1, "shop"), project(2, "a\nb"), project(3, "api"))
	environments := list(environment(1, 1, "STAGING"), environment(2, 1, "PRODUCTION"), environment(3, 1, "STAGING"), environment(4, 2, "NEW"), environment(5, 9, "STAGING"))
	pairs := []engine.Offer{{`"a\nb" in NEW`, `"a\nb"`, "NEW"}, {"shop in PRODUCTION", "shop", "PRODUCTION"}, {"shop in STAGING", "shop", "STAGING"}}
	names := []engine.Offer{{`"a\nb"`, `"a\nb"`, ""}, {"api", "api", ""}, {"shop", "shop", ""}}
	bare := func(text string) string { return strings.TrimSuffix(strings.TrimPrefix(text, `{"results": `), "}") }
	for _, test := range []struct {
		name, projects, environments string
		counts                       [3]int // of projects, environments and orphans
		offers                       []engine.Offer
	}{
		{"nothing", " \n", "", [3]int{}, []engine.Offer{}},
		{"both", projects, environments, [3]int{3, 5, 1}, pairs},
		{"lists without an object, after a byte order mark", "\ufeff" + bare(projects), "\n" + bare(environments), [3]int{3, 5, 1}, pairs},
		{"projects alone", projects, "", [3]int{3, 0, 0}, names},
		{"environments alone", "", environments, [3]int{0, 5, 0}, []engine.Offer{}},
		{"no environments", projects, "null", [3]int{3, 0, 0}, []engine.Offer{}},
		{"unreadable environments", projects, environments[:40], [3]int{3, 0, 0}, names},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := existing(t, test.projects, test.environments)
			require.Equal(t, test.counts, [3]int{got.Projects.Count, got.Environments.Count, got.Orphans})
			require.Equal(t, test.offers, got.Offers)
			for _, offer := range got.Offers {
				require.Len(t, engine.Names(offer.Line), 1)
			}
		})
	}
}

// If a text is not a list of projects, or an element is not a project, the note says what it is. The
// valid elements are used.
func TestNotesOfExisting(t *testing.T) {
	const repeat = ": check the URL and the token, and repeat the call, with curl --fail"
	for _, test := range []struct {
		name, text  string
		count, line int
		marked      string
		message     string
	}{
		{"an invalid element", "[" + project(1, "é𝄞") + ",\n 17,\n" + project(2, "b") + "]", 2, 2, "1", "[1]: want an object, got the number 17"},
		{"a name of another type", `[{"id": "` + id1 + `", "name": 5, "organization": {"id": "` + id3 + `"}}]`, 0, 1, "5", "[0].name: want a string, got the number 5"},
		{"a webhook", list("\n" + hook(id1, "")), 0, 2, "{", "results[0]: want a project, got a webhook"},
		{"an environment", list(environment(1, 1, "STAGING")), 0, 1, "{", "results[0]: want a project, got an environment"},
		{"a single project", "\n " + project(1, "a"), 0, 2, "{", "want a list, got a project"},
		{"an error body", `{"status": 401, "message": "s3cret"}`, 0, 1, "{", "want a list, got an error response, status 401" + repeat},
		{"HTML", "\n\n<html>", 0, 3, "<", "HTML, not JSON" + repeat},
		{"HTML after a byte order mark", "\ufeff<html>", 0, 1, "<", "HTML, not JSON" + repeat},
		{"a truncated text", "[\n" + project(1, "a"), 0, 2, "}", "not JSON: unexpected end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := existing(t, test.text, "").Projects
			require.Equal(t, test.count, got.Count)
			require.Equal(t, []marked{{"error", "existing", "", test.marked, test.message}}, marks(test.text, got.Notes))
			require.Equal(t, test.line, got.Notes[0].Line)
		})
	}
	require.Equal(t, "results[0]: want an environment, got a project", existing(t, "", list(project(1, "a"))).Environments.Notes[0].Message)

	many := existing(t, "["+repeated("17", 1500)+"]", "").Projects
	require.Len(t, many.Notes, webhook.MaxFieldErrors)
	require.Equal(t, "1400 more elements have problems", many.More)
}

// With the projects and environments, a name has only the events of its project's environments.
// A name that no project has keeps all events.
func TestTableOfExistingPairs(t *testing.T) {
	q := ask(list(hook(id1, `, "environment_types_filter": ["PRODUCTION"]`), filtered(id2, `"shop"`)), "shop\napi\nbare\nShop")
	q.Modes = append(q.Modes, webhook.Staging)
	cells := func() (cells []string) {
		for _, w := range table(t, new(engine.Engine), q).Webhooks {
			cells = append(cells, w.Cells)
		}
		return cells
	}
	require.Equal(t, []string{"1111", "2002"}, cells())
	require.Zero(t, table(t, new(engine.Engine), q).Unknown)

	q.Projects = list(project(1, "shop"), project(2, "api"), project(3, "bare"))
	require.Equal(t, []string{"1111", "2002"}, cells(), "the modes are not known")
	require.Equal(t, 1, table(t, new(engine.Engine), q).Unknown)

	q.Environments = list(environment(1, 1, "PRODUCTION"), environment(2, 2, "STAGING"), environment(3, 2, "DEVELOPMENT"))
	require.Equal(t, []string{"2031", "2032"}, cells())
	got := table(t, new(engine.Engine), q)
	require.Equal(t, [4]int{5, 2, 1, 1}, [4]int{got.Deliveries, got.Firing, got.Unknown, got.Absent})

	x := explain(t, q, 0, 0)
	require.Equal(t, []string{"DEPLOYMENT_STARTED in PRODUCTION"}, x.Fires)
	require.Equal(t, 1, x.Events)
	require.Empty(t, x.Project)
	require.Equal(t, "absent", explain(t, q, 0, 2).Project)
	require.Zero(t, explain(t, q, 0, 2).Events)
	require.Equal(t, "unknown", explain(t, q, 0, 3).Project)
	require.Equal(t, 2, explain(t, q, 0, 3).Events)

	q.OrganizationID = id3
	text := expectations(t, q).Text
	require.Equal(t, 4, strings.Count(text, "must_fire"), text)
	require.NotContains(t, text, "bare")
	q.Names = "bare"
	require.Equal(t, "no events: the projects have no environment in the chosen modes", expectations(t, q).Error)

	q.Types = nil
	require.Equal(t, []string{"0", "0"}, cells(), "no event is chosen")
	require.Zero(t, table(t, new(engine.Engine), q).Absent)
}

// drawn is a request with projects, and the modes of each name.
type drawn struct {
	engine.Request
	modes map[string][]webhook.EnvironmentMode
}

// A table with existing pairs is the sum of the tables of its names, each with its own modes.
func TestExistingPairsAgreeWithTablesOfNames(t *testing.T) {
	check(t, 300, func(d drawn) string {
		var sum, total [3]int
		for name, modes := range d.modes {
			q := d.Request
			q.Projects, q.Environments, q.Names, q.Modes = "", "", quoted(name), modes
			got := table(t, new(engine.Engine), q)
			for i, n := range []int{got.Deliveries, got.Added, got.Removed} {
				sum[i] += n
			}
		}
		got := table(t, new(engine.Engine), d.Request)
		if total = [3]int{got.Deliveries, got.Added, got.Removed}; total != sum {
			return fmt.Sprintf("%v, want %v: %+v", total, sum, d)
		}
		return ""
	}, func(r *rand.Rand) drawn {
		d := drawn{Request: engine.Request{Ask: "table"}, modes: make(map[string][]webhook.EnvironmentMode)}
		d.Webhooks, d.Baseline = list(drawHook(r), drawHook(r)), list(drawHook(r), drawHook(r))
		d.Types, d.Modes = []webhook.EventType{webhook.DeploymentStarted, "NEW"}, []webhook.EnvironmentMode{webhook.Production, webhook.Staging, "NEW"}
		var projects, environments, names []string
		for i, name := range []string{"a", "b", "ab", "\u212a", "a\nb"} {
			names = append(names, quoted(name))
			if r.Intn(4) == 0 { // no project has the name
				d.modes[name] = d.Modes
				continue
			}
			d.modes[name] = nil
			projects = append(projects, project(i, name))
			for _, mode := range d.Modes {
				if r.Intn(2) == 0 {
					environments = append(environments, environment(len(environments), i, string(mode)))
					d.modes[name] = append(d.modes[name], mode)
				}
			}
		}
		d.Projects, d.Environments, d.Names = list(projects...), list(environments...), strings.Join(names, "\n")
		return d
	})
}

// A link has neither the projects nor the environments.
func TestStateOfExisting(t *testing.T) {
	q := ask(hook(id1, ""), "shop")
	q.Projects, q.Environments = list(project(1, "s3cret")), list(environment(1, 1, "S3CRET"))
	_, text := share(t, q)
	require.NotContains(t, strings.ToLower(text), "s3cret")
	require.NotContains(t, text, "projects\"")
}

// The page offers every pair of the test data.
func TestExistingOfTestdata(t *testing.T) {
	const stem = "../../../../testdata/webhooks/8f36c487-4e75-4da9-a5bc-d7916f1acda0"
	projects, err := os.ReadFile(stem + ".projects.json")
	require.NoError(t, err)
	environments, err := os.ReadFile(stem + ".environments.json")
	require.NoError(t, err)
	got := existing(t, string(projects), string(environments))
	require.Empty(t, got.Projects.Notes)
	require.Empty(t, got.Environments.Notes)
	require.Zero(t, got.Orphans)
	require.Contains(t, got.Offers, engine.Offer{"[PR] 128 checkout in PREVIEW", "[PR] 128 checkout", "PREVIEW"})
}
