package live

import "github.com/hookfilter/hookfilter/filter/internal/wildcard"

// set is the values of a group and their inverted index. A published set is immutable: a writer
// changes a copy and publishes it.
type set[V comparable] struct {
	id       ID
	literals entries[V]      // exact, prefix and suffix entries, by literal
	trigrams trie[bucket[V]] // the other entries, by trigram
	matchAll *matchAll[V]    // values that match every name; nil if there are none
	bloom    bloom           // the hashes of literals and trigrams

	// Upper bounds, with which a query skips useless look-ups. remove does not lower them.
	prefixes, suffixes lengths // of literals
	tags               Tags    // of all values
	slots              uint32  // highest slot given out
	longest            uint16  // length of the longest literal, in bytes
	trigramSizes       uint8   // bit n: there is a trigram of n bytes

	len    int32                  // number of values
	keys   int32                  // number of items in the tries literals and trigrams
	values trie[pointer[Item[V]]] // all items, by id
	free   *freeSlot              // slots of removed values
}

type freeSlot struct {
	slot uint32
	next *freeSlot
}

// find returns the item with an id, or nil. A nil set is empty.
func (s *set[V]) find(id ID) *Item[V] {
	if s == nil {
		return nil
	}
	hash := hashID(id)
	items := s.values.find(hash)
	for i := range items {
		if r := &items[i]; r.hash == hash && r.to.ID == id {
			return r.to
		}
	}
	return nil
}

// size returns the number of values. A nil set is empty.
func (s *set[V]) size() int {
	if s == nil {
		return 0
	}
	return int(s.len)
}

// copy returns a copy that a writer may change. A nil set is empty.
func (s *set[V]) copy(group ID) *set[V] {
	if s == nil {
		return &set[V]{id: group}
	}
	c := *s
	return &c
}

// bucket returns the entries under a trigram, or nil.
func (s *set[V]) bucket(g trigram) *bucket[V] {
	items := s.trigrams.find(g.hash())
	for i := range items {
		if items[i].trigram == g {
			return &items[i]
		}
	}
	return nil
}

// put inserts an item, or replaces the item that has the same id. The set must not be published.
func (s *set[V]) put(it *compiled[V]) {
	if old := s.find(it.ID); old != nil {
		s.remove(old)
	}
	s.len++
	s.values = pointers[Item[V]]().with(s.values, pointer[Item[V]]{hashID(it.ID), it.Item}, never)
	p := posting[V]{it.Tags, 0, it.Value}
	if s.extendBounds(it); p.tags == 0 {
		return // no query finds the value
	}
	if len(it.keys) == 0 {
		s.matchAll = s.matchAll.with(p)
	}
	if len(it.keys) > 1 {
		p.slot = s.takeSlot()
	}
	for i := range it.keys {
		s.post(&it.keys[i], p)
	}
}

// remove removes an item, which must be in the set. The set must not be published.
func (s *set[V]) remove(it *Item[V]) {
	s.len--
	s.values, _ = pointers[Item[V]]().without(s.values, hashID(it.ID), func(r *pointer[Item[V]]) bool { return r.to == it })
	p := posting[V]{it.Tags, 0, it.Value}
	if p.tags == 0 {
		return
	}
	keys := keysOf(it.Entries, wildcard.Parse)
	if len(keys) == 0 {
		s.matchAll = s.matchAll.without(p)
	}
	for i := range keys {
		p = s.unpost(&keys[i], it.Value)
	}
	if p.slot != 0 {
		s.free = &freeSlot{p.slot, s.free}
	}
	if s.bloom.size() > 16*max(int(s.keys), hashesPerWord) {
		s.rebuildBloom()
	}
}

// takeSlot returns an unused slot.
func (s *set[V]) takeSlot() uint32 {
	if f := s.free; f != nil {
		s.free = f.next
		return f.slot
	}
	s.slots++
	return s.slots
}

// extendBounds makes the bounds of s include an item.
func (s *set[V]) extendBounds(it *compiled[V]) {
	s.tags |= it.Tags
	for i := range it.keys {
		k := &it.keys[i]
		switch k.kind {
		case wildcard.Within:
			s.trigramSizes |= 1 << (k.trigram >> (8 * maxTrigram))
			continue
		case wildcard.Prefix:
			s.prefixes.add(len(k.literal))
		case wildcard.Suffix:
			s.suffixes.add(len(k.literal))
		}
		s.longest = max(s.longest, uint16(len(k.literal)))
	}
}

// post adds a posting under a key.
func (s *set[V]) post(k *key, p posting[V]) {
	hash, made := k.hash, false
	if k.kind == wildcard.Within {
		hash = k.trigram.hash()
		b := bucket[V]{trigram: k.trigram}
		if old := s.bucket(k.trigram); old != nil {
			b = *old
		}
		made = b.entries.isEmpty()
		b.entries, _ = withPosting(b.entries, k, p)
		s.trigrams = buckets[V]().with(s.trigrams, b, isBucket[V](k.trigram))
	} else {
		s.literals, made = withPosting(s.literals, k, p)
	}
	if !made {
		return
	}
	s.keys++
	if s.bloom.add(hash); s.bloom.room < 0 {
		s.rebuildBloom()
	}
}

// unpost removes the posting of a value under a key, and returns the posting.
func (s *set[V]) unpost(k *key, v V) (p posting[V]) {
	removed := false
	if k.kind == wildcard.Within {
		b := *s.bucket(k.trigram)
		b.entries, p, _ = withoutPosting(b.entries, k, v)
		if removed = b.entries.isEmpty(); removed {
			s.trigrams, _ = buckets[V]().without(s.trigrams, b.trigram.hash(), isBucket[V](b.trigram))
		} else {
			s.trigrams = buckets[V]().with(s.trigrams, b, isBucket[V](b.trigram))
		}
	} else {
		s.literals, p, removed = withoutPosting(s.literals, k, v)
	}
	if removed {
		s.keys--
	}
	return p
}

func isBucket[V comparable](g trigram) func(*bucket[V]) bool {
	return func(b *bucket[V]) bool { return b.trigram == g }
}

// rebuildBloom gives s a Bloom filter with room for twice its keys.
func (s *set[V]) rebuildBloom() {
	s.bloom = newBloom(2 * int(s.keys))
	for items := range s.literals.leaves {
		for i := range items {
			s.bloom.add(items[i].hash)
		}
	}
	for items := range s.trigrams.leaves {
		for i := range items {
			s.bloom.add(items[i].trigram.hash())
		}
	}
}
