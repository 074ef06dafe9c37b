package engine

import (
	"slices"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Changes are statements about all events, with any project name.
type Changes struct {
	// Webhooks are the webhooks that fire for other events than in the baseline, in the
	// order of the table. It is empty without a baseline.
	Webhooks []Change `json:"webhooks"`
	// Unreached is an event of the chosen types and modes that fires no webhook, if there
	// is one.
	Unreached *Example `json:"unreached,omitempty"`
	// Undecided is true if there was too much to compare. Then Webhooks may be incomplete, and
	// Unreached may be nil although there is such an event.
	Undecided bool `json:"undecided"`
}

// Change says how an edit changes the events that fire a webhook.
type Change struct {
	Label string `json:"label"`
	// Added is an event that fires the webhook only after the edit, and Removed is an event
	// that fired it only before.
	Added   *Example `json:"added,omitempty"`
	Removed *Example `json:"removed,omitempty"`
}

// Example is an event with printable values.
type Example struct {
	Type string `json:"type"`
	Name string `json:"name"`
	Mode string `json:"mode"`
}

// maxChangeSteps bounds the work of one request: the page waits for the response.
const maxChangeSteps = analysis.MaxSteps / 32

func (e *Engine) changes(types []webhook.EventType, modes []webhook.EnvironmentMode) *Changes {
	c := &Changes{Webhooks: []Change{}}
	if e.webhooks.broken != nil {
		return c
	}
	budget := analysis.Budget{Steps: maxChangeSteps}
	witness := func(fires, silent []*webhook.Webhook) *Example {
		event, found, err := budget.Witness(fires, silent)
		c.Undecided = c.Undecided || err != nil
		if !found {
			return nil
		}
		return &Example{jsonvalue.Printable(string(event.Type)), jsonvalue.Printable(event.ProjectName), jsonvalue.Printable(string(event.EnvironmentMode))}
	}
	if e.compares() {
		for i, pair := range e.columns() {
			if pair[0] == pair[1] {
				continue
			}
			now, before := pair[0].effective(), pair[1].effective()
			change := Change{}
			if now != nil {
				change.Added = witness(now, before)
			}
			if before != nil {
				change.Removed = witness(before, now)
			}
			if change.Added == nil && change.Removed == nil {
				continue
			}
			shown := pair[0]
			if shown == nil {
				shown = pair[1]
			}
			change.Label = shown.label(i)
			c.Webhooks = append(c.Webhooks, change)
		}
	}
	chosen := &webhook.Webhook{Enabled: true}
	chosen.Events = slices.DeleteFunc(slices.Clone(types), func(t webhook.EventType) bool { return t == "" })
	chosen.EnvironmentTypesFilter = slices.DeleteFunc(slices.Clone(modes), func(m webhook.EnvironmentMode) bool { return m == "" })
	if len(e.webhooks.hooks) > 0 && len(chosen.EnvironmentTypesFilter) > 0 { // an empty filter would mean all modes
		var all []*webhook.Webhook
		for _, h := range e.webhooks.hooks {
			all = append(all, h.effective()...)
		}
		c.Unreached = witness([]*webhook.Webhook{chosen}, all)
	}
	return c
}

// effective returns the webhook in a list, or nil if it fires for nothing because h is nil,
// or the webhook is invalid or a duplicate.
func (h *hook) effective() []*webhook.Webhook {
	if h == nil || h.state != "" && h.state != "disabled" {
		return nil
	}
	return []*webhook.Webhook{h.w}
}
