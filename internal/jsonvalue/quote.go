package jsonvalue

import (
	"strconv"
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
