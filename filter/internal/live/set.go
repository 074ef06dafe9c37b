package live

import (
	"math/bits"
	"strings"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// set is the values of a group. It is immutable: changing it makes a new one. What
// most look-ups need comes first.
type set[V comparable] struct {
	id       ID
	literals trie[ref[V]]   // by name, beginning or end
	grams    trie[filed[V]] // by what is in the name
	marks    marks          // of the hashes of both
	next     *nextMarks     // or nil
	every    every[V]       // whatever the name
	prefixes ends           // that were ever there
	suffixes ends           // that were ever there
	inside   uint32         // sizes of grams that were ever there, a bit each
	tags     Tags           // of values that were ever there
	slots    uint32         // the highest that was ever taken
	longest  uint32         // literal that was ever there, in bytes
	values   trie[held[V]]  // by id
	free     *freeSlot      // slots that are free again
}

// held is an item. It has copies of the hash of its id, for find, and of its value, for
// All, so that these need not load the item.
type held[V comparable] struct {
	hash  uint64
	value V
	*Item[V]
}

// filed is a gram, and the literals that are filed under it.
type filed[V comparable] struct {
	gram     gram
	literals trie[ref[V]]
}

type freeSlot struct {
	slot uint32
	next *freeSlot
}

// find returns the item of an id, or nil. A nil set has none.
func (s *set[V]) find(id ID) *Item[V] {
	if s == nil {
		return nil
	}
	hash := hashID(id)
	items := s.values.find(hash)
	for i := range items {
		if h := &items[i]; h.hash == hash && h.ID == id {
			return h.Item
		}
	}
	return nil
}

// has reports whether s has an item of that id and digest.
func (s *set[V]) has(id ID, digest uint64) bool {
	it := s.find(id)
	return it != nil && it.Digest == digest
}

// with returns s with an item, in the place of old, which s has, or nil.
func (s *set[V]) with(k *kinds[V], it, old *compiled[V]) *set[V] {
	n := *s
	isOld := never[held[V]]
	if old != nil {
		n.unpost(k, old)
		isOld = func(h *held[V]) bool { return h.Item == old.Item }
	}
	n.values = n.values.with(&k.values, it.idHash, held[V]{it.idHash, it.Value, it.Item}, isOld)
	n.tags |= it.Tags
	p := posting[V]{tags: it.Tags, value: it.Value}
	switch {
	case p.tags == 0:
		return &n
	case len(it.places) == 0:
		n.every = n.every.with(k, p)
	case len(it.places) == 1:
	case n.free != nil:
		p.slot, n.free = n.free.slot, n.free.next
	default:
		n.slots++
		p.slot = n.slots
	}
	for i := range it.places {
		at := &it.places[i]
		if at.key != wildcard.Within {
			switch _, literal := at.pattern.Key(); at.key {
			case wildcard.Prefix:
				n.prefixes.add(at.size, literal[at.size-1])
			case wildcard.Suffix:
				n.suffixes.add(at.size, literal[0])
			}
			n.longest = max(n.longest, uint32(at.size))
			n.literals = addTo(k, n.literals, at, it.valueHash, p)
			n.mark(at.hash)
			continue
		}
		n.inside |= 1 << at.size
		f := filed[V]{gram: at.gram}
		if found := n.filed(at.gram); found != nil {
			f = *found
		}
		f.literals = addTo(k, f.literals, at, it.valueHash, p)
		n.grams = n.grams.with(&k.grams, at.gram.hash(), f, isFiled[V](at.gram))
		n.mark(at.gram.hash())
	}
	return &n
}

// without returns s without an item that it has.
func (s *set[V]) without(k *kinds[V], it *compiled[V]) *set[V] {
	n := *s
	is := func(h *held[V]) bool { return h.Item == it.Item }
	n.values, _ = n.values.without(&k.values, it.idHash, is)
	if n.values.isEmpty() {
		return &set[V]{id: s.id}
	}
	n.unpost(k, it)
	return &n
}

// unpost takes the postings of an item out of a set that nobody sees yet.
func (n *set[V]) unpost(k *kinds[V], it *compiled[V]) {
	p := posting[V]{tags: it.Tags, value: it.Value}
	switch {
	case p.tags == 0:
		return
	case len(it.places) == 0:
		n.every = n.every.without(k, it.valueHash, p)
	}
	for i := range it.places {
		at := &it.places[i]
		if at.key != wildcard.Within {
			n.literals, p = removeFrom(k, n.literals, at, it.valueHash, it.Value)
			continue
		}
		f := *n.filed(at.gram)
		f.literals, p = removeFrom(k, f.literals, at, it.valueHash, it.Value)
		if f.literals.isEmpty() {
			n.grams, _ = n.grams.without(&k.grams, at.gram.hash(), isFiled[V](at.gram))
		} else {
			n.grams = n.grams.with(&k.grams, at.gram.hash(), f, isFiled[V](at.gram))
		}
	}
	if p.slot != 0 {
		n.free = &freeSlot{p.slot, n.free}
	}
}

// filed returns what is filed under a gram, or nil.
func (s *set[V]) filed(g gram) *filed[V] {
	items := s.grams.find(g.hash())
	for i := range items {
		if items[i].gram == g {
			return &items[i]
		}
	}
	return nil
}

func isFiled[V comparable](g gram) func(*filed[V]) bool {
	return func(f *filed[V]) bool { return f.gram == g }
}

// append appends the values that a query finds, each once.
func (s *set[V]) append(dst []V, q *query) []V {
	dst = s.every.append(dst, q.tags)
	if !s.literals.isEmpty() {
		dst = s.appendLiterals(dst, q)
	}
	if !s.grams.isEmpty() {
		dst = s.appendWithin(dst, q)
	}
	return dst
}

// appendLiterals is append for the patterns that are the name, begin it or end it. It
// hashes each beginning and end of which there is a literal of that size and edge: at worst,
// with literals of all sizes up to 1,020 bytes, 1 MB for one long name.
func (s *set[V]) appendLiterals(dst []V, q *query) []V {
	name, longest := q.name, int(s.longest)
	if len(name) <= longest {
		dst = s.appendLiteral(dst, q, wildcard.Exact, name)
		longest = len(name)
	}
	for start := 1; start <= longest; start += 32 {
		for sizes := s.prefixes.sizes; sizes != 0; sizes &= sizes - 1 {
			if n := start + bits.TrailingZeros32(sizes); n <= longest && s.prefixes.letters.has(name[n-1]) {
				dst = s.appendLiteral(dst, q, wildcard.Prefix, name[:n])
			}
		}
		for sizes := s.suffixes.sizes; sizes != 0; sizes &= sizes - 1 {
			if n := start + bits.TrailingZeros32(sizes); n <= longest && s.suffixes.letters.has(name[len(name)-n]) {
				dst = s.appendLiteral(dst, q, wildcard.Suffix, name[len(name)-n:])
			}
		}
	}
	return dst
}

// appendLiteral is append for the patterns of a key and literal.
func (s *set[V]) appendLiteral(dst []V, q *query, key wildcard.Key, text string) []V {
	hash := hashOf(key, text)
	if !s.marks.has(hash) {
		return dst
	}
	literals := s.literals.find(hash)
	for i := range literals {
		if literals[i].hash != hash {
			continue
		}
		l := literals[i].literal
		if k, t := l.pattern.Key(); k == key && t == text {
			return l.append(dst, q)
		}
	}
	return dst
}

// appendWithin is append for the patterns that are filed under grams. It looks for the
// grams of the set in the name where they are few and the name is long, and otherwise for
// those of the name in the set.
func (s *set[V]) appendWithin(dst []V, q *query) []V {
	q.letters = ^letters(0)
	if len(q.name) <= shortName {
		q.letters = lettersOf(q.name)
	}
	if s.grams.isLeaf() && int(s.grams.len) <= len(q.name)/8 {
		for _, f := range s.grams.items() {
			if strings.Contains(q.name, f.gram.text()) {
				dst = f.append(dst, q)
			}
		}
		return dst
	}
	for sizes := s.inside; sizes != 0; sizes &= sizes - 1 {
		dst = s.appendGrams(dst, q, bits.TrailingZeros32(sizes))
	}
	return dst
}

// appendGrams is append for the patterns that are filed under grams of a size.
func (s *set[V]) appendGrams(dst []V, q *query, size int) []V {
	if size == 0 {
		return s.filed(0).append(dst, q)
	}
	zero := gram(size) << (8 * maxGram)
	g, below := zero, gram(1)<<(8*size)-1
	for i, c := range []byte(q.name) {
		g = zero | g<<8&below | gram(c)
		if i+1 < size || !s.marks.has(g.hash()) {
			continue
		}
		if f := s.filed(g); f != nil && !q.again(g) {
			dst = f.append(dst, q)
		}
	}
	q.forget()
	return dst
}

// append appends the values of f's literals that match the query's name.
func (f *filed[V]) append(dst []V, q *query) []V {
	if f == nil {
		return dst
	}
	if f.literals.isLeaf() {
		return appendJudged(dst, f.literals.items(), q)
	}
	for literals := range f.literals.leaves {
		dst = appendJudged(dst, literals, q)
	}
	return dst
}

// appendJudged appends the values of the literals that match the query's name.
func appendJudged[V comparable](dst []V, literals []ref[V], q *query) []V {
	for i := range literals {
		if literals[i].letters()&^q.letters == 0 && literals[i].pattern.Match(q.name) {
			dst = literals[i].append(dst, q)
		}
	}
	return dst
}
