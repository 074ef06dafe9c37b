package live

import (
	"slices"
	"sync"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// query is a name and tags that values are looked for by, and the memory that this
// takes, which is used again for the next: two bits for each slot of the largest group
// and, after a long name, 2 MB for grams. The pool forgets it when it is idle.
type query struct {
	wildcard.Folder
	name    string // folded
	tags    Tags
	letters letters // of the name, or all if it is long

	turn  uint32   // which query this is, of those that used the memory
	seen  []uint64 // 32 slots a word: above, the turn that last wrote it; below, a bit for each that was found
	grams []uint64 // by gram, without its size: whether it was asked of; for long names
	asked []gram   // of which again was asked; after a long name one for each word of grams
}

var queries = sync.Pool{New: func() any { return new(query) }}

// newQuery returns a query of values whose slots are at most slots.
func newQuery(name string, tags Tags, slots uint32) *query {
	q := queries.Get().(*query)
	q.name, q.tags = q.Fold(name), tags
	q.begin(slots)
	return q
}

// release gives q back for use by others.
func (q *query) release() { queries.Put(q) }

// begin forgets what was found, and makes room for slots.
func (q *query) begin(slots uint32) {
	if words := int(slots/32) + 1; words > len(q.seen) {
		q.seen = make([]uint64, words+words/4)
	}
	q.turn++
	if q.turn == 0 { // from here the numbers of turns come again
		clear(q.seen)
	}
}

// first reports whether the value of a slot is found for the first time. Slot 0 is
// that of all values that can be found once only.
func (q *query) first(slot uint32) bool {
	if slot == 0 {
		return true
	}
	word, bit := &q.seen[slot/32], uint64(1)<<(slot%32)
	seen := *word
	if uint32(seen>>32) != q.turn {
		seen = uint64(q.turn) << 32
	}
	*word = seen | bit
	return seen&bit == 0
}

// shortName is the longest name, in bytes, whose grams are looked for one by one among
// those that were asked, which for a long one would take time that grows with its square.
// A long name is taken to have all letters.
const shortName = 256

// again reports whether it was asked of a gram before, since forget.
func (q *query) again(g gram) bool {
	if len(q.name) <= shortName {
		if slices.Contains(q.asked, g) {
			return true
		}
	} else {
		if q.grams == nil {
			q.grams = make([]uint64, 1<<(8*maxGram)/64)
		}
		word, bit := g.bit()
		before := q.grams[word]
		q.grams[word] |= bit
		if before != 0 {
			return before&bit != 0
		}
	}
	q.asked = append(q.asked, g)
	return false
}

// forget makes again forget what it was asked.
func (q *query) forget() {
	if q.grams != nil {
		for _, g := range q.asked {
			word, _ := g.bit()
			q.grams[word] = 0
		}
	}
	q.asked = q.asked[:0]
}

// bit returns where in grams the bit of g is.
func (g gram) bit() (word uint32, bit uint64) {
	return uint32(g) << 8 >> 14, 1 << (g % 64)
}
