package live

import (
	"math"
	"runtime"
	"slices"
	"unsafe"
)

// A trie is an immutable set of items that are found by their hash. Changing it
// makes a new trie, which shares with the old one all but the path to the change.
// The zero trie is empty.
//
// A leaf has its items in one slice. An inner node has fan kids: the next three
// bits of the hash, from the top, say in which an item is. Kids that are next to each
// other may be the same leaf, which is divided when it is full, by one bit at a time.
// Here with two bits a node, and leaves of two items at most:
//
//	items 0001, 0110, 1001, 1011, 1100:
//
//	00 ─┬─ [0001 0110]
//	01 ─┘
//	10 ─── [1001 1011]
//	11 ─── [1100]
//
//	1000 comes: 10 is a node of its own, in which    00 ─┬─ [1001 1000]
//	                                                 01 ─┘
//	                                                 10 ─┬─ [1011]
//	                                                 11 ─┘
//
// Each Put copies several nodes, so a slot is small: it has one pointer, which room
// says how to read. BenchmarkNode shows what that buys, and no other file needs to know.
type trie[T any] struct {
	at   unsafe.Pointer // to room items, or in a node to its kids, a *[fan]trie[T]
	len  int32          // items, in all leaves below a node
	room int32          // for the items of a leaf; inNode in a node
}

const inNode = -1

func (t *trie[T]) isLeaf() bool { return t.room != inNode }

func (t *trie[T]) isEmpty() bool { return t.len == 0 }

// items returns the items of a leaf.
func (t *trie[T]) items() []T { return unsafe.Slice((*T)(t.at), t.room)[:t.len] }

// kids returns the kids of a node.
func (t *trie[T]) kids() *[fan]trie[T] { return (*[fan]trie[T])(t.at) }

func nodeOf[T any](kids *[fan]trie[T]) trie[T] {
	t := trie[T]{at: unsafe.Pointer(kids), room: inNode}
	for i := range kids {
		if i == 0 || kids[i].at != kids[i-1].at {
			t.len += kids[i].len
		}
	}
	return t
}

