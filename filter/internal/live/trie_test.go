package live

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkTrie requires the invariants of a trie, and returns its items.
func checkTrie[T any](t testing.TB, k kind[T], root trie[T]) (all []T) {
	t.Helper()
	var check func(tr trie[T], depth int, path []int) int
	check = func(tr trie[T], depth int, path []int) int {
		if tr.isLeaf() {
			require.True(t, len(tr.items) <= k.maxLeaf || depth == maxDepth, "a leaf has %d items, want at most %d", len(tr.items), k.maxLeaf)
			for i := range tr.items {
				for d, at := range path {
					require.Equal(t, at, childIndex(k.hash(tr.items[i]), d), "an item is in the wrong leaf")
				}
			}
			all = append(all, tr.items...)
			return len(tr.items)
		}
		require.Empty(t, tr.items, "an inner node has items")
		size := 0
		for i := range tr.children {
			size += check(tr.children[i], depth+1, append(slices.Clone(path), i))
		}
		require.Greater(t, size, k.maxLeaf/2, "items below an inner node, which should be a leaf")
		return size
	}
	size := check(root, 0, nil)
	require.Equal(t, size == 0, root.isEmpty())
	return all
}

// A trie works even if all hashes are equal or differ in few bits, which does not happen by chance.
func TestTrieOfCollidingHashes(t *testing.T) {
	for name, hash := range map[string]func(int) uint64{
		"all are equal":           func(int) uint64 { return 1 },
		"differ in the last bits": func(i int) uint64 { return uint64(i) % 16 },
		"differ in the first bit": func(i int) uint64 { return uint64(i) % 2 << 63 },
	} {
		t.Run(name, func(t *testing.T) {
			k := kind[int]{maxLeaf: 4, hash: hash}
			equals := func(want int) func(*int) bool { return func(i *int) bool { return *i == want } }
			var root trie[int]
			var want []int
			for i := range 40 {
				before, items := root, checkTrie(t, k, root)
				root, want = k.with(root, i, never), append(want, i)
				root = k.with(root, i, equals(i)) // replaces itself
				require.ElementsMatch(t, want, checkTrie(t, k, root))
				require.Contains(t, root.find(hash(i)), i)
				require.Equal(t, items, checkTrie(t, k, before), "the older trie has changed")
				require.ElementsMatch(t, want, checkTrie(t, k, k.newTrie(slices.Clone(want))))
			}
			rand.Shuffle(len(want), func(i, j int) { want[i], want[j] = want[j], want[i] })
			for len(want) > 0 {
				before, items := root, checkTrie(t, k, root)
				var removed int
				root, removed = k.without(root, hash(want[0]), equals(want[0]))
				require.Equal(t, want[0], removed)
				want = slices.Delete(want, 0, 1)
				require.ElementsMatch(t, want, checkTrie(t, k, root))
				require.Equal(t, items, checkTrie(t, k, before), "the older trie has changed")
			}
		})
	}
}

func TestBreakOutOfLeaves(t *testing.T) {
	k := kind[uint64]{maxLeaf: 2, hash: func(h uint64) uint64 { return h << 58 }}
	root := k.newTrie([]uint64{0, 1, 8, 9, 16, 17, 24, 25, 32, 33})
	n := 0
	for range root.leaves {
		if n++; n == 3 {
			break
		}
	}
	require.Equal(t, 3, n)
}

// The hash of a number is the number itself, shifted to the top bits, so the trie is the same in
// each process.
func TestTrieGolden(t *testing.T) {
	k := kind[uint64]{maxLeaf: 4, hash: func(h uint64) uint64 { return h << 55 }}
	var root trie[uint64]
	for _, i := range []uint64{0o000, 0o100, 0o101, 0o110, 0o111, 0o112, 0o120, 0o200, 0o700} {
		root = k.with(root, i, never)
	}
	var b strings.Builder
	printTrie(&b, root, "", func(i uint64) string { return fmt.Sprintf("%03o", i) })
	golden(t, "trie", b.String())
}

// printTrie prints the leaves of a trie with their paths.
func printTrie[T any](b *strings.Builder, t trie[T], path string, text func(T) string) {
	if !t.isLeaf() {
		for i, child := range t.children {
			printTrie(b, child, fmt.Sprint(path, i), text)
		}
		return
	}
	var items []string
	for _, item := range t.items {
		items = append(items, text(item))
	}
	fmt.Fprintf(b, "%s%-3s %v\n", strings.Repeat("  ", len(path)), path, items)
}
