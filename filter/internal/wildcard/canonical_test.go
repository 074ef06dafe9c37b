package wildcard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

func TestCanonical(t *testing.T) {
	for entry, want := range map[string]string{
		"":         "",
		"Team-API": "team-api",
		"*":        "*",
		"**":       "*",
		"A*?*":     "a?*",
		"*?":       "?*",
		"*?*?b":    "??*b",
		"a**?b*c?": "a?*b*c?",
		"?*?":      "??*",
	} {
		require.Equal(t, want, wildcard.Canonical(entry), entry)
		require.LessOrEqual(t, testing.AllocsPerRun(10, func() { wildcard.Canonical(want) }), 0., "%q is already canonical", want)
	}
}
