package main

import (
	"strings"
	"unicode/utf8"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// maxSuggested is the maximum length, in characters, of a text that gets a suggestion. It
// bounds the cost; longer texts are unlikely to be typing errors.
const maxSuggested = 200

// didYouMean returns a suggestion to append to a message about s: the nearest candidate, if
// only one character of s is wrong, or at most a quarter of them. Otherwise it returns "".
func didYouMean(s string, candidates []string) string {
	length := utf8.RuneCountInString(s)
	if length > maxSuggested {
		return ""
	}
	best, limit := "", max(1, length/4)+1
	for _, c := range candidates {
		if d := distance(s, c, limit); c != "" && d < limit {
			best, limit = c, d
		}
	}
	if best == "" {
		return ""
	}
	return ", did you mean " + jsonvalue.Quote(best) + "?"
}

// distance returns the Levenshtein distance of a and b in characters, ignoring case, or
// limit if the distance is at least limit.
func distance(a, b string, limit int) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	if max(len(x)-len(y), len(y)-len(x)) >= limit {
		return limit
	}
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			d := min(row[j], row[j+1], diagonal) + 1
			if x[i] == y[j] {
				d = diagonal
			}
			diagonal, row[j+1] = row[j+1], d
		}
	}
	return min(row[len(y)], limit)
}
