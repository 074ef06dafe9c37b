package lint_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
)

// containmentLength is the maximum length of the patterns in TestContainmentIsExact.
var containmentLength = 5

// For every pair of patterns of the characters a, b, ? and *, Check reports an entry as
// shadowed exactly if the automata do. In names, c stands for every other character.
func TestContainmentIsExact(t *testing.T) {
	patterns := filtertest.Texts([]string{"a", "b", "?", "*"}, containmentLength)[1:]
	automata := make([]*containmentAutomaton, len(patterns))
	for i, p := range patterns {
		automata[i] = newContainmentAutomaton(p, []rune("abc"))
	}
	contained := 0
	for i, p := range patterns {
		for j, q := range patterns[:i] {
			want := ""
			switch {
			case automata[i].within(automata[j]): // also if both match the same names: the later one is shadowed
				want = "project_names_filter[1]"
			case automata[j].within(automata[i]):
				want = "project_names_filter[0]"
			}
			if got := shadowedOf(q, p); got != want {
				t.Fatalf("%q, %q: Check reports %q as shadowed, want %q", q, p, got, want)
			}
			if want != "" {
				contained++
			}
		}
	}
	t.Logf("%d patterns, %d pairs, %d of them contained", len(patterns), len(patterns)*(len(patterns)-1)/2, contained)
	require.Greater(t, contained, len(patterns))
}

// shadowedOf returns the field of the entry that Check reports as shadowed. At most one of
// the entries may be shadowed.
func shadowedOf(entries ...string) string {
	field := ""
	for _, f := range lint.Check(filtertest.RestrictedTo(entries...)) {
		if f.Code == lint.ShadowedEntry {
			field += f.Field
		}
	}
	return field
}

// Pairs of longer patterns, where the second is derived from the first.
func TestContainmentOfLongerPatternsIsExact(t *testing.T) {
	type pair struct{ p, q string }
	var seen filtertest.Verdicts
	filtertest.Check(t, 3000, func(c pair) string {
		want := shadowedByAutomata([]string{c.p, c.q})
		first, second := shadowedOf(c.p, c.q), shadowedOf(c.q, c.p)
		seen.Saw(first != "")
		if (first == "project_names_filter[0]") != want[0] || (first == "project_names_filter[1]") != want[1] ||
			(first == "") != (second == "") {
			return fmt.Sprintf("%+q: shadowed %q, and in reverse order %q", c, first, second)
		}
		return ""
	}, func(r *rand.Rand) pair {
		p := filtertest.Text(r, []string{"a", "b", "?", "?", "*", "*", "k", "\u212a"}, 3, 9)
		q := p
		for range r.Intn(4) {
			q = vary(r, q)
		}
		if r.Intn(4) == 0 {
			q = filtertest.Edit(r, q)
		}
		if !filtertest.ValidEntry(q) {
			q = "*"
		}
		return pair{p, q}
	})
	seen.RequireBoth(t)
}
