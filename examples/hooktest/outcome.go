package main

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// outcome is what became of one expectation. Its lists are in the order of the
// organization's file; what is no longer there comes last in Removed, in the order
// of the old file.
type outcome struct {
	File           string    `json:"file"`
	Index          int       `json:"index"` // in the file's events
	OrganizationID uuid.UUID `json:"organization_id"`
	webhook.Event
	Unexpected []delivery `json:"unexpected"` // fired and should not have
	Missing    []delivery `json:"missing"`    // should have fired and did not
	// Added and Removed are only there with -against.
	Added   []delivery `json:"added,omitzero"`
	Removed []delivery `json:"removed,omitzero"`
}

// delivery is that of an event to a webhook, made or not.
type delivery struct {
	WebhookID   uuid.UUID `json:"webhook_id"`
	Description string    `json:"description"`
	// Entry is the entry of project_names_filter that made the delivery, if there
	// is one that does.
	Entry *filter.Entry `json:"entry,omitempty"`
	// StoppedBy is the clause that stopped it, if the webhook is there and
	// compiles.
	StoppedBy string `json:"stopped_by,omitempty"`
	// Reason says for people why it was made or not.
	Reason string `json:"reason"`
}

// delivery returns that of e to h, with the reason why it is made or not.
func (h hook) delivery(e webhook.Event) delivery {
	d := delivery{WebhookID: h.ID, Description: h.Description}
	if h.invalid != nil {
		d.Reason = "does not compile"
		for _, f := range h.invalid {
			d.Reason += "; " + f.String()
		}
		return d
	}
	x := h.filter.Explain(e)
	if stopped, ok := x.StoppedBy(); ok {
		d.StoppedBy, d.Reason = stopped.Name, stopped.String()
		return d
	}
	d.Entry = x.Clauses[2].Entry
	d.Reason = fmt.Sprintf("%v; %v; %v", x.Clauses[1], x.Clauses[2], x.Clauses[3])
	return d
}

// judge returns what differs from x.
func (x expectation) judge() outcome {
	o := outcome{File: x.file, Index: x.index, OrganizationID: x.organization.ID, Event: x.event,
		Unexpected: []delivery{}, Missing: []delivery{}}
	for i, h := range x.organization.hooks {
		switch fires := h.filter.Match(x.event); {
		case fires && x.want[i] == mustNotFire:
			o.Unexpected = append(o.Unexpected, h.delivery(x.event))
		case !fires && x.want[i] == mustFire:
			o.Missing = append(o.Missing, h.delivery(x.event))
		}
	}
	return o
}

// impact adds the deliveries of x's event that the organization makes and old,
// which is nil if there was none, did not, and the other way round.
func (o *outcome) impact(x expectation, old *organization) {
	o.Added, o.Removed = []delivery{}, []delivery{}
	var before []hook
	if old != nil {
		before = old.hooks
	}
	for _, h := range x.organization.hooks {
		fired := slices.ContainsFunc(before, func(b hook) bool { return b.ID == h.ID && b.filter.Match(x.event) })
		switch fires := h.filter.Match(x.event); {
		case fires && !fired:
			o.Added = append(o.Added, h.delivery(x.event))
		case fired && !fires:
			o.Removed = append(o.Removed, h.delivery(x.event))
		}
	}
	for _, b := range before {
		gone := !slices.ContainsFunc(x.organization.hooks, func(h hook) bool { return h.ID == b.ID })
		if gone && b.filter.Match(x.event) {
			o.Removed = append(o.Removed, delivery{WebhookID: b.ID, Description: b.Description, Reason: "is no longer there"})
		}
	}
}
