package engine_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/webhook"
)

// explain returns the explanation of a cell.
func explain(t testing.TB, q engine.Request, column, row int) *engine.Explanation {
	t.Helper()
	q.Ask, q.Webhook, q.Name = "explanation", column, row
	r := answer(t, new(engine.Engine), q)
	require.Empty(t, r.Error)
	return r.Explanation
}

func texts(clauses []engine.Clause) (all []string) {
	for _, c := range clauses {
		all = append(all, c.Text)
	}
	return all
}

func TestExplanation(t *testing.T) {
	q := ask(list(
		hook(id1, `, "description": "Team", "project_names_filter": ["b", "Shop-*", "s*"], "environment_types_filter": ["PRODUCTION"]`),
		hook(id2, `, "project_names_filter": [""]`),
		`{"id": "`+id3+`", "events": 1}`,
	), "shop-1\nx")
	q.Types = append(q.Types, webhook.DeploymentFailure)
	x := explain(t, q, 0, 0)
	require.Equal(t, "Team", x.Webhook)
	require.Equal(t, "shop-1", x.Name)
	require.Equal(t, []string{"DEPLOYMENT_STARTED in PRODUCTION"}, x.Fires)
	require.Equal(t, 2, x.Events)
	require.Equal(t, []string{
		"enabled",
		`events[0] "DEPLOYMENT_STARTED" matches "DEPLOYMENT_STARTED"`,
		`events ["DEPLOYMENT_STARTED"] does not match "DEPLOYMENT_FAILURE"`,
		`project_names_filter[1] "Shop-*" matches "shop-1"`,
		`environment_types_filter[0] "PRODUCTION" matches "PRODUCTION"`,
	}, texts(x.Clauses))
	require.Len(t, x.Entries, 3)
	require.False(t, x.Entries[0].Matches)
	require.Empty(t, x.Entries[0].Parts)
	require.Equal(t, []engine.Part{{Name: "shop-", Entry: "Shop-"}, {Name: "1", Entry: "*", Wildcard: true}}, x.Entries[1].Parts)
	require.Equal(t, []engine.Part{{Name: "s", Entry: "s"}, {Name: "hop-1", Entry: "*", Wildcard: true}}, x.Entries[2].Parts)
	require.Len(t, x.Notes, 1)
	require.Equal(t, "shadowed-entry", x.Notes[0].Code)

	require.Empty(t, explain(t, q, 0, 1).Fires)
	require.Contains(t, texts(explain(t, q, 0, 1).Clauses), `project_names_filter ["b" "Shop-*" "s*"] does not match "x": "b" expects "b" at the start, the name has "x"`)

	for column, state := range map[int]string{1: "invalid", 2: "unreadable"} {
		x := explain(t, q, column, 0)
		require.Equal(t, state, x.State)
		require.Empty(t, x.Fires)
		require.Empty(t, x.Clauses, "no clause is evaluated")
		require.NotEmpty(t, x.Notes)
	}
	require.Equal(t, "", explain(t, q, 1, 0).Entries[0].Value)

	q.Baseline = hook(id1[:35]+"f", "")
	x = explain(t, q, 3, 0)
	require.Equal(t, "removed", x.State)
	require.Equal(t, []string{"DEPLOYMENT_STARTED in PRODUCTION"}, x.Before)
	require.Empty(t, x.Fires)
}

// The parts of a name, joined, are the name as shown. The second part is the place where it
// stops matching the nearest entry.
func TestNameParts(t *testing.T) {
	for _, test := range []struct {
		name, entries, line string
		want                []string
	}{
		{"at the start", `"[PR]*"`, `PR 128`, []string{"", "P", "R 128"}},
		{"in the middle, after a character outside the BMP", `"other", "𝄞ab*"`, `𝄞Axc`, []string{"𝄞A", "x", "c"}},
		{"at the end", `"shop-?"`, `shop-`, []string{"shop-", "", ""}},
		{"the name is longer", `"shop"`, `Shop2`, []string{"Shop", "2", ""}},
		{"invisible characters", `"ab"`, `"a\u0000\u200b"`, []string{`"a`, `\x00`, `\u200b"`}},
		{"an empty name", `"a"`, `""`, []string{`"`, "", `"`}},
		{"an entry matches", `"b", "a"`, `a`, nil},
		{"no entries", ``, `a`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			x := explain(t, ask(filtered(id1, test.entries), test.line), 0, 0)
			require.Equal(t, test.want, x.NameParts)
			if test.want != nil {
				require.Equal(t, x.Name, strings.Join(test.want, ""))
			}
		})
	}
}

func TestExplanationOfADuplicate(t *testing.T) {
	x := explain(t, ask(list(filtered(id1, `"a"`), hook(id2, ""), hook(id1, "")), "a"), 0, 0)
	require.Equal(t, "duplicate", x.State)
	require.Empty(t, x.Fires)
	require.Empty(t, x.Clauses, "no clause is evaluated")
	require.Len(t, x.Notes, 1)
	require.Equal(t, "duplicate of results[2], which replaces it", x.Notes[0].Message)
}

func TestExplanationOfNoCell(t *testing.T) {
	for _, cell := range [][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
		q := ask(hook(id1, ""), "a")
		q.Ask, q.Webhook, q.Name = "explanation", cell[0], cell[1]
		require.Equal(t, fmt.Sprintf("no cell at webhook %d and name %d: the table has 1 webhooks and 1 names", cell[0], cell[1]), answer(t, new(engine.Engine), q).Error)
	}
	q := ask(`{`, "a")
	q.Ask = "explanation"
	require.Equal(t, "no cell to explain: the webhooks cannot be read", answer(t, new(engine.Engine), q).Error)
}

// The parts of a matching entry, joined, are the name and the entry.
func TestPartsMakeUpNameAndEntry(t *testing.T) {
	matched := 0
	check(t, 3000, func(c [2]string) string {
		q := ask(filtered(id1, fmt.Sprintf("%q", c[0])), fmt.Sprintf("%q", c[1]))
		e := explain(t, q, 0, 0).Entries[0]
		if !e.Matches {
			return ""
		}
		matched++
		var name, entry strings.Builder
		for _, p := range e.Parts {
			name.WriteString(p.Name)
			entry.WriteString(p.Entry)
			if p.Wildcard != (p.Entry == "*" || p.Entry == "?") || !p.Wildcard && !strings.EqualFold(p.Name, p.Entry) ||
				p.Entry == "?" && len([]rune(p.Name)) != 1 {
				return fmt.Sprintf("%q: part %+v", c, p)
			}
		}
		if name.String() != c[1] || entry.String() != c[0] {
			return fmt.Sprintf("%q: parts of %q and %q", c, name.String(), entry.String())
		}
		return ""
	}, func(r *rand.Rand) [2]string {
		return [2]string{
			"a" + strings.Join(some(r, 5, "a", "b", "*", "?", "*", "ſ", "日"), ""),
			"A" + strings.Join(some(r, 5, "a", "b", "B", "s", "日"), ""),
		}
	})
	require.Greater(t, matched, 300)
}
