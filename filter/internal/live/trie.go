package live

import "slices"

// A trie is an immutable set of items that are found by their hash. Changing it
// makes a new trie, which shares with the old one all but the path to the change.
// The zero trie is empty.
//
// A leaf has its items in one slice. An inner node has fan tries: the next three
// bits of the hash, from the top, say which of them an item is in. Here with a hex
// digit for these bits, and with leaves of two items at most:
//
//	items 1a…, 1b…, 7c…, e0…, e1…      ·
//	                           ┌───────┼──────────┐
//	                          1:       7:         e:
//	                      [1a… 1b…]  [7c…]    [e0… e1…]
//
// Most of what the names of events are looked up for is not there. Marks tell it
// before the items have to be read: each item sets one of 64 bits in its leaf, and in
// every node above it.
type trie[T any] struct {
	marks uint64
	kids  *[fan]trie[T]
	items []T // of a leaf; never changed
}

const (
	fanBits  = 3
	fan      = 1 << fanBits
	maxDepth = 64 / fanBits // where the hash has no more bits; a leaf there has any number of items
)

// kind is what a trie has to know of its items to change.
type kind[T any] struct {
	most int // items of a leaf
	hash func(*T) uint64
}

// mark returns the mark of a hash. The bits that it takes are used up for paths
// only where a trie is too large for its root's marks anyhow.
func mark(hash uint64) uint64 { return 1 << (hash >> 32 & 63) }

// find returns some items, among which are all of that hash. Mostly there are none,
// so a search goes down to the leaf before it asks anything: that is what the
// processor guesses right.
func (t *trie[T]) find(hash uint64) []T {
	for path := hash; t.kids != nil; path <<= fanBits {
		t = &t.kids[path>>(64-fanBits)]
	}
	if t.marks&mark(hash) == 0 {
		return nil
	}
	return t.items
}

// leaves calls yield for the items of each leaf that has some, until it returns
// false.
func (t *trie[T]) leaves(yield func([]T) bool) { t.walk(yield) }

// walk is leaves, and reports whether yield never returned false.
func (t *trie[T]) walk(yield func([]T) bool) bool {
	if t.kids == nil {
		return len(t.items) == 0 || yield(t.items)
	}
	for i := range t.kids {
		if !t.kids[i].walk(yield) {
			return false
		}
	}
	return true
}

// with returns t with item, in the place of the one that is reports, if any. Both
// must have the same hash.
func (t trie[T]) with(k *kind[T], item T, is func(*T) bool) trie[T] {
	hash := k.hash(&item)
	return t.put(k, hash, hash, 0, item, is)
}

// put is with at a depth, where path is what is left of the hash.
func (t trie[T]) put(k *kind[T], hash, path uint64, depth int, item T, is func(*T) bool) trie[T] {
	t.marks |= mark(hash)
	if t.kids != nil {
		kids := *t.kids
		kid := &kids[path>>(64-fanBits)]
		*kid = kid.put(k, hash, path<<fanBits, depth+1, item, is)
		t.kids = &kids
		return t
	}
	i := indexFunc(t.items, is)
	if i >= 0 {
		t.items = slices.Clone(t.items)
		t.items[i] = item
		return t
	}
	items := make([]T, len(t.items)+1)
	items[copy(items, t.items)] = item
	t.items = items
	if len(items) > k.most && depth < maxDepth {
		t.items, t.kids = nil, new([fan]trie[T])
		for _, item := range items {
			hash := k.hash(&item)
			path := hash << (depth * fanBits)
			kid := &t.kids[path>>(64-fanBits)]
			*kid = kid.put(k, hash, path<<fanBits, depth+1, item, never)
		}
	}
	return t
}

// never is no item.
func never[T any](*T) bool { return false }

// without returns t without the item of that hash which is reports, and the item.
func (t trie[T]) without(k *kind[T], hash uint64, is func(*T) bool) (trie[T], T) {
	if t.kids == nil {
		i := indexFunc(t.items, is)
		return leaf(k, slices.Concat(t.items[:i], t.items[i+1:])), t.items[i]
	}
	kids := *t.kids
	kid := &kids[hash>>(64-fanBits)]
	var gone T
	*kid, gone = kid.without(k, hash<<fanBits, is)
	t = trie[T]{kids: &kids}
	few := 0 // items, if all kids are leaves
	for i := range kids {
		t.marks |= kids[i].marks
		few += len(kids[i].items)
		if kids[i].kids != nil {
			few = k.most
		}
	}
	if few > k.most/2 {
		return t, gone
	}
	items := make([]T, 0, few)
	for i := range kids {
		items = append(items, kids[i].items...)
	}
	return leaf(k, items), gone
}

// leaf returns the trie of some items.
func leaf[T any](k *kind[T], items []T) (t trie[T]) {
	for i := range items {
		t.marks |= mark(k.hash(&items[i]))
	}
	t.items = items
	return t
}

func indexFunc[T any](items []T, is func(*T) bool) int {
	for i := range items {
		if is(&items[i]) {
			return i
		}
	}
	return -1
}
