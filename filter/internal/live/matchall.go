package live

import "math/bits"

// Tags is a set of numbers below MaxTags.
type Tags uint32

// MaxTags is the number of different tags.
const MaxTags = 32

// matchAll holds the values that match every name, in one list for each tag, so that a query only
// copies the lists of its tags. A value with several tags is in several lists:
//
//	a with the tags 0 and 4, b with the tag 4, c with the tag 7
//
//	tags  0, 4, 7
//	lists [a] [a b] [c]
//
// A nil matchAll is empty.
type matchAll[V comparable] struct {
	tags  Tags      // the tags that have a list
	lists []trie[V] // the lists, by tag
}

func members[V comparable]() kind[V] { return kind[V]{maxLeaf: 256, hash: hashValue[V]} }

// add adds the list of a tag unless the list is empty. The tag must be higher than all tags of m.
func (m *matchAll[V]) add(tag Tags, list trie[V]) {
	if !list.isEmpty() {
		m.tags |= tag
		m.lists = append(m.lists, list)
	}
}

func (m *matchAll[V]) orNil() *matchAll[V] {
	if m.tags == 0 {
		return nil
	}
	return m
}

// list returns the list of tag, which must be a single tag.
func (m *matchAll[V]) list(tag Tags) (list trie[V]) {
	if m != nil && m.tags&tag != 0 {
		list = m.lists[bits.OnesCount32(uint32(m.tags&(tag-1)))]
	}
	return list
}

// with returns m with a posting.
func (m *matchAll[V]) with(p posting[V]) *matchAll[V] {
	return m.changed(p.tags, func(list trie[V]) trie[V] { return members[V]().with(list, p.value, never) })
}

// without returns m without a posting, which it must have.
func (m *matchAll[V]) without(p posting[V]) *matchAll[V] {
	isValue := func(v *V) bool { return *v == p.value }
	return m.changed(p.tags, func(list trie[V]) trie[V] {
		list, _ = members[V]().without(list, hashValue(p.value), isValue)
		return list
	})
}

// changed returns m with change applied to the lists of tags.
func (m *matchAll[V]) changed(tags Tags, change func(trie[V]) trie[V]) *matchAll[V] {
	all := tags
	if m != nil {
		all |= m.tags
	}
	n := matchAll[V]{lists: make([]trie[V], 0, bits.OnesCount32(uint32(all)))}
	for ; all != 0; all &= all - 1 {
		tag := all & -all
		list := m.list(tag)
		if tags&tag != 0 {
			list = change(list)
		}
		n.add(tag, list)
	}
	return n.orNil()
}

// append appends the values that have one of the tags. No value may have more than one of them.
func (m *matchAll[V]) append(dst []V, tags Tags) []V {
	for tags &= m.tags; tags != 0; tags &= tags - 1 {
		list := m.list(tags & -tags)
		for items := range list.leaves {
			dst = append(dst, items...)
		}
	}
	return dst
}
