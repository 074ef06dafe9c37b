package filter_test

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
)

// namesClause returns the clause of project_names_filter for a name.
func namesClause(t testing.TB, name string, entries ...string) filter.Clause {
	t.Helper()
	c, ok := filtertest.MustCompile(filtertest.RestrictedTo(entries...)).Explain(filtertest.Named(name)).Clause(filter.ClauseProjectNames)
	require.True(t, ok)
	return c
}

func TestNearest(t *testing.T) {
	for _, test := range []struct {
		name    string
		entries []string
		project string
		want    string
		index   int
		start   int
	}{
		{"a bracket taken for a class", []string{"[PR]*"}, "PR 128 checkout", `"[PR]*" expects "[" at the start, the name has "P" ([ and ] stand for themselves)`, 0, 0},
		{"another separator", []string{"prod-*"}, "PROD_shop", `"prod-*" expects "-" after "PROD", the name has "_"`, 0, 4},
		{"a mismatch after a *", []string{"*-eu"}, "shop-us", `"*-eu" expects "e" after "shop-", the name has "u"`, 0, 5},
		{"the name is too short", []string{"checkout-?"}, "Checkout-", `"checkout-?" expects any character after "Checkout-", the name ends`, 0, 9},
		{"the name is too long", []string{"check"}, "checkout", `"check" expects the end after "check", the name has "o"`, 0, 5},
		{"a letter is missing", []string{"checkout"}, "chekout", `"checkout" expects "c" after "che", the name has "k"`, 0, 3},
		{"a superfluous letter", []string{"shop"}, "shopp", `"shop" expects the end after "shop", the name has "p"`, 0, 4},
		{"space at the end", []string{"*shop"}, "my shop ", `"*shop" expects the end after "my shop", the name has " "`, 0, 7},
		{"the nearest of several", []string{"billing-*", "shop-api", "shap-*"}, "shop_api", `"shop-api" expects "-" after "shop", the name has "_"`, 1, 4},
		{"the first of equally near ones", []string{"shopa", "shopb"}, "shopc", `"shopa" expects "a" after "shop", the name has "c"`, 0, 4},
		{"characters are compared ignoring case", []string{"ΣΊΓΜΑ", "\u212aiwi-x"}, "kiwi-y", "\"\u212aiwi-x\" expects \"x\" after \"kiwi-\", the name has \"y\"", 1, 5},
		{"offsets count bytes", []string{"日本-*"}, "日本語", `"日本-*" expects "-" after "日本", the name has "語"`, 0, 6},
		{"an invalid byte", []string{"ab"}, "a\xff", `"ab" expects "b" after "a", the name has "\xff"`, 0, 1},
		{"the empty name", []string{"?*"}, "", `"?*" expects any character at the start, the name ends`, 0, 0},
		{"braces and a backslash", []string{`\{a,b}`}, "a", `"\\{a,b}" expects "\\" at the start, the name has "a" ({, } and \ stand for themselves)`, 0, 0},
		{"a long name", []string{strings.Repeat("a", 50) + "b"}, strings.Repeat("a", 50) + "c",
			strconv.Quote(strings.Repeat("a", 50)+"b") + ` expects "b" after …"` + strings.Repeat("a", 40) + `", the name has "c"`, 0, 50},
		{"40 characters before the mismatch", []string{strings.Repeat("a", 40) + "b"}, strings.Repeat("a", 40),
			strconv.Quote(strings.Repeat("a", 40)+"b") + ` expects "b" after "` + strings.Repeat("a", 40) + `", the name ends`, 0, 40},
		{"41 characters before the mismatch", []string{strings.Repeat("a", 41) + "b"}, strings.Repeat("a", 41),
			strconv.Quote(strings.Repeat("a", 41)+"b") + ` expects "b" after …"` + strings.Repeat("a", 40) + `", the name ends`, 0, 41},
		{"one bracket", []string{"a]"}, "a", `"a]" expects "]" after "a", the name ends (] stands for itself)`, 0, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, ok := namesClause(t, test.project, test.entries...).Nearest()
			require.True(t, ok)
			require.Equal(t, test.want, m.String())
			require.Equal(t, filter.Entry{Index: test.index, Value: test.entries[test.index]}, m.Entry)
			require.Equal(t, test.start, m.Start)
			text, err := json.Marshal(m)
			require.NoError(t, err)
			var decoded filter.Mismatch
			require.NoError(t, json.Unmarshal(text, &decoded))
			require.Contains(t, decoded.String(), " expects ")
		})
	}
}

func TestNearestIsOnlyForNamesThatDoNotMatch(t *testing.T) {
	x := filtertest.MustCompile(filtertest.RestrictedTo("shop")).Explain(filtertest.Named("shop"))
	for _, c := range append(x.Clauses, filter.Clause{}, namesClause(t, "shop")) {
		_, ok := c.Nearest()
		require.False(t, ok, "%v", c)
	}
	matching := namesClause(t, "shop", "pay")
	matching.List = []string{"pay", "SHOP"}
	_, ok := matching.Nearest()
	require.False(t, ok)
	unknown := filtertest.Named("shop")
	unknown.Type = "QUEUED"
	c, _ := filtertest.MustCompile(filtertest.RestrictedTo("shop")).Explain(unknown).Clause(filter.ClauseEvents)
	_, ok = c.Nearest()
	require.False(t, ok)
}

