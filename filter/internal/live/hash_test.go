package live

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// collidingTexts returns pairs of texts whose hashes collide in nearly half of the processes if a hash
// adds or XORs each byte and multiplies by a random odd number: the Thue-Morse sequence and its
// complement, whose differences cancel out modulo 2^64.
func collidingTexts() (texts []string) {
	for _, letters := range []string{"ab", "ac", "aq", " `", "0p", "cb", "hx", "@`"} {
		var pair [2][]byte
		for i := range 512 {
			bit := bits.OnesCount(uint(i)) % 2
			pair[0] = append(pair[0], letters[bit])
			pair[1] = append(pair[1], letters[1-bit])
		}
		texts = append(texts, string(pair[0]), string(pair[1]))
	}
	return texts
}

// Collisions do not change results, but make queries slow, so the hashes are tested directly.
func TestHashesDoNotCollide(t *testing.T) {
	texts := collidingTexts()
	multiplied := func(s string, h, factor uint64) uint64 {
		for _, c := range []byte(s) {
			h = (h ^ uint64(c)) * factor
		}
		return h
	}
	broken := 0
	for range 1000 {
		seed, factor := rand.Uint64(), rand.Uint64()|1
		hashes := make(map[uint64]bool)
		for _, s := range texts {
			hashes[multiplied(s, seed, factor)] = true
		}
		if len(hashes) < len(texts) {
			broken++
		}
	}
	require.Greater(t, broken, 300, "processes in which a multiplicative hash has collisions")

	hashes := make(map[uint64]string)
	for _, s := range texts {
		for _, key := range []wildcard.Key{wildcard.Exact, wildcard.Prefix, wildcard.Suffix, wildcard.Within} {
			h := hashText(key, s)
			require.Empty(t, hashes[h], "%.20q", s)
			hashes[h] = fmt.Sprint(key, s)
		}
	}
}

func TestTrigramHashesAreDistinct(t *testing.T) {
	hashes := make(map[uint64]bool)
	for _, size := range []int{0, 1, 2} {
		for i := range 1 << (8 * size) {
			hashes[trigramOf(string([]byte{byte(i), byte(i >> 8)}[:size])).hash()] = true
		}
	}
	require.Len(t, hashes, 1+1<<8+1<<16)
}
