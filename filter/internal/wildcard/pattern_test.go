package wildcard_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

func TestKey(t *testing.T) {
	for _, test := range []struct {
		entry   string
		key     wildcard.Key
		literal string
	}{
		{"Team", wildcard.Exact, "team"},
		{"Team-*", wildcard.Prefix, "team-"},
		{"*", wildcard.Prefix, ""},
		{"**", wildcard.Prefix, ""},
		{"*-Api", wildcard.Suffix, "-api"},
		{"*abc*", wildcard.Within, "abc"},
		{"ab*wxyz", wildcard.Within, "ab"},
		{"*ab?cde*wxyz", wildcard.Within, "cde"},
		{"ab*cd*", wildcard.Within, "ab"},
		{"?wxyz", wildcard.Within, "wxyz"},
		{"?*", wildcard.Within, ""},
		{"?", wildcard.Within, ""},
	} {
		p := wildcard.Compile(test.entry)
		key, literal := p.Key()
		require.Equal(t, test.key, key, test.entry)
		require.Equal(t, test.literal, literal, test.entry)
		parsed := wildcard.Parse(test.entry)
		require.Equal(t, p.Text(), parsed.Text())
	}
}
