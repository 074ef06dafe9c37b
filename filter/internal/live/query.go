package live

import (
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// query is a name and tags to find values by. Queries are pooled, to reuse their memory: two bits
// for each slot of the largest group, and the trigrams of the longest name.
type query struct {
	wildcard.Folder
	name string // folded
	tags Tags

	// seen has one word per 32 slots. High 32 bits: the epoch of the query that last wrote the
	// word. Low 32 bits: for each slot, whether that query has returned the value of the slot.
	seen  []uint64
	epoch uint32 // of the current query

	trigrams []trigram // trigrams of the name that the set may have
}

var queries = sync.Pool{New: func() any { return new(query) }}

// begin starts a new epoch for a set whose highest slot is slots.
func (q *query) begin(slots uint32) {
	if words := int(slots/32) + 1; words > len(q.seen) {
		q.seen = make([]uint64, words+words/4)
	}
	q.epoch++
	if q.epoch == 0 { // overflow: the epoch of an old word may be used again
		clear(q.seen)
	}
}

// release returns q to the pool, without the trigrams of a huge name.
func (q *query) release() {
	const maxKept = 1 << 19
	if cap(q.trigrams) > maxKept {
		q.trigrams = nil
	}
	queries.Put(q)
}

// firstTime reports whether this query finds the value of a slot for the first time. Slot 0 is
// shared by the values that a query can find only once.
func (q *query) firstTime(slot uint32) bool {
	if slot == 0 {
		return true
	}
	word, bit := &q.seen[slot/32], uint64(1)<<(slot%32)
	seen := *word
	if uint32(seen>>32) != q.epoch {
		seen = uint64(q.epoch) << 32
	}
	*word = seen | bit
	return seen&bit == 0
}

// append appends the values that q finds, each once.
func (s *set[V]) append(dst []V, q *query) []V {
	if s.matchAll != nil {
		dst = s.matchAll.append(dst, q.tags)
	}
	if !s.literals.isEmpty() {
		dst = s.appendLiterals(dst, q)
	}
	if !s.trigrams.isEmpty() {
		dst = s.appendTrigrams(dst, q)
	}
	return dst
}

// appendLiterals appends the values of exact, prefix and suffix entries. For each length that a
// literal of the set may have, it hashes the beginning or the end of the name with that length. At
// worst, with literals of all lengths up to 1,020 bytes, it hashes 1 MB for a long name.
func (s *set[V]) appendLiterals(dst []V, q *query) []V {
	name, longest := q.name, int(s.longest)
	if len(name) <= longest {
		longest = len(name)
		dst = s.appendLiteral(dst, q, wildcard.Exact, name)
	}
	for start := 1; start <= longest; start += maxLengths {
		for l := s.prefixes; l != 0; l &= l - 1 {
			if n := start + bits.TrailingZeros64(uint64(l)); n <= longest {
				dst = s.appendLiteral(dst, q, wildcard.Prefix, name[:n])
			}
		}
		for l := s.suffixes; l != 0; l &= l - 1 {
			if n := start + bits.TrailingZeros64(uint64(l)); n <= longest {
				dst = s.appendLiteral(dst, q, wildcard.Suffix, name[len(name)-n:])
			}
		}
	}
	return dst
}

// lengths is a set of lengths of at least 1. It does not distinguish lengths that are equal modulo
// maxLengths.
type lengths uint64

const maxLengths = 64

func (l *lengths) add(n int) { *l |= 1 << ((n - 1) % maxLengths) }

// appendLiteral appends the values of the entry with a kind and a literal.
func (s *set[V]) appendLiteral(dst []V, q *query, kind wildcard.Key, literal string) []V {
	hash := hashText(kind, literal)
	if !s.bloom.mayHave(hash) {
		return dst
	}
	items := s.literals.find(hash)
	for i := range items {
		if items[i].hash != hash {
			continue
		}
		e := items[i].to
		if k, l := e.pattern.Key(); k == kind && l == literal {
			return e.append(dst, q)
		}
	}
	return dst
}

// appendTrigrams appends the values of the entries that are under a trigram of the name and match
// the name. If the set has few trigrams and the name is long, it searches the name for each
// trigram of the set. Otherwise it looks up each trigram of the name in the set.
func (s *set[V]) appendTrigrams(dst []V, q *query) []V {
	if s.trigrams.isLeaf() && 8*len(s.trigrams.items) <= len(q.name) {
		for i := range s.trigrams.items {
			if b := &s.trigrams.items[i]; strings.Contains(q.name, b.trigram.text()) {
				dst = b.append(dst, q)
			}
		}
		return dst
	}
	q.trigrams = q.trigrams[:0]
	for sizes := s.trigramSizes; sizes != 0; sizes &= sizes - 1 {
		s.collectTrigrams(q, bits.TrailingZeros8(sizes))
	}
	slices.Sort(q.trigrams)
	for _, g := range slices.Compact(q.trigrams) {
		if b := s.bucket(g); b != nil {
			dst = b.append(dst, q)
		}
	}
	return dst
}

// collectTrigrams appends to q.trigrams the trigrams of size bytes that the name has and the set
// may have.
func (s *set[V]) collectTrigrams(q *query, size int) {
	if size == 0 {
		q.trigrams = append(q.trigrams, 0)
		return
	}
	head, body := trigram(size)<<(8*maxTrigram), trigram(1)<<(8*size)-1
	g := trigram(0)
	for i := range len(q.name) {
		g = head | g<<8&body | trigram(q.name[i])
		if i+1 >= size && s.bloom.mayHave(g.hash()) {
			q.trigrams = append(q.trigrams, g)
		}
	}
}

// append appends the values of b's entries whose patterns match the name.
func (b *bucket[V]) append(dst []V, q *query) []V {
	for items := range b.entries.leaves {
		for i := range items {
			if e := items[i].to; e.pattern.Match(q.name) {
				dst = e.append(dst, q)
			}
		}
	}
	return dst
}

// append appends the values of e that have one of the query's tags and were not returned yet.
func (e *entry[V]) append(dst []V, q *query) []V {
	if e.postings.isLeaf() {
		return appendPostings(dst, e.postings.items, q)
	}
	for items := range e.postings.leaves {
		dst = appendPostings(dst, items, q)
	}
	return dst
}

func appendPostings[V comparable](dst []V, items []posting[V], q *query) []V {
	for i := range items {
		if p := &items[i]; p.tags&q.tags != 0 && q.firstTime(p.slot) {
			dst = append(dst, p.value)
		}
	}
	return dst
}
