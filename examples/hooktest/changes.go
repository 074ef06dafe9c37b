package main

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/webhook"
)

// change describes how a webhook differs from its version in the folder of -against, over
// all events. At least one of Added, Removed and Undecided is set.
type change struct {
	subject
	// Added is an event that fires only the present webhook, and Removed one that fired
	// only the old webhook.
	Added   *example `json:"added,omitempty"`
	Removed *example `json:"removed,omitempty"`
	// Undecided is the reason why the versions could not be compared.
	Undecided string `json:"undecided,omitempty"`
	// AddedPairs has the deliveries of existing pairs that only the present webhook makes, and
	// RemovedPairs the ones that only the old webhook makes.
	AddedPairs   []deliveriesOf `json:"added_pairs,omitempty"`
	RemovedPairs []deliveriesOf `json:"removed_pairs,omitempty"`

	version
}

// version is a webhook as it is in the present folder and as it is in the folder of -against. One of
// the two may be missing.
type version struct{ now, old hook.Hook }

// example is an event with the reasons why it fires the present webhook or not, and why it
// fired the old one or did not.
type example struct {
	webhook.Event
	Reason string `json:"reason"`
	Before string `json:"before"`
}

// changes returns the webhooks that fire for other events than in the old folder. They are in
// the order of the present folder. In each organization, webhooks that are only in the old folder
// come last; organizations that are only in the old folder come after all others.
func (f folders) changes() []change {
	all := []change{}
	add := func(id uuid.UUID, now, old *organization) {
		changes := changesOf(now, old)
		comparePairs(changes, f.pairs(id))
		all = append(all, changes...)
	}
	for _, now := range f.now {
		add(now.ID, now, find(f.old, now.ID))
	}
	for _, old := range f.old {
		if find(f.now, old.ID) == nil {
			add(old.ID, nil, old)
		}
	}
	return all
}

// changesOf returns the changes of an organization. If a folder does not have it, now or old is
// nil.
func changesOf(now, old *organization) (all []change) {
	in := now
	if in == nil {
		in = old
	}
	for _, v := range versionsOf(now, old) {
		all = appendChange(all, in, v)
	}
	return all
}

// versionsOf pairs the webhooks of an organization in both folders. They are in the order of now,
// followed by the webhooks that only old has. If a folder does not have the organization, now or
// old is nil.
func versionsOf(now, old *organization) (all []version) {
	paired := make(map[uuid.UUID]bool) // ids of old webhooks
	for _, h := range now.all() {
		before, found := old.hook(counterpart(h, now, old))
		if found {
			paired[before.ID] = true
		}
		all = append(all, version{h, before})
	}
	for _, h := range old.all() {
		if !paired[h.ID] {
			all = append(all, version{old: h})
		}
	}
	return all
}

// counterpart returns the id of the old version of h, or uuid.Nil if h is new. It is the
// old webhook with the same id. If no old webhook has the id, it is the old webhook with the same
// description, unless the description is ambiguous in either folder or the present folder has a
// webhook with the old webhook's id.
func counterpart(h hook.Hook, now, old *organization) uuid.UUID {
	if _, ok := old.hook(h.ID); ok {
		return h.ID
	}
	id, err := old.resolveDescription(h.Description)
	if err != nil {
		return uuid.Nil
	}
	_, taken := now.hook(id)
	if same, err := now.resolveDescription(h.Description); taken || err != nil || same != h.ID {
		return uuid.Nil
	}
	return id
}

// appendChange appends the change of a webhook, if the webhook fires for other events than before or
// its versions could not be compared.
func appendChange(all []change, o *organization, v version) []change {
	now, old, h := v.now, v.old, v.now
	if h.Webhook == nil {
		h = old
	}
	c := change{subject: o.subject(h.ID, &webhook.FieldError{}), version: v}
	c.Description, c.NotCreated = h.Description, h.NotCreated // o may no longer have h
	var err error
	if c.Added, err = difference(now, old); err == nil {
		c.Removed, err = difference(old, now)
	}
	if err != nil {
		c.Undecided = err.Error()
	}
	for _, x := range []*example{c.Added, c.Removed} {
		if x != nil {
			x.Reason, x.Before = reason(now, x.Event, deleted), reason(old, x.Event, "did not exist")
		}
	}
	if c.Added == nil && c.Removed == nil && err == nil {
		return all
	}
	return append(all, c)
}

// difference returns an event that fires a and not b, or nil if no event does.
func difference(a, b hook.Hook) (*example, error) {
	fires := working(a)
	if fires == nil {
		return nil, nil
	}
	e, found, err := analysis.Witness(fires, working(b))
	if err != nil || !found {
		return nil, err
	}
	return &example{Event: e}, nil
}

// working returns h in a list, or nil if it is missing or invalid, and so fires for nothing.
func working(h hook.Hook) []*webhook.Webhook {
	if h.Webhook == nil || h.Invalid != nil {
		return nil
	}
	return []*webhook.Webhook{h.Webhook}
}

// reason returns the reason why e fires h or does not. If h is missing, it returns missing.
func reason(h hook.Hook, e webhook.Event, missing string) string {
	if h.Webhook == nil {
		return missing
	}
	return h.Explain(e).Reason
}

// lines returns a line for each difference.
func (c *change) lines() (lines []string) {
	if x := c.Added; x != nil {
		lines = append(lines, fmt.Sprintf("added: for example %s; before: %s", described(x.Event), x.Before))
	}
	if x := c.Removed; x != nil {
		lines = append(lines, fmt.Sprintf("removed: for example %s: %s", described(x.Event), x.Reason))
	}
	if c.Undecided != "" {
		lines = append(lines, "not compared: "+c.Undecided)
	}
	return lines
}

// pairLines returns a line for each group of deliveries of existing pairs that were added or removed.
func (c *change) pairLines() (lines []string) {
	for _, d := range c.AddedPairs {
		lines = append(lines, "added: "+d.String())
	}
	for _, d := range c.RemovedPairs {
		lines = append(lines, "removed: "+d.String())
	}
	return lines
}
