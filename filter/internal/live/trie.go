package live

import "slices"

// A trie is a persistent hash trie with leaf buckets. A leaf has its items in one slice. An
// inner node has an array of children, by the next bits of the hash, from the top. Here with
// two bits a node, and at most two items a leaf:
//
//	items 0001, 0110, 1001, 1011, 1100        1000 is added: 10 becomes an inner node
//
//	00 ─ [0001]                               00 ─ [0001]
//	01 ─ [0110]                               01 ─ [0110]
//	10 ─ [1001 1011]                          10 ─┬─ 00 ─ [1000]
//	11 ─ [1100]                                   ├─ 01 ─ [1001]
//	                                              ├─ 10 ─ []
//	                                              └─ 11 ─ [1011]
//	                                          11 ─ [1100]
//
// A trie never changes: with and without return a new one, which shares with the old one
// everything but the path from the root to the item. The zero trie is an empty leaf.
//
// An inner node has more than maxLeaf/2 items below it, so that a trie that shrinks becomes a
// leaf again.
type trie[T any] struct {
	items    []T              // of a leaf; nil in an inner node
	children *[fanout]trie[T] // of an inner node; nil in a leaf
}

// kind is what a trie has to know of its items to change.
type kind[T any] struct {
	maxLeaf int // how many items a leaf has at most
	hash    func(T) uint64
}

const (
	fanoutBits = 3
	fanout     = 1 << fanoutBits
	maxDepth   = 64 / fanoutBits // where the hash has no more bits, a leaf has any number of items
)

// childAt returns the child that a hash belongs to in an inner node at a depth.
func childAt(hash uint64, depth int) int {
	return int(hash << (depth * fanoutBits) >> (64 - fanoutBits))
}

// newTrie returns a trie of items. It keeps the slice.
func (k kind[T]) newTrie(items []T) trie[T] { return k.newTrieAt(0, items) }

// newTrieAt is newTrie for a trie at a depth of another.
func (k kind[T]) newTrieAt(depth int, items []T) trie[T] {
	if len(items) <= k.maxLeaf || depth == maxDepth {
		return trie[T]{items: items}
	}
	var sizes [fanout]int
	for i := range items {
		sizes[childAt(k.hash(items[i]), depth)]++
	}
	var parts [fanout][]T
	for i, size := range sizes {
		if size > 0 {
			parts[i] = make([]T, 0, size)
		}
	}
	for i := range items {
		at := childAt(k.hash(items[i]), depth)
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

// find returns the items of a leaf, among which are all items of that hash.
func (t *trie[T]) find(hash uint64) []T {
	for ; t.children != nil; hash <<= fanoutBits {
		t = &t.children[hash>>(64-fanoutBits)]
	}
	return t.items
}

// leaves calls yield for the items of each leaf, until it returns false. Hot paths check isLeaf
// first: most tries are a single leaf.
func (t *trie[T]) leaves(yield func([]T) bool) { t.walk(yield) }

// walk is leaves, and reports whether yield never returned false.
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

// with returns t with an item. The item takes the place of one of its hash for which replaces
// returns true, if there is one.
func (k kind[T]) with(t trie[T], item T, replaces func(*T) bool) trie[T] {
	return k.withAt(0, t, k.hash(item), item, replaces)
}

func (k kind[T]) withAt(depth int, t trie[T], hash uint64, item T, replaces func(*T) bool) trie[T] {
	if !t.isLeaf() {
		children := *t.children
		child := &children[childAt(hash, depth)]
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

// without returns t without the item of a hash for which is returns true, and that item, which
// must be there.
func (k kind[T]) without(t trie[T], hash uint64, is func(*T) bool) (trie[T], T) {
	return k.withoutAt(0, t, hash, is)
}

func (k kind[T]) withoutAt(depth int, t trie[T], hash uint64, is func(*T) bool) (trie[T], T) {
	if t.isLeaf() {
		i := indexFunc(t.items, is)
		return trie[T]{items: slices.Concat(t.items[:i], t.items[i+1:])}, t.items[i]
	}
	children := *t.children
	child := &children[childAt(hash, depth)]
	var removed T
	*child, removed = k.withoutAt(depth+1, *child, hash, is)
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

// indexFunc is slices.IndexFunc without copying the items.
func indexFunc[T any](items []T, f func(*T) bool) int {
	for i := range items {
		if f(&items[i]) {
			return i
		}
	}
	return -1
}

// pointer is a pointer to an item with the hash of the item, so that a search reads only items that
// have the hash.
type pointer[T any] struct {
	hash uint64
	to   *T
}

func pointers[T any]() kind[pointer[T]] {
	return kind[pointer[T]]{maxLeaf: 32, hash: func(r pointer[T]) uint64 { return r.hash }}
}
