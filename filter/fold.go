package filter

import (
	"sync"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// appendFold appends s to dst with each character replaced by the smallest one
// that equals it without case, so that two strings are equal by rule 11 exactly
// when what they are folded to is. An invalid byte becomes U+FFFD.
func appendFold(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, foldRune(r))
			i += n
			continue
		}
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
		i++
	}
	return dst
}

// foldRune returns the smallest character in the folding orbit of r.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// A folder folds names into a buffer that is used again.
type folder struct{ buf []byte }

var folders = sync.Pool{New: func() any { return new(folder) }}

// fold returns the folded form of name. It is valid until the next call.
func (f *folder) fold(name string) string {
	f.buf = appendFold(f.buf[:0], name)
	return unsafe.String(unsafe.SliceData(f.buf), len(f.buf))
}