func TestNearestIsBounded(t *testing.T) {
	name := strings.Repeat("n", 255)
	entries := make([]string, filter.MaxNearest/256/2)
	for i := range entries {
		entries[i] = "x"
	}
	_, ok := namesClause(t, name, entries...).Nearest()
	require.True(t, ok)
	_, ok = namesClause(t, name, append(entries, "x")...).Nearest()
	require.False(t, ok)
	_, ok = namesClause(t, strings.Repeat("n", 1<<20), "x").Nearest()
	require.False(t, ok)
}

// No entry is nearer than the returned one. An insertion, a deletion or a substitution at the
// mismatch reduces the number of edits by one, and no other way keeps more of the name before its
// first edit.
func TestNearestSaysWhatWouldHelp(t *testing.T) {
	type miss struct {
		entries []string
		name    string
	}
	tried := 0
	filtertest.Check(t, 2000, func(c miss) string {
		clause := namesClause(t, c.name, c.entries...)
		m, ok := clause.Nearest()
		if ok == clause.Holds {
			return fmt.Sprintf("%+q: Nearest returned %t, but the clause holds: %t", c, ok, clause.Holds)
		}
		if !ok {
			return ""
		}
		tried++
		before := edits(m.Entry.Value, c.name)
		for i, entry := range c.entries {
			if d := edits(entry, c.name); d < before || d == before && i < m.Entry.Index {
				return fmt.Sprintf("%+q: %+v needs %d edits, entry %d only %d", c, m, before, i, d)
			}
		}
		expected := m.Expected
		if expected == "?" {
			expected = "x"
		}
		least := before
		for _, changed := range []string{c.name[:m.Start] + expected + c.name[m.Start:], c.name[:m.Start] + c.name[m.End:], c.name[:m.Start] + expected + c.name[m.End:]} {
			least = min(least, edits(m.Entry.Value, changed))
		}
		if least != before-1 {
			return fmt.Sprintf("%+q: %+v does not help: %d edits, then %d", c, m, before, least)
		}
		for n := range c.name {
			for e := range m.Entry.Value {
				if n > m.Start && filtertest.MatchName(m.Entry.Value[:e], c.name[:n]) && edits(m.Entry.Value[e:], c.name[n:]) == before {
					return fmt.Sprintf("%+q: %+v, but %q can be kept", c, m, c.name[:n])
				}
			}
		}
		return ""
	}, func(r *rand.Rand) (c miss) {
		for range 1 + r.Intn(3) {
			c.entries = append(c.entries, filtertest.Entry(r))
		}
		// An incomplete character could become another one by an edit.
		c.name = strings.ToValidUTF8(filtertest.Edit(r, filtertest.NameFor(r, filtertest.Pick(r, c.entries))), "\ufffd")
		return c
	})
	require.Greater(t, tried, 1000)
}

// edits returns the fewest insertions, deletions and substitutions of characters in name
// after which entry matches it, by trying all prefixes of name for each character of entry.
func edits(entry, name string) int {
	characters := []rune(name)
	// row[n] is the fewest edits of characters[:n] after which the entry up to here matches.
	row := make([]int, len(characters)+1)
	for n := range row {
		row[n] = n
	}
	for _, p := range entry {
		next := make([]int, len(row))
		for n := range next {
			if p == '*' {
				next[n] = row[n]
				for shorter := range n {
					next[n] = min(next[n], row[shorter])
				}
				continue
			}
			next[n] = row[n] + 1
			if n > 0 {
				cost := 1
				if p == '?' || strings.EqualFold(string(p), string(characters[n-1])) {
					cost = 0
				}
				next[n] = min(next[n], row[n-1]+cost, next[n-1]+1)
			}
		}
		row = next
	}
	return row[len(characters)]
}

func FuzzNearest(f *testing.F) {
	f.Add("[PR]*", "PR 128 checkout")
	f.Add("*-eu\n?\u212a", "a\xff-us")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, lines, name string) {
		w := filtertest.RestrictedTo(strings.Split(lines, "\n")...)
		compiled, err := filter.Compile(w)
		if err != nil {
			return
		}
		c, _ := compiled.Explain(filtertest.Named(name)).Clause(filter.ClauseProjectNames)
		m, ok := c.Nearest()
		if !ok {
			return
		}
		require.False(t, c.Holds)
		require.Equal(t, w.ProjectNamesFilter[m.Entry.Index], m.Entry.Value)
		require.LessOrEqual(t, m.Start, m.End)
		require.LessOrEqual(t, utf8.RuneCountInString(name[m.Start:m.End]), 1)
		require.NotEmpty(t, m.String())
		for _, entry := range w.ProjectNamesFilter {
			if len(entry)*len(name) < 1000 {
				require.LessOrEqual(t, edits(m.Entry.Value, name), edits(entry, name))
			}
		}
	})
}
