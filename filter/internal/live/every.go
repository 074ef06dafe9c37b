package live

import (
	"math/bits"
	"slices"
)

// every is the values that every name finds. They are the bulk of many an answer,
// so where they are many, each tag has a list of them, to be copied whole. The lists
// stay until all of the values are gone.
type every[V comparable] struct {
	few   []posting[V]      // or
	lists *[MaxTags]trie[V] // if there were ever more than mostFew
	len   int
}

const mostFew = 32

// with returns e with a posting. The nil every is empty.
func (e *every[V]) with(k *kinds[V], p posting[V]) *every[V] {
	n := every[V]{len: 1}
	if e != nil {
		n = *e
		n.len++
	}
	if n.lists == nil && len(n.few) < mostFew {
		n.few = append(slices.Clip(n.few), p)
		return &n
	}
	lists := new([MaxTags]trie[V])
	if n.lists != nil {
		*lists = *n.lists
	}
	for _, p := range append(slices.Clip(n.few), p) {
		for tag := range p.tags.all {
			lists[tag] = lists[tag].with(&k.list, p.value, never)
		}
	}
	n.few, n.lists = nil, lists
	return &n
}

// without returns e without a posting.
func (e *every[V]) without(k *kinds[V], p posting[V]) *every[V] {
	if e.len == 1 {
		return nil
	}
	n := *e
	n.len--
	is := func(v *V) bool { return *v == p.value }
	if n.lists == nil {
		n.few = slices.DeleteFunc(slices.Clone(n.few), func(q posting[V]) bool { return q.value == p.value })
		return &n
	}
	lists := *n.lists
	for tag := range p.tags.all {
		lists[tag], _ = lists[tag].without(&k.list, k.list.hash(&p.value), is)
	}
	n.lists = &lists
	return &n
}

// append appends the values that have one of the tags.
func (e *every[V]) append(dst []V, tags Tags) []V {
	switch {
	case e == nil:
	case e.lists == nil:
		for i := range e.few {
			if e.few[i].tags&tags != 0 {
				dst = append(dst, e.few[i].value)
			}
		}
	default:
		for tag := range tags.all {
			for values := range e.lists[tag].leaves {
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
