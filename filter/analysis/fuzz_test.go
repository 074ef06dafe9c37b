package analysis_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
)

// FuzzWitness reads each paragraph of a text as a webhook, and each of its lines as an entry.
// Whatever they are, a witness fits, and no name that fits is shorter.
func FuzzWitness(f *testing.F) {
	for _, seed := range []struct{ fires, silent, name string }{
		{"a*", "a\na?*", "ab"},
		{"*aba*\n\n*bab*", "*abab*", "babab"},
		{"*a????", "*a???b*\n?????", "aaaaaa"},
		{"\u212a?*", "k\nks*\n\n?ſ?", "KS"},
		{"ⱥ*ſ", "Ⱥ?s\n\n*ȺS", "ȺaaS"},
		{"\ufffd?", "\ufffd\ufffd", "\xff1"},
		{"*", "*a*\n*b*\n\n?", "cc"},
		{"[PR]*\n\n*", "pr*", "[pr]"},
		{"*\u0345", "ι\n?Ι", "ͅ"},
		{"**?*\n", "", "\x00"},
	} {
		f.Add(seed.fires, seed.silent, seed.name)
	}
	f.Fuzz(func(t *testing.T, firesText, silentText, name string) {
		fires, silent := parse(firesText), parse(silentText)
		e, found, err := analysis.Witness(fires, silent)
		for _, w := range append(fires, silent...) {
			if !filtertest.ValidLists(w) {
				require.Error(t, err)
				require.NotErrorIs(t, err, analysis.ErrTooComplex)
				return
			}
		}
		if err != nil {
			require.ErrorIs(t, err, analysis.ErrTooComplex)
			wildcards := strings.Count(firesText+silentText, "*") + strings.Count(firesText+silentText, "?")
			require.Greater(t, wildcards, 12, "Witness returned ErrTooComplex, but so few wildcards allow only few sets of positions")
			return
		}
		length := utf8.RuneCountInString(e.ProjectName)
		if found {
			require.NoError(t, e.Validate())
			require.True(t, fits(e, fires, silent), "%+q", e)
		}
		if given := filtertest.Named(name); name != "" && fits(given, fires, silent) {
			require.True(t, found)
			require.LessOrEqual(t, length, utf8.RuneCountInString(name), "%+q", e)
		}
		if alphabet := letters(firesText + silentText); len(alphabet) <= 6 {
			shortest, exists := bruteForce(fires, silent, alphabet, 3)
			require.Equal(t, exists, found && length <= 3)
			if exists {
				require.Equal(t, utf8.RuneCountInString(shortest.ProjectName), length)
			}
		}
	})
}

func parse(text string) (ws hooks) {
	if text == "" {
		return nil
	}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		ws = append(ws, names(strings.Split(paragraph, "\n")...))
	}
	return ws
}

// letters returns the characters of text without case variants, and one that is not in text.
func letters(text string) (letters []string) {
	for _, r := range text {
		known := func() bool {
			for _, l := range letters {
				if strings.EqualFold(l, string(r)) {
					return true
				}
			}
			return false
		}
		if !known() {
			letters = append(letters, string(r))
		}
	}
	for r := 'a'; ; r++ {
		if !strings.ContainsFunc(text, func(other rune) bool {
			return unicode.ToLower(other) == r || strings.EqualFold(string(other), string(r))
		}) {
			return append(letters, string(r))
		}
	}
}
