package wildcard

import (
	"encoding/binary"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// Folder folds names into a buffer that it reuses. The zero Folder is ready for use. Only one
// goroutine at a time may use it.
type Folder struct{ buffer []byte }

// Fold returns name with each character replaced by one representative of its case
// variants: two names are equal by rule 11 if and only if their folded forms are equal. An
// invalid byte becomes U+FFFD. The result is valid until the next call.
func (f *Folder) Fold(name string) string {
	// Do not retain the memory of a huge name.
	if cap(f.buffer) > maxKept {
		f.buffer = nil
	}
	f.buffer = appendFold(f.buffer[:0], name)
	return asString(f.buffer)
}

// maxKept is the maximum size of a buffer that a Folder keeps for the next name, in bytes.
const maxKept = 2 << 20

// asString returns a string that shares the memory of b. It must not be used after b
// changes. A copy would be one allocation per event: see TestMatchAllocatesNothing of
// package filter, and BenchmarkFold.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// appendFold appends the folded s to dst. Folding never makes valid UTF-8 longer.
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
		// The first sum sets the upper bit of each byte >= 'A', the second sum sets the
		// upper bit of each byte > 'Z'.
		capital := (w + eachByte*(0x80-'A')) &^ (w + eachByte*(0x80-'Z'-1)) & notASCII
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

// eachByte times b is a word whose eight bytes are b.
const (
	eachByte = 0x0101010101010101
	notASCII = eachByte * utf8.RuneSelf
)

// foldRune returns the smallest character in the folding orbit of r. If that is an ASCII
// letter, it returns the lower-case letter, since most names are in lower case.
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
