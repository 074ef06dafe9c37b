package filter_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// Compile refuses an invalid entry. For a valid one, Match and Explain agree with the
// oracle.
func FuzzMatch(f *testing.F) {
	for _, seed := range []entryAndName{
		{"product*", "Product-1"},
		{"*-api", "Checkout-API"},
		{"[PR]*", "[PR] 128 checkout"},
		{"日本-?", "日本-店"},
		{"*a*b?", "xaxbab\n"},
		{"*?Ⱥ?*ⱥ", "ⱥȺⱥⱥ"},
		{"K*ſ", "\u212a-S"},
		{`\*{a,b}[!a-z]?`, `\x{A,B}[!a-z]/`},
		{"\ufffd?", "\xff\xc3"},
		{"", ""},
		{"\xff*", "\xff"},
		{strings.Repeat("*a", 510), strings.Repeat("a", 600)},
		{strings.Repeat("a", 1021), "a"},
	} {
		f.Add(seed.entry, seed.name)
	}
	f.Fuzz(func(t *testing.T, entry, name string) {
		compiled, err := filter.Compile(filtertest.RestrictedTo(entry))
		if !filtertest.ValidEntry(entry) {
			require.Nil(t, compiled)
			require.ErrorAs(t, err, new(*webhook.FieldError))
			return
		}
		require.NoError(t, err)
		want := filtertest.MatchName(entry, name)
		require.Equal(t, want, compiled.Match(filtertest.Named(name)))
		require.Equal(t, want, compiled.Explain(filtertest.Named(name)).Fires)
	})
}
