package live

import "slices"

// A trie is a persistent hash trie with leaf buckets. A leaf has its items in one slice. An inner
// node has a child for each value of the next bits of the hash, from the top. With two bits per
// node and at most two items per leaf:
//
//	items 0001, 0110, 1001, 1011, 1100        after 1000 is added
//
//	00 ─ [0001]                               00 ─ [0001]
//	01 ─ [0110]                               01 ─ [0110]
//	10 ─ [1001 1011]                          10 ─┬─ 00 ─ [1000]
//	11 ─ [1100]                                   ├─ 01 ─ [1001]
//	                                              ├─ 10 ─ []
//	                                              └─ 11 ─ [1011]
//	                                          11 ─ [1100]
//
// A trie is immutable. A change returns a new trie, which shares all nodes with the old one except
// the nodes on the path to the changed item. The zero trie is an empty leaf.
//
// An inner node has more than maxLeaf/2 items below it. If fewer are left, it becomes a leaf again.
type trie[T any] struct {
	items    []T              // of a leaf; nil in an inner node
	children *[fanout]trie[T] // of an inner node; nil in a leaf
}

// kind describes the items of a trie to the functions that make tries.
type kind[T any] struct {
	maxLeaf int // maximum number of items in a leaf
	hash    func(T) uint64
}

const (
	fanoutBits = 3
	fanout     = 1 << fanoutBits
	maxDepth   = 64 / fanoutBits // too few bits of the hash are left; a leaf at this depth may have any size
)

// childIndex returns which child of an inner node at a depth has the items with a hash.
func childIndex(hash uint64, depth int) int {
	return int(hash << (depth * fanoutBits) >> (64 - fanoutBits))
}

// newTrie returns a trie of items. It retains the slice.
func (k kind[T]) newTrie(items []T) trie[T] { return k.newTrieAt(0, items) }

// newTrieAt returns a trie of items for a node at a depth.
func (k kind[T]) newTrieAt(depth int, items []T) trie[T] {
	if len(items) <= k.maxLeaf || depth == maxDepth {
		return trie[T]{items: items}
	}
	var sizes [fanout]int
	for i := range items {
		sizes[childIndex(k.hash(items[i]), depth)]++
	}
	var parts [fanout][]T
	for i, size := range sizes {
		if size > 0 {
			parts[i] = make([]T, 0, size)
		}
	}
	for i := range items {
		at := childIndex(k.hash(items[i]), depth)
		parts[at] = append(parts[at], items[i])
	}
	children := new([fanout]trie[T])
	for i, part := range parts {
		children[i] = k.newTrieAt(depth+1, part)
	}
	return trie[T]{children: children}
}

func (t *trie[T]) isLeaf() bool { return t.children == nil }

func (t *trie[T]) isEmpty() bool { return len(t.items) == 0 && t.children == nil }

// find returns the items of one leaf. All items with the hash are among them.
func (t *trie[T]) find(hash uint64) []T {
	for ; t.children != nil; hash <<= fanoutBits {
		t = &t.children[hash>>(64-fanoutBits)]
	}
	return t.items
}

// leaves is an iterator over the items of each leaf. Hot paths check isLeaf first: most tries are
// a single leaf.
func (t *trie[T]) leaves(yield func([]T) bool) { t.walk(yield) }

// walk is like leaves, and reports whether yield always returned true.
func (t *trie[T]) walk(yield func([]T) bool) bool {
	if t.isLeaf() {
		return yield(t.items)
	}
	for i := range t.children {
		if !t.children[i].walk(yield) {
			return false
		}
	}
	return true
}

// with returns t with item. If t has an item with the same hash for which replaces returns true,
// the new item replaces it.
func (k kind[T]) with(t trie[T], item T, replaces func(*T) bool) trie[T] {
	return k.withAt(0, t, k.hash(item), item, replaces)
}

func (k kind[T]) withAt(depth int, t trie[T], hash uint64, item T, replaces func(*T) bool) trie[T] {
	if !t.isLeaf() {
		children := *t.children
		child := &children[childIndex(hash, depth)]
		*child = k.withAt(depth+1, *child, hash, item, replaces)
		return trie[T]{children: &children}
	}
	if i := indexFunc(t.items, replaces); i >= 0 {
		items := slices.Clone(t.items)
		items[i] = item
		return trie[T]{items: items}
	}
	items := make([]T, len(t.items)+1)
	items[copy(items, t.items)] = item
	return k.newTrieAt(depth, items)
}

// without removes the item that has a hash and for which removes returns true. It returns the trie
// without the item, and the item, which must be in t.
func (k kind[T]) without(t trie[T], hash uint64, removes func(*T) bool) (trie[T], T) {
	return k.withoutAt(0, t, hash, removes)
}

func (k kind[T]) withoutAt(depth int, t trie[T], hash uint64, removes func(*T) bool) (trie[T], T) {
	if t.isLeaf() {
		i := indexFunc(t.items, removes)
		return trie[T]{items: slices.Concat(t.items[:i], t.items[i+1:])}, t.items[i]
	}
	children := *t.children
	child := &children[childIndex(hash, depth)]
	var removed T
	*child, removed = k.withoutAt(depth+1, *child, hash, removes)
	size := 0
	for i := range children {
		if size += len(children[i].items); !children[i].isLeaf() || size > k.maxLeaf/2 {
			return trie[T]{children: &children}, removed
		}
	}
	items := make([]T, 0, size)
	for i := range children {
		items = append(items, children[i].items...)
	}
	return trie[T]{items: items}, removed
}

// indexFunc is slices.IndexFunc, but does not copy the items.
func indexFunc[T any](items []T, f func(*T) bool) int {
	for i := range items {
		if f(&items[i]) {
			return i
		}
	}
	return -1
}

// pointer is a pointer to an item, with the item's hash, so that a search dereferences few items.
type pointer[T any] struct {
	hash uint64
	to   *T
}

func pointers[T any]() kind[pointer[T]] {
	return kind[pointer[T]]{maxLeaf: 32, hash: func(r pointer[T]) uint64 { return r.hash }}
}
