package live

import "sync/atomic"

// bloom is a blocked Bloom filter over the hashes of a set's literals and trigrams: each hash has
// two bits in one word. A query tests it before it searches a trie. Without it, queries took 3
// times as long with 100 values in a group, and twice as long with 10,000.
//
// Bits are only ever set, so snapshots may share words: in an older one, a newer bit only causes a
// useless search. A full filter is rebuilt from the tries, with room for twice the keys; for
// 1,000,000 keys that takes 20 to 40 ms. The zero bloom is full.
type bloom struct {
	word  uint64   // the bits if one word is enough; never shared
	words []uint64 // the bits otherwise, a power of two words; accessed atomically
	room  int32    // insertions left before the false-positive rate exceeds about 6 %
}

// hashesPerWord is the number of hashes that a word has room for.
const hashesPerWord = 8

// newBloom returns an empty filter with room for n hashes.
func newBloom(n int) bloom {
	words := 1
	for words*hashesPerWord < n {
		words *= 2
	}
	b := bloom{room: int32(words * hashesPerWord)}
	if words > 1 {
		b.words = make([]uint64, words)
	}
	return b
}

// size returns the number of hashes that b would have room for if it were empty.
func (b *bloom) size() int { return max(1, len(b.words)) * hashesPerWord }

// bloomBits and wordOf do not use the lowest bits of a hash, since in the hash of a trigram these
// depend only on the lowest bits of the trigram.

func bloomBits(hash uint64) uint64 { return 1<<(hash>>32%64) | 1<<(hash>>26%64) }

func (b *bloom) wordOf(hash uint64) *uint64 { return &b.words[hash>>38&uint64(len(b.words)-1)] }

// mayHave reports whether a hash may have been added. It reports true for every added hash.
func (b *bloom) mayHave(hash uint64) bool {
	word, bits := b.word, bloomBits(hash)
	if b.words != nil {
		word = atomic.LoadUint64(b.wordOf(hash))
	}
	return word&bits == bits
}

// add adds a hash. A hash that b may already have takes no room.
func (b *bloom) add(hash uint64) {
	if b.mayHave(hash) {
		return
	}
	b.room--
	if b.words == nil {
		b.word |= bloomBits(hash)
	} else {
		atomic.OrUint64(b.wordOf(hash), bloomBits(hash))
	}
}
