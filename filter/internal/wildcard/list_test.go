package wildcard_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

func TestList(t *testing.T) {
	long := strings.Repeat("x", 100)
	for name, test := range map[string]struct {
		entries []string
		indices map[string]int // by name
	}{
		"no entries":             {nil, map[string]int{"": -1, "a": -1}},
		"without parts":          {[]string{"a*", "*B*", "ab"}, map[string]int{"AB": 0, "xb": 1, "x": -1, "A" + long: 0, long + "b": 1, long: -1}},
		"with parts":             {[]string{"a*", "?b", "x*y*z"}, map[string]int{"AB": 0, "xb": 1, "xyz": 2, "x": -1, "xy" + long + "z": 2, long: -1}},
		"the first match counts": {[]string{"*", "a"}, map[string]int{"a": 0, "": 0}},
	} {
		t.Run(name, func(t *testing.T) {
			l := wildcard.CompileList(test.entries)
			for name, want := range test.indices {
				require.Equal(t, want, l.Index(name), name)
			}
		})
	}
}
