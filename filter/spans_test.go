package filter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// spansOf returns the Spans of the clause that explains how entry matches name.
func spansOf(entry, name string) []filter.Span {
	c, _ := filtertest.MustCompile(filtertest.RestrictedTo(entry)).Explain(filtertest.Named(name)).Clause(filter.ClauseProjectNames)
	return c.Spans()
}

// show formats spans as parts of name, with the spans of wildcards in brackets.
func show(name string, spans []filter.Span) string {
	var b strings.Builder
	for i, s := range spans {
		if i > 0 {
			b.WriteByte(' ')
		}
		if s.Wildcard == 0 {
			fmt.Fprintf(&b, "%q", name[s.Start:s.End])
		} else {
			fmt.Fprintf(&b, "[%c %q]", s.Wildcard, name[s.Start:s.End])
		}
	}
	return b.String()
}

func TestSpans(t *testing.T) {
	for _, test := range []struct{ entry, name, want string }{
		{"shop", "SHOP", `"SHOP"`},
		{"product*", "Product-1", `"Product" [* "-1"]`},
		{"product*", "product", `"product" [* ""]`},
		{"*-api", "checkout-API", `[* "checkout"] "-API"`},
		{"a*-?", "A-b-c", `"A" [* "-b"] "-" [? "c"]`},
		{"*", "", `[* ""]`},
		{"*", "a/b", `[* "a/b"]`},
		{"?", "日", `[? "日"]`},
		{"??", "日\xff", `[? "日"] [? "\xff"]`},
		// Each * matches as few characters as it can, the first * first.
		{"a**b", "a-b", `"a" [* ""] [* "-"] "b"`},
		{"*?*", "abc", `[* ""] [? "a"] [* "bc"]`},
		{"*a*", "banana", `[* "b"] "a" [* "nana"]`},
		{"*ab*b", "aabab-b", `[* "a"] "ab" [* "ab-"] "b"`},
		{"*aab", "aaaab", `[* "aa"] "aab"`},
		// Characters and case variants of another length.
		{"\u212aⱥ*", "kȺ\u212a", "\"kȺ\" [* \"\u212a\"]"},
		{"\ufffd*", "\xff\xfe", `"\xff" [* "\xfe"]`},
		// Wildcard characters are not special in the name.
		{"*?", "a*?", `[* "a*"] [? "?"]`},
	} {
		t.Run(test.entry+" "+test.name, func(t *testing.T) {
			require.Equal(t, test.want, show(test.name, spansOf(test.entry, test.name)))
		})
	}
}

func TestSpansOfOtherClauses(t *testing.T) {
	f, err := filter.Compile(&webhook.Webhook{
		Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: []string{"a*"},
		EnvironmentTypesFilter: webhook.EnvironmentModes(),
	})
	require.NoError(t, err)
	x := f.Explain(webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "a", EnvironmentMode: webhook.Preview})
	require.True(t, x.Fires)
	for i, c := range x.Clauses {
		require.Equal(t, i == 2, c.Spans() != nil, c.Name)
	}
	missed, ok := f.Explain(webhook.Event{ProjectName: "b"}).Clause(filter.ClauseProjectNames)
	require.True(t, ok)
	require.Nil(t, missed.Spans(), "no entry matches")
	require.Nil(t, filter.Clause{}.Spans())
	for _, entry := range []string{"a", "ab?", "*bb", "a*c", "abc"} {
		c := filter.Clause{Name: "project_names_filter", Value: "ab", Entry: &filter.Entry{Value: entry}}
		require.Nil(t, c.Spans(), "%q does not match", entry)
	}
}

// firstMatch returns the first way in which entry matches name, by exhaustive search: the
// part of name that each character of entry matches. It tries fewer characters for * first.
func firstMatch(entry, name []string) ([]string, bool) {
	if len(entry) == 0 {
		return nil, len(name) == 0
	}
	least, most := 1, 1
	if entry[0] == "*" {
		least, most = 0, len(name)
	}
	for n := least; n <= min(most, len(name)); n++ {
		taken := strings.Join(name[:n], "")
		if entry[0] != "*" && entry[0] != "?" && !strings.EqualFold(entry[0], strings.ToValidUTF8(taken, "\ufffd")) {
			continue
		}
		if rest, ok := firstMatch(entry[1:], name[n:]); ok {
			return append([]string{taken}, rest...), true
		}
	}
	return nil, false
}

// characters splits s into characters. An invalid byte is one character.
func characters(s string) (all []string) {
	for s != "" {
		_, n := utf8.DecodeRuneInString(s)
		all, s = append(all, s[:n]), s[n:]
	}
	return all
}

// Spans returns the first way in which the entry matches, and nil if there is no match.
func TestSpansAreTheFirstMatch(t *testing.T) {
	var seen filtertest.Verdicts
	filtertest.Check(t, 20_000, func(c entryAndName) string {
		entry, name := c.entry, c.name
		parts, matches := firstMatch(characters(entry), characters(name))
		spans := spansOf(entry, name)
		if seen.Saw(spans != nil) != matches {
			return fmt.Sprintf("%v: %s, matches %v", c, show(name, spans), matches)
		}
		var want []filter.Span
		at, literals := 0, false
		for i, c := range characters(entry) {
			span := filter.Span{Start: at, End: at}
			if matches {
				span.End += len(parts[i])
			}
			at = span.End
			wild := c == "*" || c == "?"
			switch {
			case wild:
				span.Wildcard = c[0]
			case literals:
				want[len(want)-1].End = at
				continue
			}
			literals = !wild
			want = append(want, span)
		}
		if matches && !slices.Equal(spans, want) {
			return fmt.Sprintf("%v: %s, want %s", c, show(name, spans), show(name, want))
		}
		return ""
	}, drawEntryAndName)
	seen.RequireBoth(t)
}

// Spans takes little time even for an entry that nearly matches at every position of a long
// name.
func TestSpansOfLongNames(t *testing.T) {
	entry := strings.Repeat("*a", 400) + "*b"
	name := strings.Repeat("a", 100_000) + "b"
	spans := spansOf(entry, name)
	require.Len(t, spans, 802)
	require.Equal(t, filter.Span{Start: 400, End: 100_000, Wildcard: '*'}, spans[800])
}
