package live

import (
	"cmp"
	"hash/maphash"
	"math/rand/v2"
	"slices"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// key says how a pattern is indexed: by the hash of its literal if it is exact, a prefix or
// a suffix, otherwise under the last trigram of the literal that [wildcard.Pattern.Key] chooses.
//
//	checkout      Exact   by the hash of "checkout"
//	check*        Prefix  by the hash of "check"
//	*out          Suffix  by the hash of "out"
//	a*checkout?   Within  under the trigram "out"
//	a*?b          Within  under the trigram "a", which has one byte
//	?*            Within  under the trigram "", which every name contains
//
// A pattern matches only names that are, begin with, end with or contain its literal.
type key struct {
	pattern wildcard.Pattern
	kind    wildcard.Key
	literal string
	hash    uint64  // of the literal; for Within, of the pattern's text
	trigram trigram // for Within; noTrigram for the others
}

func keyOf(p wildcard.Pattern) key {
	kind, literal := p.Key()
	hashed, g := literal, noTrigram
	if kind == wildcard.Within {
		hashed, g = p.Text(), trigramOf(literal[max(0, len(literal)-maxTrigram):])
	}
	return key{p, kind, literal, hashText(kind, hashed), g}
}

// keysOf returns the distinct keys of entries. It returns no keys if an entry matches every name,
// which makes the others redundant.
func keysOf(entries []string, compile func(string) wildcard.Pattern) []key {
	keys := make([]key, 0, len(entries))
	for _, entry := range entries {
		k := keyOf(compile(entry))
		if k.kind == wildcard.Prefix && k.literal == "" {
			return nil
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return cmp.Compare(a.pattern.Text(), b.pattern.Text()) })
	return slices.CompactFunc(keys, func(a, b key) bool { return a.pattern.Text() == b.pattern.Text() })
}

// seeds are random in each process, so that entries cannot be chosen to collide.
var seeds = [...]maphash.Seed{
	wildcard.Exact:  maphash.MakeSeed(),
	wildcard.Prefix: maphash.MakeSeed(),
	wildcard.Suffix: maphash.MakeSeed(),
	wildcard.Within: maphash.MakeSeed(),
}

func hashText(kind wildcard.Key, s string) uint64 { return maphash.String(seeds[kind], s) }

// trigram is up to three bytes of text, with their number in the top byte: "out" is
// 0x03_6f_75_74, "a" is 0x01_00_00_61.
type trigram uint32

// maxTrigram is the length of a trigram in bytes. A shorter literal is its own trigram.
const maxTrigram = 3

const noTrigram = ^trigram(0)

func trigramOf(s string) (g trigram) {
	for i := range len(s) {
		g = g<<8 | trigram(s[i])
	}
	return g | trigram(len(s))<<(8*maxTrigram)
}

func (g trigram) text() string {
	b := [maxTrigram]byte{byte(g >> 16), byte(g >> 8), byte(g)}
	return string(b[maxTrigram-g>>(8*maxTrigram):])
}

// trigramFactor is odd, so that no two trigrams have equal hashes, and random, so that the upper
// bits of two hashes are equal at most twice as often as by chance.
var trigramFactor = rand.Uint64() | 1

func (g trigram) hash() uint64 { return uint64(g) * trigramFactor }
