package lint

import (
	"strings"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
	"github.com/hookfilter/hookfilter/webhook"
)

// maxCoverSteps bounds the search for entries or webhooks that several others cover together,
// to well below a second.
const maxCoverSteps = analysis.MaxSteps / 8

// findCovered reports, for each entry, whether several others cover it together. The arguments
// shadows and limit are the results of findShadows: shadowed entries, and entries from limit on,
// are not examined. If it exceeds maxCoverSteps, it stops. The result compared is the position of
// the first entry that is not compared with all others, or limit.
func findCovered(entries []string, shadows []int, limit int) (covered []bool, compared int) {
	covered = make([]bool, len(entries))
	patterns := make([]wildcard.Pattern, len(entries))
	for i, entry := range entries {
		patterns[i] = wildcard.Compile(entry)
	}
	budget := analysis.Budget{Steps: maxCoverSteps}
	for i, p := range patterns[:limit] {
		// An entry without a wildcard matches one name, so if several entries cover it, one of
		// them covers it alone. The entry * is not covered either: no other entry matches the empty
		// name.
		if shadows[i] >= 0 || p.Text() == "*" || !strings.ContainsAny(p.Text(), wildcard.Wildcards) {
			continue
		}
		name := shortName.Replace(p.Text())
		if budget.Steps -= len(entries); budget.Steps < 0 {
			return covered, i
		}
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

// shortName turns a canonical entry into a name that it matches. Most entries need no search,
// since no other entry matches this name.
var shortName = strings.NewReplacer("*", "", "?", "\uffff")

// named returns, in a list, a webhook that fires for all documented types and any mode.
func named(entries ...string) []*webhook.Webhook {
	return []*webhook.Webhook{{Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: entries}}
}
