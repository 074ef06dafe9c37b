package live

import "math/bits"

// every is the values that every name finds. They are the bulk of many an answer,
// so where they are many, each tag has a list of them, to be copied whole. The lists
// stay until all of the values are gone.
type every[V comparable] struct {
	few   trie[posting[V]]  // a leaf, or
	lists *[MaxTags]trie[V] // if there were ever more than mostFew
}

const mostFew = 32

// with returns e with a posting. The zero every is empty.
func (e every[V]) with(k *kinds[V], p posting[V]) every[V] {
	few := e.few.leafWith(p, never)
	if e.lists == nil && few.len <= mostFew {
		return every[V]{few: few}
	}
	var lists [MaxTags]trie[V]
	if e.lists != nil {
		lists = *e.lists
	}
	items := few.items()
	for i := range items {
		hash := k.postings.hash(&items[i])
		for tag := range items[i].tags.all {
			lists[tag] = lists[tag].with(&k.list, hash, items[i].value, never)
		}
	}
	return every[V]{lists: &lists}
}

// without returns e without p, the posting of a value with that hash.
func (e every[V]) without(k *kinds[V], hash uint64, p posting[V]) every[V] {
	if e.lists == nil {
		e.few, _ = e.few.without(&k.postings, 0, func(q *posting[V]) bool { return q.value == p.value })
		return e
	}
	lists, empty := *e.lists, true
	for tag := range p.tags.all {
		lists[tag], _ = lists[tag].without(&k.list, hash, func(v *V) bool { return *v == p.value })
	}
	for i := range lists {
		empty = empty && lists[i].isEmpty()
	}
	if empty {
		return every[V]{}
	}
	return every[V]{lists: &lists}
}

// append appends the values that have one of the tags.
func (e *every[V]) append(dst []V, tags Tags) []V {
	for _, p := range e.few.items() {
		if p.tags&tags != 0 {
			dst = append(dst, p.value)
		}
	}
	if e.lists != nil {
		for tag := range tags.all {
			list := &e.lists[tag]
			if list.isLeaf() {
				dst = append(dst, list.items()...)
				continue
			}
			for values := range list.leaves {
				dst = append(dst, values...)
			}
		}
	}
	return dst
}

// Tags is a set of numbers below MaxTags.
type Tags uint32

const (
	MaxTags = 32
	maxTag  = MaxTags - 1
)

func (t Tags) all(yield func(int) bool) {
	for ; t != 0; t &= t - 1 {
		if !yield(bits.TrailingZeros32(uint32(t))) {
			return
		}
	}
}
