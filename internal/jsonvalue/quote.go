package jsonvalue

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxShown keeps one value from flooding a report, in characters.
const maxShown = 80

// Short returns s, or the start of a long one and …
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

// Quote returns Short(s) in quotes and printable.
func Quote(s string) string { return strconv.Quote(Short(s)) }

// Printable returns s, quoted if a reader would not see it as it is: if it is empty, has a
// character that is invisible or moves others, begins or ends with a space, or looks
// quoted.
func Printable(s string) string {
	invisible := func(r rune) bool { return !strconv.IsPrint(r) }
	if s == "" || s != strings.TrimFunc(s, unicode.IsSpace) || s[0] == '"' || !utf8.ValidString(s) || strings.ContainsFunc(s, invisible) {
		return strconv.Quote(s)
	}
	return s
}
