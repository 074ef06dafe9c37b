//go:build !race

// Under the race detector, sync.Pool drops items at random, so allocations can be
// asserted only without it.

package filter_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
)

func TestMatchAllocatesNothing(t *testing.T) {
	names := []struct{ name, project string }{
		{"no name", ""},
		{"mixed-case ASCII", "Checkout-API"},
		{"non-ASCII", "Straße-日本-ÉTÉ"},
		{"shorter when folded", strings.Repeat("ⱥıſ", 20)},
		{"300 bytes", strings.Repeat("aB-", 100)},
		{"300 bytes, non-ASCII", strings.Repeat("Éß日\U0001f680A", 25)},
		{"invalid UTF-8", "a\xff\xfeB\xe6\x97b\xc3"},
	}
	entries := []struct{ name, entry string }{
		{"exact", "checkout-api"},
		{"prefix", "a*"},
		{"suffix", "*ⱥıſ"},
		{"prefix and suffix", "S*é"},
		{"wildcards", "*a*b?"},
		{"only wildcards", "??*"},
		{"many parts", "*?a*?b*-?*[*{?"},
		{"match-all", "*"},
	}
	var seen filtertest.Verdicts
	for _, e := range entries {
		f := filtertest.MustCompile(filtertest.RestrictedTo("no-such-project", "*x?x*x?", e.entry))
		for _, n := range names {
			t.Run(fmt.Sprintf("%s of %s", e.name, n.name), func(t *testing.T) {
				event := filtertest.Named(n.project)
				seen.Saw(f.Match(event))
				require.Zero(t, testing.AllocsPerRun(100, func() { f.Match(event) }))
			})
		}
	}
	seen.RequireBoth(t)
}

// The first call of Match with a long name and a hostile entry may allocate memory in proportion
// to the length of the name, but not to the number of comparisons. It takes about one byte per
// byte of the name; the limit is 50.
func TestHostileEntriesAllocateLittle(t *testing.T) {
	const length = 20_000
	for _, entry := range []string{
		hostile("", "*a", "b"), hostile("", "*a", "b?"), hostile("*", "a?", "b*"), hostile("*a*", "a", "b?*"),
	} {
		t.Run(fmt.Sprintf("%.8s…", entry), func(t *testing.T) {
			f := filtertest.MustCompile(filtertest.RestrictedTo(entry))
			event := filtertest.Named(strings.Repeat("a", length))
			var before, after runtime.MemStats
			// Two collections empty the pools.
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&before)
			require.False(t, f.Match(event))
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(50*length))
		})
	}
}
