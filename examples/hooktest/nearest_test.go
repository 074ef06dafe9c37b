package main

import (
	"strings"
	"testing"

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
