package jsonvalue

import (
	"strconv"
	"unicode/utf8"
)

// maxShown keeps one value from flooding a report, in characters.
const maxShown = 80

// Quote returns s in quotes and printable, with … for the rest of a long one.
func Quote(s string) string {
	if shown := cut(s); len(shown) < len(s) {
		return strconv.Quote(shown + "…")
	}
	return strconv.Quote(s)
}

// cut returns the first maxShown characters of s.
func cut(s string) string {
	end := 0
	for range maxShown {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	return s[:end]
}
