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
		if d := distance(folded(s), folded(c), limit, false); c != "" && d < limit {
			best, limit = c, d
		}
	}
	return suggested(best)
}

func suggested(name string) string {
	if name == "" {
		return ""
	}
	return ", did you mean " + jsonvalue.Quote(name) + "?"
}

func folded(s string) []rune { return []rune(strings.ToLower(s)) }

// maxSteps is the number of comparisons of two characters after which a projectNames makes no
// more suggestions. 64 entries of 60 characters and 1,000 names of 60 characters need fewer.
const maxSteps = 1 << 28

// projectNames suggests names of projects for entries that match none.
type projectNames struct {
	names  []string
	folded [][]rune
	steps  int // how many of maxSteps are left
}

func newProjectNames(names []string) *projectNames {
	p := &projectNames{names: names, steps: maxSteps}
	for _, name := range names {
		p.folded = append(p.folded, folded(name))
	}
	return p
}

// suggestion returns a suggestion to append to a message about an entry: the name that the entry
// would match after the fewest changes of characters. The changes are at most half of the
// characters of the entry, or of the name, if it is longer and the entry has no *. Wildcards do not
// count. If there is no such name, or the steps are used up, suggestion returns "".
func (p *projectNames) suggestion(entry string) string {
	e := folded(entry)
	if len(e) > maxSuggested {
		return ""
	}
	stars := strings.Count(entry, "*")
	length := len(e) - stars - strings.Count(entry, "?")
	best, least := "", len(e)+1
	for i, name := range p.folded {
		if p.steps -= len(e) * len(name); p.steps < 0 {
			return ""
		}
		longer := length
		if stars == 0 {
			longer = max(length, len(name))
		}
		limit := min(least, longer/2+1)
		if d := distance(e, name, limit, true); d < limit {
			best, least = p.names[i], d
		}
	}
	return suggested(best)
}

// distance returns the Levenshtein distance of a and b, or limit if the distance is at least limit.
// With wildcards, each * in a stands for any characters, and each ? for any one character.
func distance(a, b []rune, limit int, wildcards bool) int {
	stars := 0
	for _, r := range a {
		if wildcards && r == '*' {
			stars++
		}
	}
	if len(a)-stars-len(b) >= limit || stars == 0 && len(b)-len(a) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		star, any := wildcards && a[i] == '*', wildcards && a[i] == '?'
		diagonal := row[0]
		if !star {
			row[0]++
		}
		least := row[0]
		for j := range b {
			d := min(row[j], row[j+1])
			switch {
			case star:
			case any || a[i] == b[j]:
				d = diagonal
			default:
				d = min(d, diagonal) + 1
			}
			diagonal, row[j+1] = row[j+1], d
			least = min(least, d)
		}
		if least >= limit {
			return limit
		}
	}
	return min(row[len(b)], limit)
}
