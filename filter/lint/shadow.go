package lint

import (
	"strings"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// maxShadowSteps is the number of steps of a [wildcard.Comparer] after which findShadows
// stops: well below a second of work, and enough for any 1,000 entries of 10 characters.
const maxShadowSteps = 1 << 27

// findShadows returns, for each of the valid entries, the position of an entry that matches
// all of its names and is not shadowed itself, or -1. After maxShadowSteps it stops.
// The result compared is the position of the first entry that is not compared with all others, or
// len(entries).
func findShadows(entries []string) (shadows []int, compared int) {
	texts := make([][]rune, len(entries))
	shadows = make([]int, len(entries))
	first := make(map[string]int)
	var wild []int // positions of the distinct texts with a wildcard: only these contain others
	for i, entry := range entries {
		text := wildcard.Canonical(entry)
		j, ok := first[text]
		if ok {
			shadows[i] = j
			continue
		}
		shadows[i] = -1
		first[text] = i
		texts[i] = []rune(text)
		if strings.ContainsAny(text, wildcard.Wildcards) {
			wild = append(wild, i)
		}
	}

	var c wildcard.Comparer
search:
	for ; compared < len(entries); compared++ {
		for _, j := range wild {
			if shadows[compared] >= 0 {
				break
			}
			if c.Steps > maxShadowSteps {
				break search
			}
			if j != compared && c.Contains(texts[j], texts[compared]) {
				shadows[compared] = j
			}
		}
	}

	// Follow each chain of shadows to its end. No chain is a cycle: an entry is shadowed by the
	// first entry with the same text, or by one that matches more names, since entries with
	// different texts never match exactly the same names.
	for i := range shadows {
		for shadows[i] >= 0 && shadows[shadows[i]] >= 0 {
			shadows[i] = shadows[shadows[i]]
		}
	}
	return shadows, compared
}
