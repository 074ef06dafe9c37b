package main

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/webhook"
)

// differences prints the webhooks that would fire for different events than now, stored or not,
// with an example of what is added and what is removed.
func (t *trial) differences() {
	organizations := make(map[uuid.UUID]bool)
	for _, x := range []*filter.Index{t.present, t.changed} {
		for id := range x.Organizations() {
			organizations[id] = true
		}
	}
	for _, organizationID := range sorted(organizations) {
		ids := make(map[uuid.UUID]bool)
		for _, x := range []*filter.Index{t.present, t.changed} {
			for w := range x.All(organizationID) {
				ids[w.ID] = true
			}
		}
		for _, id := range sorted(ids) {
			before, _ := t.present.Get(organizationID, id)
			after, _ := t.changed.Get(organizationID, id)
			if before.Equal(after) {
				continue
			}
			name := t.name(organizationID, id)
			t.difference("added", name, after, before, "bucket", "the bucket has no valid webhook with this id")
			t.difference("removed", name, before, after, "folder", "the webhook is not in the folder")
		}
	}
}

// difference prints an event that fires one version of a webhook (fires) and not the other
// (silent), if there is such an event, and why the other does not fire. where is the place of the
// other, bucket or folder. If there is no other, the parameter missing is the reason. If fires is
// nil, there is no such event.
func (t *trial) difference(what, webhookName string, fires, silent *webhook.Webhook, where, missing string) {
	if fires == nil {
		return
	}
	var others []*webhook.Webhook
	if silent != nil {
		others = append(others, silent)
	}
	e, found, err := analysis.Witness([]*webhook.Webhook{fires}, others)
	switch {
	case err != nil:
		fmt.Fprintf(t.c.stdout, "%s: possible events, webhook %s: %v\n", what, webhookName, err)
	case found:
		reason := missing
		if silent != nil {
			reason = "the version in the " + where + " does not fire: " + hook.Compile(silent).Explain(e).Reason
		}
		fmt.Fprintf(t.c.stdout, "%s: possible events, webhook %s: for example %q of %q in %q: %s\n", what, webhookName, e.Type, e.ProjectName, e.EnvironmentMode, reason)
	}
}
