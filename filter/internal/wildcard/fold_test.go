package wildcard_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// ASCII is folded eight bytes at a time, so the test puts every ASCII character at every position of
// a name.
func TestFoldASCII(t *testing.T) {
	var f wildcard.Folder
	for length := range 20 {
		for at := range length {
			for c := range byte(0x80) {
				name := []byte(strings.Repeat("[", length))
				name[at] = c
				want := string(name)
				if 'A' <= c && c <= 'Z' {
					want = strings.ToLower(want)
				}
				require.Equal(t, want, f.Fold(string(name)))
				require.Equal(t, "日"+want, f.Fold("日"+string(name)), "after a character that is not ASCII")
			}
		}
	}
}

// The folded forms of two names are equal if and only if strings.EqualFold reports true.
func TestFoldIsEqualFold(t *testing.T) {
	var f, g wildcard.Folder
	var seen filtertest.Verdicts
	filtertest.Check(t, 3000, func(names [2]string) string {
		want := strings.EqualFold(strings.ToValidUTF8(names[0], "\ufffd"), strings.ToValidUTF8(names[1], "\ufffd"))
		if got := seen.Saw(f.Fold(names[0]) == g.Fold(names[1])); got != want {
			return fmt.Sprintf("%+q: folded forms are equal: %t, want %t", names, got, want)
		}
		return ""
	}, func(r *rand.Rand) [2]string {
		name := filtertest.Text(r, filtertest.Literals, 0, 20)
		other := filtertest.Recase(r, name)
		if r.Intn(2) == 0 {
			other = filtertest.Text(r, filtertest.Literals, 1, 2) + other
		}
		return [2]string{name, other}
	})
	seen.RequireBoth(t)
}

// A Folder reuses its buffer unless the buffer is huge.
func TestFolderDropsHugeBuffers(t *testing.T) {
	var f wildcard.Folder
	name := strings.Repeat("A", 1<<20)
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() { f.Fold(name) }), 0.)
	huge := strings.Repeat("A", 5<<20)
	require.GreaterOrEqual(t, testing.AllocsPerRun(10, func() { f.Fold(huge) }), 1.)
}

var copied string // keeps the compiler from removing the copy

// BenchmarkFold compares Fold with a version that copies its result.
func BenchmarkFold(b *testing.B) {
	var f wildcard.Folder
	name := "Team-123-Checkout-API"
	b.Run("in place", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.Fold(name)
		}
	})
	b.Run("a copy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			copied = strings.Clone(f.Fold(name))
		}
	})
}
