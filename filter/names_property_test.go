package filter_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

type entryAndName struct{ entry, name string }

func (c entryAndName) String() string { return fmt.Sprintf("entry %+q, name %+q", c.entry, c.name) }

func (c entryAndName) match() bool {
	return filtertest.MustCompile(filtertest.RestrictedTo(c.entry)).Match(filtertest.Named(c.name))
}

func drawEntryAndName(r *rand.Rand) entryAndName {
	entry := filtertest.Entry(r)
	if r.Intn(3) == 0 {
		return entryAndName{entry, filtertest.Text(r, append(filtertest.Small, "*", "?", "\xff"), 0, 7)}
	}
	return entryAndName{entry, filtertest.NameFor(r, entry)}
}

// Rules 7 to 11.
func TestMatchAgreesWithOracle(t *testing.T) {
	var seen filtertest.Verdicts
	filtertest.Check(t, 2000, func(c entryAndName) string {
		if seen.Saw(c.match()) != filtertest.MatchName(c.entry, c.name) {
			return c.String()
		}
		return ""
	}, drawEntryAndName)
	seen.RequireBoth(t)
}

// Every entry and every name of at most five characters of a small alphabet.
func TestMatchAgreesWithOracleExhaustively(t *testing.T) {
	for _, alphabet := range []struct{ name, entries, names string }{
		{"overlaps", "ab*?", "ab"},
		{"case variants", "kſ*?", "\u212aS*"},
		{"case variants of another length", "Ⱥ\ufffd*?", "ⱥ\xff"},
		{"syntax", `[\*?`, `[\*`},
		{"more syntax", `{]*?`, `{]?`},
	} {
		t.Run(alphabet.name, func(t *testing.T) {
			t.Parallel()
			names := filtertest.Texts(strings.Split(alphabet.names, ""), 5)
			for _, entry := range filtertest.Texts(strings.Split(alphabet.entries, ""), 5)[1:] {
				f := filtertest.MustCompile(filtertest.RestrictedTo(entry))
				for _, name := range names {
					if f.Match(filtertest.Named(name)) != filtertest.MatchName(entry, name) {
						t.Fatal(entryAndName{entry, name})
					}
				}
			}
		})
	}
}

// Rule 11, for entries with and without wildcards.
func TestCaseDoesNotMatter(t *testing.T) {
	type pair struct{ original, recased entryAndName }
	var seen filtertest.Verdicts
	filtertest.Check(t, 2000, func(c pair) string {
		if seen.Saw(c.original.match()) != c.recased.match() {
			return fmt.Sprintf("%v; recased %v", c.original, c.recased)
		}
		return ""
	}, func(r *rand.Rand) pair {
		c := drawEntryAndName(r)
		return pair{c, entryAndName{filtertest.Recase(r, c.entry), filtertest.Recase(r, c.name)}}
	})
	seen.RequireBoth(t)
}

// Rule 11: an entry without wildcards matches like strings.EqualFold.
func TestWithoutWildcardIsEqualFold(t *testing.T) {
	var seen filtertest.Verdicts
	filtertest.Check(t, 2000, func(c entryAndName) string {
		if seen.Saw(c.match()) != strings.EqualFold(c.entry, c.name) {
			return c.String()
		}
		return ""
	}, func(r *rand.Rand) entryAndName {
		entry := filtertest.Text(r, filtertest.Literals, 1, 6)
		return entryAndName{entry, filtertest.NameFor(r, entry)}
	})
	seen.RequireBoth(t)
}

// Rule 8, for one * at the end, one at the start, and one at each end.
func TestStarIsPrefixSuffixContains(t *testing.T) {
	// part returns n characters of s, from the character with index start.
	part := func(s string, start, n int) string {
		characters := []rune(s)
		if start < 0 || start+n > len(characters) {
			return "\xff no part"
		}
		return string(characters[start : start+n])
	}
	var prefix, suffix, contains filtertest.Verdicts
	filtertest.Check(t, 2000, func(c entryAndName) string {
		length := len([]rune(c.entry))
		last := len([]rune(c.name)) - length
		contained := false
		for start := range last + 1 {
			contained = contained || strings.EqualFold(c.entry, part(c.name, start, length))
		}
		switch {
		case prefix.Saw(entryAndName{c.entry + "*", c.name}.match()) != strings.EqualFold(c.entry, part(c.name, 0, length)):
			return "prefix: " + c.String()
		case suffix.Saw(entryAndName{"*" + c.entry, c.name}.match()) != strings.EqualFold(c.entry, part(c.name, last, length)):
			return "suffix: " + c.String()
		case contains.Saw(entryAndName{"*" + c.entry + "*", c.name}.match()) != contained:
			return "contains: " + c.String()
		}
		return ""
	}, func(r *rand.Rand) entryAndName {
		entry := filtertest.Text(r, filtertest.Literals, 1, 4)
		around := filtertest.Pick(r, []string{"*", "?", ""})
		return entryAndName{entry, filtertest.NameFor(r, around+entry+filtertest.Pick(r, []string{"*", "?", ""}))}
	})
	prefix.RequireBoth(t)
	suffix.RequireBoth(t)
	contains.RequireBoth(t)
}

// Entries near the length limit, for which a backtracking matcher would take very long, agree
// with the oracle.
func TestHostileEntries(t *testing.T) {
	for _, entry := range []string{
		hostile("", "*a", "b"),
		hostile("", "*a", "b?"),
		hostile("", "*a?", "b?"),
		hostile("*", "a?", "b?"),
		hostile("*", "a?", "b*"),
		hostile("", "?*", "*a"),
	} {
		require.LessOrEqual(t, len(entry), webhook.MaxProjectNamesFilterEntry)
		require.Greater(t, len(entry), webhook.MaxProjectNamesFilterEntry-5)
		f := filtertest.MustCompile(filtertest.RestrictedTo(entry))
		for _, name := range []string{
			strings.Repeat("a", 1500), strings.Repeat("A", 1500) + "b", strings.Repeat("a", 1500) + "Bx", strings.Repeat("a", 500),
		} {
			require.Equal(t, filtertest.MatchName(entry, name), f.Match(filtertest.Named(name)), "%.8s… %.8s…", entry, name)
		}
	}
}

// hostile returns an entry near the length limit: start, repetitions of unit, and end.
func hostile(start, unit, end string) string {
	n := (webhook.MaxProjectNamesFilterEntry - len(start) - len(end)) / len(unit)
	return start + strings.Repeat(unit, n) + end
}
