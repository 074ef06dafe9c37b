package lint

import (
	"strings"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// maxShadowSteps bounds how many characters findShadows looks at: well below a
// second, and enough for 1,000 entries of 10 characters whatever they are.
const maxShadowSteps = 1 << 27

// findShadows returns for each of the entries, which must be valid, the position
// of one that matches all the names that it matches and that has no such other
// itself; or -1 if there is none. Beyond maxShadowSteps it stops: the entries from
// position compared on are not compared with all others.
func findShadows(entries []string) (shadows []int, compared int) {
	texts := make([][]rune, len(entries))
	shadows = make([]int, len(entries))
	first := make(map[string]int)
	var wild []int // what may contain another text: one entry for each that has a wildcard
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

	// Texts that differ never match exactly the same names, so that from shadow
	// to shadow the names become more, and the walk ends.
	for i := range shadows {
		for shadows[i] >= 0 && shadows[shadows[i]] >= 0 {
			shadows[i] = shadows[shadows[i]]
		}
	}
	return shadows, compared
}
