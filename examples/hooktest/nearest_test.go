package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"
)

func TestDidYouMean(t *testing.T) {
	candidates := []string{"", "Pager for failed deployments", "Audit log", "ops", "Café", strings.Repeat("long", 100)}
	for s, want := range map[string]string{
		"audit log":                    "Audit log",
		"Audit lgo":                    "Audit log",
		"Adit log":                     "Audit log",
		"An Audit log":                 "Audit log", // three more characters
		"xxAudit l":                    "",
		"dit log":                      "",
		"it log":                       "",
		"Audit logs!":                  "Audit log",
		"Pager for filed deploymnts":   "Pager for failed deployments",
		"op":                           "ops",
		"o":                            "",
		"Cafe":                         "Café",
		"":                             "",
		"Signage":                      "",
		strings.Repeat("long", 50):     "",
		strings.Repeat("long", 50)[1:]: "",
		strings.Repeat("x", 201):       "",
	} {
		if want != "" {
			want = `, did you mean "` + want + `"?`
		}
		require.Equal(t, want, didYouMean(s, candidates), s)
	}
	require.Equal(t, `, did you mean "ab"?`, didYouMean("ax", []string{"abc", "ab", "aby"}), "the first of the nearest candidates")
	long := strings.Repeat("x", maxSuggested)
	require.Equal(t, `, did you mean "`+strings.Repeat("x", 80)+`…"?`, didYouMean(long, []string{long}))
	require.Empty(t, didYouMean(long+"x", []string{long + "x"}), "too long for a suggestion")
}

// A long list of entries and projects gets suggestions only up to a limit.
func TestSuggestionsAreBounded(t *testing.T) {
	name := strings.Repeat("checkout-api-", 5)
	names := make([]string, 2000)
	for i := range names {
		names[i] = fmt.Sprintf("%s%04d", name, i)
	}
	p := newProjectNames(names)
	var suggestions []string
	for i := range 1000 {
		suggestions = append(suggestions, p.suggestion(fmt.Sprintf("%s%04d-x", name, i)))
	}
	require.Equal(t, `, did you mean "`+name+`0000"?`, suggestions[0])
	n := slices.Index(suggestions, "")
	require.Greater(t, n, 20)
	require.Less(t, n, 40)
	for _, s := range suggestions[n:] {
		require.Empty(t, s)
	}
	require.Empty(t, newProjectNames([]string{strings.Repeat("x", 201)}).suggestion(strings.Repeat("x", 201)+"y"))
}

// The distance is the same as by its definition.
func TestDistance(t *testing.T) {
	var edits func(a, b string, wildcards bool) int
	edits = func(a, b string, wildcards bool) int {
		switch {
		case a == "":
			return len(b)
		case wildcards && a[0] == '*' && b == "":
			return edits(a[1:], b, wildcards)
		case wildcards && a[0] == '*':
			return min(edits(a[1:], b, wildcards), edits(a, b[1:], wildcards))
		case b == "":
			return edits(a[1:], b, wildcards) + 1
		}
		d := edits(a[1:], b[1:], wildcards)
		if a[0] != b[0] && (!wildcards || a[0] != '?') {
			d++
		}
		return min(d, edits(a[1:], b, wildcards)+1, edits(a, b[1:], wildcards)+1)
	}
	text := gen.RegexMatch(`^[ab*?]{0,6}$`)
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = 2000
	properties := gopter.NewProperties(parameters)
	properties.Property("distance", prop.ForAll(func(a, b string, limit int, wildcards bool) bool {
		return distance([]rune(a), []rune(b), limit, wildcards) == min(limit, edits(a, b, wildcards))
	}, text, text, gen.IntRange(1, 7), gen.Bool()))
	properties.TestingRun(t)
}
