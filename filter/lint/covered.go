package lint

import (
	"strings"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
	"github.com/hookfilter/hookfilter/webhook"
)

// maxCoverSteps bounds the search for what several entries or webhooks cover together, to
// well below a second.
const maxCoverSteps = analysis.MaxSteps / 8

// findCovered returns which of the entries the others cover together, apart from those that
// one entry shadows. The results of findShadows are shadows and limit. At its own limit it
// stops too: entries from position compared on are not compared with all others.
func findCovered(entries []string, shadows []int, limit int) (covered []bool, compared int) {
	covered = make([]bool, len(entries))
	patterns := make([]wildcard.Pattern, len(entries))
	for i, entry := range entries {
		patterns[i] = wildcard.Compile(entry)
	}
	budget := analysis.Budget{Steps: maxCoverSteps}
	for i, p := range patterns[:limit] {
		// Without a wildcard it is one name, which one entry covers or none. The empty name is
		// only matched by *, which all others together do not cover.
		if shadows[i] >= 0 || p.Text() == "*" || !strings.ContainsAny(p.Text(), wildcard.Wildcards) {
			continue
		}
		name := shortName.Replace(p.Text())
		own := true // whether no other entry matches name
		var others []string
		for j := range entries {
			if j != i && shadows[j] < 0 && !covered[j] {
				others = append(others, entries[j])
				own = own && !patterns[j].Match(name)
			}
		}
		if own || len(others) < 2 {
			continue
		}
		_, found, err := budget.Witness(named(entries[i]), named(others...))
		if err != nil {
			return covered, i
		}
		covered[i] = !found
	}
	return covered, limit
}

// shortName makes a name that a canonical entry matches. Most entries have one that no other
// entry matches, and need no search.
var shortName = strings.NewReplacer("*", "", "?", "\uffff")

// named returns a webhook that only the project's name decides about, in a list.
func named(entries ...string) []*webhook.Webhook {
	return []*webhook.Webhook{{Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: entries}}
}
