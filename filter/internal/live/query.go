package live

import (
	"strings"
	"sync"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// query is a name and tags that values are looked for by, and the memory that this
// takes, which is used again for the next: a bit for each slot of the largest group
// and, after a long name, 2 MB for grams. The pool forgets it when it is idle.
type query struct {
	wildcard.Folder
	name string // folded
	tags Tags

	seen  []uint64 // by slot: whether the value was found
	dirty []uint32 // the words of seen that are not zero, some repeatedly
	grams []uint64 // by gram, without its size: whether it was asked of; for long names
	asked []uint32 // the words of grams that are not zero
}

var queries = sync.Pool{New: func() any { return new(query) }}

// newQuery returns a query of values whose slots are below slots.
func newQuery(name string, tags Tags, slots uint32) *query {
	q := queries.Get().(*query)
	q.name, q.tags = q.Fold(name), tags
	if words := int(slots/64) + 1; words > len(q.seen) {
		q.seen = make([]uint64, words+words/4)
	}
	return q
}

// release gives q back for use by others.
func (q *query) release() {
	for _, word := range q.dirty {
		q.seen[word] = 0
	}
	q.dirty = q.dirty[:0]
	queries.Put(q)
}

// first reports whether the value of a slot is found for the first time. Slot 0 is
// that of all values that can be found once only.
func (q *query) first(slot uint32) bool {
	word, bit := slot/64, uint64(1)<<(slot%64)
	if slot == 0 {
		return true
	}
	if q.seen[word]&bit != 0 {
		return false
	}
	q.seen[word] |= bit
	q.dirty = append(q.dirty, word)
	return true
}

// shortName is the longest name, in bytes, in which again searches a gram. To search a
// long one again and again would take time that grows with its square.
const shortName = 256

// again reports whether the gram at a place in the name was there before, or it was
// asked before, since forget.
func (q *query) again(g gram, at, size int) bool {
	if len(q.name) <= shortName {
		return strings.Index(q.name, q.name[at:at+size]) < at
	}
	if q.grams == nil {
		q.grams = make([]uint64, 1<<(8*maxGram)/64)
	}
	word, bit := uint32(g)<<8>>14, uint64(1)<<(g&63)
	if q.grams[word]&bit != 0 {
		return true
	}
	if q.grams[word] == 0 {
		q.asked = append(q.asked, word)
	}
	q.grams[word] |= bit
	return false
}

// forget makes again forget what it was asked.
func (q *query) forget() {
	for _, word := range q.asked {
		q.grams[word] = 0
	}
	q.asked = q.asked[:0]
}
