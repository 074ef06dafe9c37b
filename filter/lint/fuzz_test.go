package lint_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
)

// FuzzLint takes lines as entries. Removing the superfluous ones does not change the verdict
// on the name. For short entries, Check agrees with the automata about shadowed ones.
func FuzzLint(f *testing.F) {
	for _, seed := range []struct{ entries, name string }{
		{"product-*\nproduct*", "Product-1"},
		{"Shop\nshop\nSHOP\nshop", "sHOP"},
		{"*?\n?*\n??*\n*", ""},
		{"a*\na\na?*", "ab"},
		{"*a?*\n*a*b\na?b*?", "xaxb"},
		{"\u212a?\nk*\nK", "k\xff"},
		{"ⱥ*ſ\nȺ?s\n", "ȺaS"},
		{"\ufffd?\n\xff", "\xff\xff"},
		{"[a-z]*\n{a,b}\n!x\n.*\n \n\\*", "[a-z]"},
		{"3c90c3cc-0d44-4b50-8888-8dd25736052a", "3C90C3CC-0D44-4B50-8888-8DD25736052A"},
		{strings.Repeat("*a", 510) + "\n" + strings.Repeat("a", 1020), strings.Repeat("a", 600)},
	} {
		f.Add(seed.entries, seed.name)
	}
	f.Fuzz(func(t *testing.T, lines, name string) {
		entries := strings.Split(lines, "\n")
		w := filtertest.RestrictedTo(entries...)
		findings := lint.Check(w)
		if !filtertest.ValidLists(w) {
			require.Nil(t, findings)
			return
		}
		reduced := without(w, superfluous(w)...)
		require.Equal(t, filtertest.Fires(w, filtertest.Named(name)), filtertest.Fires(reduced, filtertest.Named(name)), "%+q without %v", entries, findings)

		if len(entries) > 4 || !shortEntries(entries) {
			return
		}
		for i, shadowed := range shadowedByAutomata(entries) {
			at := nameFinding(lint.ShadowedEntry, i, "", "").Field
			found := false
			for _, finding := range findings {
				found = found || finding.Field == at && finding.Code == lint.ShadowedEntry
			}
			require.Equal(t, shadowed, found, "%+q: %s", entries, at)
		}
	})
}
