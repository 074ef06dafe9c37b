package main

import (
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/webhook"
)

// unexercised is a webhook that no event is expected to fire, or that has entries of
// project_names_filter that match no event's name.
type unexercised struct {
	subject
	// Webhook is true if no event is expected to fire the webhook.
	Webhook bool `json:"webhook"`
	// Entries are the entries that match the name of no event of the organization.
	Entries []filter.Entry `json:"entries"`
}

// unexercisedBy returns the webhooks and entries that the expectations do not exercise, of
// the organizations that they are about. It skips webhooks that cannot fire because they
// are disabled, have no events or are invalid.
func unexercisedBy(expectations []*expectation, organizations []*organization) (all []unexercised) {
	for _, o := range organizations {
		var about []*expectation
		for _, x := range expectations {
			if x.organization == o {
				about = append(about, x)
			}
		}
		if len(about) == 0 {
			continue
		}
		for _, h := range o.hooks {
			if !h.Enabled || len(h.Events) == 0 || h.Invalid != nil {
				continue
			}
			u := unexercised{subject: o.subject(h.ID, &webhook.FieldError{}), Webhook: !fired(h.ID, about), Entries: unmatched(h.ProjectNamesFilter, about)}
			if u.Webhook || len(u.Entries) > 0 {
				all = append(all, u)
			}
		}
	}
	return all
}

// fired reports whether an event is expected to fire a webhook.
func fired(id uuid.UUID, about []*expectation) bool {
	return slices.ContainsFunc(about, func(x *expectation) bool { return x.demand(id) == mustFire })
}

// unmatched returns the entries that match the name of no event.
func unmatched(entries []string, about []*expectation) []filter.Entry {
	unmatched := []filter.Entry{}
	for i, entry := range entries {
		alone := hook.Compile(&webhook.Webhook{Enabled: true, Events: webhook.EventTypes()[:1], ProjectNamesFilter: []string{entry}})
		matches := func(x *expectation) bool {
			if x.every != nil {
				named := webhook.Webhook{Enabled: true, Events: alone.Events, ProjectNamesFilter: x.every.ProjectNamesFilter}
				_, found, err := analysis.Witness([]*webhook.Webhook{alone.Webhook, &named}, nil)
				return found || err != nil
			}
			return alone.Match(webhook.Event{Type: alone.Events[0], ProjectName: x.event.ProjectName})
		}
		if !slices.ContainsFunc(about, matches) {
			unmatched = append(unmatched, filter.Entry{Index: i, Value: entry})
		}
	}
	return unmatched
}