func leafOf[T any](items []T) trie[T] {
	return trie[T]{unsafe.Pointer(unsafe.SliceData(items)), int32(len(items)), int32(cap(items))}
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

// find returns some items, among which are all of that hash.
func (t *trie[T]) find(hash uint64) []T {
	for ; !t.isLeaf(); hash <<= fanBits {
		t = &t.kids()[hash>>(64-fanBits)]
	}
	return t.items()
}

// leaves calls yield for the items of each leaf that has some, until it returns
// false. Queries ask isLeaf first, which most tries are: that saves two calls.
func (t *trie[T]) leaves(yield func([]T) bool) { t.walk(yield) }

// walk is leaves, and reports whether yield never returned false. It reads a byte of
// each kid of a node before it waits for the first, so that the memory brings them all
// at once: BenchmarkWalk.
func (t *trie[T]) walk(yield func([]T) bool) bool {
	if t.isLeaf() {
		return t.len == 0 || yield(t.items())
	}
	kids := t.kids()
	var ahead byte
	for i := range kids {
		if kids[i].len != 0 {
			ahead |= *(*byte)(kids[i].at)
		}
	}
	runtime.KeepAlive(ahead) // else the compiler reads nothing
	for i := range kids {
		if (i == 0 || kids[i].at != kids[i-1].at) && !kids[i].walk(yield) {
			return false
		}
	}
	return true
}

// from returns the items of the leaf where a hash belongs, and the last hash that does.
func (t *trie[T]) from(hash uint64) (items []T, last uint64) {
	last = math.MaxUint64
	for depth := 0; !t.isLeaf(); depth++ {
		same := leafAt(t.kids(), kidOf(hash, depth))
		last = hash | (uint64(len(same))<<(64-(depth+1)*fanBits) - 1)
		t = &same[0]
	}
	return t.items(), last
}

// with returns t with an item of that hash, in the place of the one that is reports, if
// any, whose hash must be the same.
func (t trie[T]) with(k *kind[T], hash uint64, item T, is func(*T) bool) trie[T] {
	return t.put(k, hash, 0, item, is)
}

// put is with at a depth.
func (t trie[T]) put(k *kind[T], hash uint64, depth int, item T, is func(*T) bool) trie[T] {
	if t.isLeaf() {
		if l := t.leafWith(item, is); int(l.len) <= k.most || depth == maxDepth {
			return l
		}
	}
	kids := t.copyOfKids()
	for i := kidOf(hash, depth); ; {
		same := leafAt(kids, i)
		if len(same) == 1 {
			same[0] = same[0].put(k, hash, depth+1, item, is)
			break
		}
		if l := same[0].leafWith(item, is); int(l.len) <= k.most {
			fill(same, l)
			break
		}
		divide(k, same, depth)
	}
	return nodeOf(kids)
}

// kidOf returns which kid of a node at a depth a hash is in.
func kidOf(hash uint64, depth int) int { return int(hash << (depth * fanBits) >> (64 - fanBits)) }

// copyOfKids returns the kids of a node that a leaf becomes if it is not one.
func (t trie[T]) copyOfKids() *[fan]trie[T] {
	kids := new([fan]trie[T])
	if !t.isLeaf() {
		*kids = *t.kids()
	} else {
		fill(kids[:], t)
	}
	return kids
}

func fill[T any](kids []trie[T], t trie[T]) {
	for i := range kids {
		kids[i] = t
	}
}

// leafAt returns the kids that are the same leaf as kid i, or the kid alone if it is
// a node.
func leafAt[T any](kids *[fan]trie[T], i int) []trie[T] {
	same := kids[i : i+1]
	for size := 2; size <= fan; size *= 2 {
		more := kids[i&^(size-1):][:size]
		for j := range more {
			if more[j].at != kids[i].at {
				return same
			}
		}
		same = more
	}
	return same
}

// divide makes two leaves of one that several kids at a depth are.
func divide[T any](k *kind[T], same []trie[T], depth int) {
	var halves [2][]T
	items := same[0].items()
	for i := range items {
		half := &halves[0]
		if kidOf(k.hash(&items[i]), depth)&(len(same)/2) != 0 {
			half = &halves[1]
		}
		*half = append(*half, items[i])
	}
	fill(same[:len(same)/2], leafOf(halves[0]))
	fill(same[len(same)/2:], leafOf(halves[1]))
}

// leafWith returns a leaf with item, in the place of the one that is reports, if any.
//
// Behind the items of a slice there may be room for more, which nobody has seen. The
// newest leaf that has the slice takes it.
func (t trie[T]) leafWith(item T, is func(*T) bool) trie[T] {
	items := t.items()
	switch i := indexFunc(items, is); {
	case i >= 0:
		items = slices.Clone(items)
		items[i] = item
	case len(items) == cap(items):
		more := make([]T, len(items), len(items)+len(items)/4+1)
		copy(more, items)
		items = more
		fallthrough
	default:
		items = append(items, item)
	}
	return leafOf(items)
}

// never is no item.
func never[T any](*T) bool { return false }

// without returns t without the item of that hash which is reports, and the item.
func (t trie[T]) without(k *kind[T], hash uint64, is func(*T) bool) (trie[T], T) {
	return t.take(k, hash, 0, is)
}

// take is without at a depth.
func (t trie[T]) take(k *kind[T], hash uint64, depth int, is func(*T) bool) (trie[T], T) {
	if t.isLeaf() {
		i := indexFunc(t.items(), is)
		gone := t.items()[i]
		return leafOf(slices.Delete(slices.Clone(t.items()), i, i+1)), gone
	}
	kids, i := t.copyOfKids(), kidOf(hash, depth)
	same := leafAt(kids, i)
	l, gone := same[0].take(k, hash, depth+1, is)
	fill(same, l)
	for {
		same = leafAt(kids, i)
		if len(same) == fan {
			return same[0], gone
		}
		other := leafAt(kids, i^len(same))
		if len(other) != len(same) || !same[0].isLeaf() || !other[0].isLeaf() || int(same[0].len+other[0].len) > k.most/2 {
			break
		}
		both := leafOf(slices.Concat(same[0].items(), other[0].items()))
		fill(kids[i&^(2*len(same)-1):][:2*len(same)], both)
	}
	return nodeOf(kids), gone
}

func indexFunc[T any](items []T, is func(*T) bool) int {
	for i := range items {
		if is(&items[i]) {
			return i
		}
	}
	return -1
}
