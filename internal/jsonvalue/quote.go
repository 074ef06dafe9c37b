package jsonvalue

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown is the maximum number of characters of a value in a message.
const maxShown = 80

// Short returns s, or its first 80 characters and … if it is longer.
func Short(s string) string {
	end := 0
	for range maxShown {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	if end == len(s) {
		return s
	}
	return s[:end] + "…"
}

// Quote returns Short(s) as a Go string literal.
func Quote(s string) string { return strconv.Quote(Short(s)) }

// Printable returns s, or a Go string literal of s if a reader could misread s: if s is
// empty, begins with a quote, begins or ends with white space, is not valid UTF-8, or
// contains a character that is not printable.
func Printable(s string) string {
	invisible := func(r rune) bool { return !strconv.IsPrint(r) }
	if s == "" || s != strings.TrimFunc(s, unicode.IsSpace) || s[0] == '"' || !utf8.ValidString(s) || strings.ContainsFunc(s, invisible) {
		return strconv.Quote(s)
	}
	return s
}
