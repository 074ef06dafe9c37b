package lint

import (
	"fmt"
	"slices"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/webhook"
)

// CheckAll reports mistakes that show only when the webhooks of one organization are compared: a
// webhook that others with the same target cover, so that its events arrive there more than once.
// It ignores webhooks that never fire, have no target, or do not compile.
//
// Findings are in the order of the webhooks. Every [CoveredWebhook] can be removed, alone or
// all at once, and the same events arrive at the target. Of webhooks that fire for the same
// events the first one is kept. The work is bounded: where CheckAll stops, it says so with
// [NotCompared].
func CheckAll(ws []*webhook.Webhook) (findings []Finding) {
	byTarget := make(map[string][]*webhook.Webhook) // without the covered ones
	for _, w := range ws {
		if w != nil && w.TargetURL != "" && w.Enabled && len(w.Events) > 0 && w.ValidateFilters() == nil {
			byTarget[w.TargetURL] = append(byTarget[w.TargetURL], w)
		}
	}
	budget := analysis.Budget{Steps: maxCoverSteps}
	for _, w := range slices.Backward(ws) {
		if w == nil {
			continue
		}
		i := slices.Index(byTarget[w.TargetURL], w)
		if i < 0 || len(byTarget[w.TargetURL]) == 1 {
			continue
		}
		others := slices.Delete(slices.Clone(byTarget[w.TargetURL]), i, i+1)
		_, found, err := budget.Witness([]*webhook.Webhook{w}, others)
		f := Finding{Code: CoveredWebhook, Field: "id", Value: w.ID.String(),
			Message: "every event that fires it also fires at least one of several other webhooks with the same target"}
		switch {
		case err != nil:
			f.Code, f.Message = NotCompared, "the webhooks are too expensive to compare: this one and earlier ones are not compared with all others of the same target"
			findings = append(findings, f)
			slices.Reverse(findings)
			return findings
		case found:
			continue
		}
		for _, other := range others {
			if _, found, err := budget.Witness([]*webhook.Webhook{w}, []*webhook.Webhook{other}); !found && err == nil {
				f.Other = other.ID.String()
				f.Message = fmt.Sprintf("every event that fires it also fires webhook %s, which has the same target", f.Other)
				break
			}
		}
		byTarget[w.TargetURL] = others
		findings = append(findings, f)
	}
	slices.Reverse(findings)
	return findings
}
