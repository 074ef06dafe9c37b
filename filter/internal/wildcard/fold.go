package wildcard

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Folder folds names, one after another, in the same memory. The zero Folder is
// ready for use, by one goroutine at a time.
type Folder struct{ buffer []byte }

// Fold returns name with each character replaced by one that stands for all that
// equal it without case: two names are equal by rule 11 exactly when they fold to
// the same. An invalid byte becomes U+FFFD. The result is valid until the next call.
func (f *Folder) Fold(name string) string {
	// A single huge name must not keep its memory for ever.
	if cap(f.buffer) > maxKept {
		f.buffer = nil
	}
	f.buffer = appendFold(f.buffer[:0], name)
	return asString(f.buffer)
}

// maxKept is the largest buffer that a Folder uses again, in bytes.
const maxKept = 2 << 20

// asString returns b as a string, which the wildcard engine wants, for as long as b
// does not change. A copy would be an allocation for each event: TestMatchAllocatesNothing
// and BenchmarkFold show it.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// appendFold appends the folded s to dst. Folding what is valid never makes it
// longer.
func appendFold(dst []byte, s string) []byte {
	start := len(dst)
	dst = append(dst, s...)
	folded := dst[start:]
	i := 0
	for ; i+8 <= len(folded); i += 8 {
		w := binary.LittleEndian.Uint64(folded[i:])
		if w&notASCII != 0 {
			break
		}
		// A byte's upper bit is set if it is at least A, and in the second sum if it
		// is more than Z.
		capital := (w + each*(0x80-'A')) &^ (w + each*(0x80-'Z'-1)) & notASCII
		binary.LittleEndian.PutUint64(folded[i:], w|capital>>2)
	}
	for ; i < len(folded) && folded[i] < utf8.RuneSelf; i++ {
		if 'A' <= folded[i] && folded[i] <= 'Z' {
			folded[i] += 'a' - 'A'
		}
	}
	if i == len(folded) {
		return dst
	}
	dst = dst[:start+i]
	for _, r := range s[i:] {
		dst = utf8.AppendRune(dst, foldRune(r))
	}
	return dst
}

// each, times a byte, is a word of eight such bytes.
const (
	each     = 0x0101010101010101
	notASCII = each * utf8.RuneSelf
)

// foldRune returns the smallest character in the folding orbit of r, or the small
// letter if that is ASCII, since most names are in small letters.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}
