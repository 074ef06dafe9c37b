package filter

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// appendFold appends s to dst with each character replaced by one that stands for
// all that equal it without case: two strings are equal by rule 11 exactly when
// they fold to the same. An invalid byte becomes U+FFFD. Folding what is valid
// never makes it longer.
func appendFold(dst []byte, s string) []byte {
	dst = slices.Grow(dst, len(s))
	folded := dst[len(dst) : len(dst)+len(s)]
	for i := range folded {
		c := s[i]
		if c >= utf8.RuneSelf {
			dst = dst[:len(dst)+i]
			for _, r := range s[i:] {
				dst = utf8.AppendRune(dst, foldRune(r))
			}
			return dst
		}
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		folded[i] = c
	}
	return dst[:len(dst)+len(folded)]
}

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
