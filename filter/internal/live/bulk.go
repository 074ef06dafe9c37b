package live

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// replaced returns a set with exactly these versions: s itself if nothing changes, or a new set,
// which is built in bulk if the changed and removed values are more than half as many as the
// versions. s may be nil.
func (s *set[V]) replaced(group ID, versions []Version, newItem func(i int) *Item[V]) *set[V] {
	var changed []int // indexes of the versions that s does not have
	known := 0        // number of ids that s has
	for i, v := range versions {
		it := s.find(v.ID)
		if it != nil {
			known++
		}
		if it == nil || it.Digest != v.Digest {
			changed = append(changed, i)
		}
	}
	removed := s.size() - known
	if len(changed)+removed == 0 {
		return s
	}
	if 2*(len(changed)+removed) > len(versions) {
		items := make([]*Item[V], len(versions))
		for _, i := range changed {
			items[i] = newItem(i)
		}
		for i, v := range versions {
			if items[i] == nil {
				items[i] = s.find(v.ID)
			}
		}
		return newSet(group, items)
	}
	after := s.copy(group)
	if removed > 0 {
		wanted := make(map[ID]bool, len(versions))
		for _, v := range versions {
			wanted[v.ID] = true
		}
		for items := range s.values.leaves {
			for i := range items {
				if it := items[i].to; !wanted[it.ID] {
					after.remove(it)
				}
			}
		}
	}
	for _, i := range changed {
		c := compile(newItem(i))
		after.put(&c)
	}
	return after
}

// newSet returns a set of items with different ids. It makes each node, entry and posting list only
// once: it sorts the postings by key, and then cuts them into posting lists.
func newSet[V comparable](group ID, items []*Item[V]) *set[V] {
	s := &set[V]{id: group, len: int32(len(items))}
	values := make([]pointer[Item[V]], len(items))
	var byTag [MaxTags][]V // match-all values
	entries := 0
	for _, it := range items {
		entries += len(it.Entries)
	}
	all := make([]keyedPosting[V], 0, entries)
	for i, it := range items {
		c := compile(it)
		values[i] = pointer[Item[V]]{hashID(it.ID), it}
		p := posting[V]{it.Tags, 0, it.Value}
		if s.extendBounds(&c); p.tags == 0 {
			continue
		}
		if len(c.keys) == 0 {
			for rest := p.tags; rest != 0; rest &= rest - 1 {
				list := &byTag[bits.TrailingZeros32(uint32(rest))]
				*list = append(*list, p.value)
			}
		}
		if len(c.keys) > 1 {
			p.slot = s.takeSlot()
		}
		for _, k := range c.keys {
			all = append(all, keyedPosting[V]{k, p})
		}
	}
	s.values = pointers[Item[V]]().newTrie(values)
	var m matchAll[V]
	for tag, list := range byTag {
		m.add(1<<tag, members[V]().newTrie(slices.Clone(list)))
	}
	s.matchAll = m.orNil()
	s.index(all)
	return s
}

// keyedPosting is a posting and its key.
type keyedPosting[V comparable] struct {
	key
	posting posting[V]
}

// sortKey holds the hash and the trigram that a posting is sorted by, and its index in the unsorted
// list.
type sortKey struct {
	hash     uint64
	trigram  trigram
	position int32
}

// index makes the inverted index of s from all its postings. Sorted by trigram and then by pattern,
// the postings of an entry are adjacent, and so are the entries of a bucket. Literals, which have
// noTrigram, are adjacent too.
func (s *set[V]) index(all []keyedPosting[V]) {
	order := make([]sortKey, len(all))
	for i := range all {
		order[i] = sortKey{all[i].hash, all[i].trigram, int32(i)}
	}
	compare := func(a, b sortKey) int {
		if c := cmp.Or(cmp.Compare(a.trigram, b.trigram), cmp.Compare(a.hash, b.hash)); c != 0 {
			return c
		}
		return strings.Compare(all[a.position].pattern.Text(), all[b.position].pattern.Text())
	}
	slices.SortFunc(order, compare)
	var byTrigram []bucket[V]
	var entries []pointer[entry[V]]
	for len(order) > 0 {
		head := &all[order[0].position]
		n := 1
		for n < len(order) && compare(order[0], order[n]) == 0 {
			n++
		}
		list := make([]posting[V], n)
		for i := range list {
			list[i] = all[order[i].position].posting
		}
		entries = append(entries, pointer[entry[V]]{head.hash, &entry[V]{head.pattern, postings[V]().newTrie(list)}})
		if order = order[n:]; len(order) > 0 && order[0].trigram == head.trigram {
			continue
		}
		bucketed := pointers[entry[V]]().newTrie(slices.Clone(entries))
		if head.trigram == noTrigram {
			s.literals = bucketed
			s.keys += int32(len(entries))
		} else {
			byTrigram = append(byTrigram, bucket[V]{head.trigram, bucketed})
			s.keys++
		}
		entries = entries[:0]
	}
	s.trigrams = buckets[V]().newTrie(slices.Clone(byTrigram))
	s.rebuildBloom()
}
