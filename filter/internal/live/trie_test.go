package live

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Hashes that no Index has by chance: all the same, or apart in their last bits only.
func TestTrieOfHashesThatCollide(t *testing.T) {
	for name, hash := range map[string]func(*int) uint64{
		"the same":      func(*int) uint64 { return 1 },
		"the last bits": func(i *int) uint64 { return uint64(*i) % 16 },
		"a bit":         func(i *int) uint64 { return uint64(*i) % 2 << 63 },
	} {
		t.Run(name, func(t *testing.T) {
			k := kind[int]{most: 4, hash: hash}
			is := func(want int) func(*int) bool { return func(i *int) bool { return *i == want } }
			var trie trie[int]
			var want []int
			check := func() {
				t.Helper()
				var all []int
				for items := range trie.leaves {
					all = append(all, items...)
				}
				require.ElementsMatch(t, want, all)
				require.Len(t, all, int(trie.len))
				all = nil
				for at, last := uint64(0), uint64(0); last != math.MaxUint64; at = last + 1 {
					var items []int
					items, last = trie.from(at)
					for _, i := range items {
						require.True(t, at <= hash(&i) && hash(&i) <= last)
					}
					all = append(all, items...)
				}
				require.ElementsMatch(t, want, all)
				for _, i := range want {
					require.Contains(t, trie.find(hash(&i)), i)
				}
			}
			for i := range 40 {
				trie, want = trie.with(&k, hash(&i), i, never), append(want, i)
				trie = trie.with(&k, hash(&i), i, is(i)) // in its own place
				check()
			}
			rand.Shuffle(len(want), func(i, j int) { want[i], want[j] = want[j], want[i] })
			for len(want) > 0 {
				var gone int
				trie, gone = trie.without(&k, hash(&want[0]), is(want[0]))
				require.Equal(t, want[0], gone)
				want = slices.Delete(want, 0, 1)
				check()
			}
			require.True(t, trie.isEmpty())
		})
	}
}

// What unsafe buys in a trie. A slot that says in one word where its items or kids are
// makes a node of 128 bytes, which each Put copies several times; with a slice and a
// pointer it is 256.
func BenchmarkNode(b *testing.B) {
	type slot struct {
		items []uint64
		kids  *[fan]slot
	}
	b.Run("unsafe", func(b *testing.B) {
		b.ReportAllocs()
		old := nodeOf(new([fan]trie[uint64]))
		for b.Loop() {
			kids := old.copyOfKids()
			old = trie[uint64]{at: unsafe.Pointer(kids), room: inNode}
		}
	})
	b.Run("safe", func(b *testing.B) {
		b.ReportAllocs()
		old := slot{kids: new([fan]slot)}
		for b.Loop() {
			kids := *old.kids
			old = slot{kids: &kids}
		}
	})
}

// What it buys to read of the leaves ahead, where no cache has them.
func BenchmarkWalk(b *testing.B) {
	k := kind[uint64]{most: 512, hash: func(h *uint64) uint64 { return *h }}
	var tries []trie[uint64]
	for range 100 {
		var t trie[uint64]
		for range 20_000 {
			n := rand.Uint64()
			t = t.with(&k, n, n, never)
		}
		tries = append(tries, t)
	}
	var dst []uint64
	add := func(items []uint64) bool {
		dst = append(dst, items...)
		return true
	}
	for name, walk := range map[string]func(*trie[uint64]){
		"ahead":    func(t *trie[uint64]) { t.walk(add) },
		"in order": func(t *trie[uint64]) { inOrder(t, add) },
	} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				dst = dst[:0]
				walk(&tries[i%len(tries)])
			}
		})
	}
}

// inOrder is walk without reading ahead.
func inOrder(t *trie[uint64], yield func([]uint64) bool) bool {
	if t.isLeaf() {
		return t.len == 0 || yield(t.items())
	}
	kids := t.kids()
	for i := range kids {
		if (i == 0 || kids[i].at != kids[i-1].at) && !inOrder(&kids[i], yield) {
			return false
		}
	}
	return true
}
