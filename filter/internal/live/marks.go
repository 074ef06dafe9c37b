package live

import (
	"math"
	"sync/atomic"
)

// marks tell of most hashes that they are not in a set, before its tries have to be read.
// Each hash has two bits of a word, and is not there if one of them is 0.
//
// They are all that changes where a reader sees it: in words, bits become 1, and never 0
// again. A reader of an older set may find one too many, and then nothing in a trie.
//
// The zero marks have no room: the first hash brings the next.
type marks struct {
	few   uint64   // the bits of all hashes, while they are few, or
	words []uint64 // of each hash those of one word, of a power of two
	room  int32    // hashes that may be added before too many seem to be there
}

// mostMarks is how many hashes a word has room for. Of those that are not there, about
// one in 20 seems to be when all words are full.
const mostMarks = 8

// newMarks returns marks with room for n hashes.
func newMarks(n int) marks {
	words := 1
	for words*mostMarks < n {
		words *= 2
	}
	m := marks{room: int32(words * mostMarks)}
	if words > 1 {
		m.words = make([]uint64, words)
	}
	return m
}

// size returns how many hashes there is room for from the beginning.
func (m *marks) size() int32 { return int32(max(1, len(m.words)) * mostMarks) }

// bitsOf and word take bits that a trie does not take before it is huge, and that are good
// in the hash of a gram too, a product whose lowest bits are not.
func bitsOf(hash uint64) uint64 { return 1<<(hash>>32%64) | 1<<(hash>>26%64) }

func (m *marks) word(hash uint64) *uint64 { return &m.words[hash>>38&uint64(len(m.words)-1)] }

// has reports whether a hash may be there.
func (m *marks) has(hash uint64) bool {
	there, bits := m.few, bitsOf(hash)
	if m.words != nil {
		there = atomic.LoadUint64(m.word(hash))
	}
	return there&bits == bits
}

// add adds a hash. It takes no room if it seems to be there already.
func (m *marks) add(hash uint64) {
	if m.has(hash) {
		return
	}
	m.room--
	if m.words == nil {
		m.few |= bitsOf(hash)
	} else {
		atomic.OrUint64(m.word(hash), bitsOf(hash))
	}
}

// nextMarks are marks in the making. A set's marks fill up, with hashes of what is gone
// too: so there are next ones, which take their place when all hashes are in them.
type nextMarks struct {
	marks
	at uint64 // all hashes of the set below it are in them
}

// mark marks the hash of a literal or gram of n. While there are next marks, each call
// copies the hashes of one leaf to them: so no Put takes long, but for the memory of the
// words, 2 to 4 bytes a hash.
func (n *set[V]) mark(hash uint64) {
	n.marks.add(hash)
	next := nextMarks{}
	if n.next != nil {
		next = *n.next
	} else {
		hashes := n.literals.len + n.grams.len
		if n.marks.room > n.marks.size()/4 && n.marks.size() <= 16*max(hashes, mostMarks) {
			return
		}
		next.marks = newMarks(2 * int(hashes))
	}
	next.add(hash)
	literals, last := n.literals.from(next.at)
	for i := range literals {
		next.add(literals[i].hash)
	}
	grams, lastGram := n.grams.from(next.at)
	for i := range grams {
		next.add(grams[i].gram.hash())
	}
	last = min(last, lastGram)
	if last == math.MaxUint64 {
		n.marks, n.next = next.marks, nil
		return
	}
	next.at = last + 1
	n.next = &next
}
