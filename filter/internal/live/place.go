package live

import (
	"cmp"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// place is where the literal of a pattern is.
//
// A pattern that is a name, begins with all it asks for, or ends with it, is found
// by the hash of that: "checkout", "check" of "check*", "out" of "*out". Any other
// is filed under a gram, the last bytes of its literal, up to three: "a*checkout?"
// under "out". Every name that it matches contains the gram.
type place struct {
	pattern wildcard.Pattern
	hash    uint64 // of the literal; if there is a gram half a hash of the text, and its letters
	size    int    // of the literal, or of the gram
	gram    gram
	key     wildcard.Key
}

func placeOf(p wildcard.Pattern) place {
	key, literal := p.Key()
	at := place{pattern: p, key: key, size: len(literal)}
	if key == wildcard.Within {
		at.size = min(at.size, maxGram)
		at.gram = gramOf(literal[len(literal)-at.size:])
		literal = p.Text()
	}
	at.hash = hashOf(key, literal)
	if key == wildcard.Within {
		at.hash = at.hash>>32<<32 | uint64(lettersOf(withoutWildcards.Replace(literal)))
	}
	return at
}

// placesOf returns the places of entries, each once. It returns none if one of the
// entries matches every name: the others add nothing.
func placesOf(entries []string, compile func(string) wildcard.Pattern) []place {
	places := make([]place, 0, len(entries))
	for _, entry := range entries {
		at := placeOf(compile(entry))
		if at.key == wildcard.Prefix && at.size == 0 {
			return nil
		}
		places = append(places, at)
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.pattern.Text(), b.pattern.Text()) })
	return slices.CompactFunc(places, func(a, b place) bool { return a.pattern.Text() == b.pattern.Text() })
}

// The seeds differ in each process, and nobody knows them: maphash is made so that
// nobody who does not can choose texts whose hashes are the same more often than
// by chance.
var seeds = [...]maphash.Seed{
	wildcard.Exact:  maphash.MakeSeed(),
	wildcard.Prefix: maphash.MakeSeed(),
	wildcard.Suffix: maphash.MakeSeed(),
	wildcard.Within: maphash.MakeSeed(),
}

func hashOf(key wildcard.Key, s string) uint64 { return maphash.String(seeds[key], s) }

// maxGram is the length of a gram that is long enough to be rare and short enough
// for the literals of most patterns to have one.
const maxGram = 3

// gram is up to maxGram bytes, below their number: "out" is 0x03_6f_75_74.
type gram uint32

func gramOf(s string) (g gram) {
	for i := range len(s) {
		g = g<<8 | gram(s[i])
	}
	return g | gram(len(s))<<(8*maxGram)
}

func (g gram) text() string {
	b := [maxGram]byte{byte(g >> 16), byte(g >> 8), byte(g)}
	return string(b[maxGram-g>>(8*maxGram):])
}

// gramFactor makes hashes of grams. It is odd, so that no two grams have the same,
// and secret: the upper bits of two products are the same as often as by chance, or
// twice as often at worst.
var gramFactor = rand.Uint64() | 1

func (g gram) hash() uint64 { return uint64(g) * gramFactor }

// ends is what prefixes, or what suffixes, there may be: so a name is looked up only by
// those of its beginnings and ends that may be there.
type ends struct {
	sizes   uint32  // of one of n bytes the bit (n-1)%32
	letters letters // the last byte of each prefix, or the first of each suffix: its edge
}

func (e *ends) add(size int, edge byte) {
	e.sizes |= 1 << ((size - 1) % 32)
	e.letters |= 1 << (edge % 32)
}

// letters is a set of bytes, of which those 32 apart are the same, such as "m" and "-". A
// name that a pattern matches has all letters of its literals: of "a*checkout?", those of
// "acheckout".
type letters uint32

func (l letters) has(c byte) bool { return l>>(c%32)&1 != 0 }

func lettersOf(s string) (l letters) {
	for i := range len(s) {
		l |= 1 << (s[i] % 32)
	}
	return l
}

var withoutWildcards = strings.NewReplacer("*", "", "?", "")
