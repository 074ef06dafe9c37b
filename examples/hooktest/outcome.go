package main

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// outcome is the result of one expectation. Its lists of deliveries are in the order of the
// organization's file. Webhooks that are only in the old file come last, in the order of
// the expectation, except in Removed, where they are in the order of the old file.
type outcome struct {
	File string `json:"file"`
	jsonvalue.Position
	Index          int       `json:"index"` // in the file's events
	OrganizationID uuid.UUID `json:"organization_id"`
	// Every is true if the expectation is about all events that fit the fields of Event: a
	// field may be empty, and ProjectName is a pattern.
	Every bool `json:"every,omitempty"`
	webhook.Event
	Comment    string     `json:"comment,omitempty"`
	Unexpected []delivery `json:"unexpected"` // fired and should not have
	Missing    []delivery `json:"missing"`    // should have fired and did not
	// Undocumented are the event's values that the API does not document.
	Undocumented []value `json:"undocumented,omitzero"`
	// Outdated, Added and Removed are only set with -against.
	Outdated []outdated `json:"outdated,omitzero"` // references to webhooks that only the old folder has
	Added    []delivery `json:"added,omitzero"`
	Removed  []delivery `json:"removed,omitzero"`
}

// delivery is a delivery of an event to a webhook, made or not.
type delivery struct {
	WebhookID   uuid.UUID `json:"webhook_id"`
	Description string    `json:"description"`
	NotCreated  bool      `json:"not_created,omitempty"` // the webhook does not exist yet
	// Example is set if the expectation is about several events. It is one of them, and the
	// other fields are about its delivery.
	Example *webhook.Event `json:"example,omitempty"`
	// Entry is the entry of project_names_filter that matched, if any. For a removed
	// delivery it is the entry of the old webhook.
	Entry *filter.Entry `json:"entry,omitempty"`
	// StoppedBy is the clause that stopped it, if the webhook still exists.
	StoppedBy string `json:"stopped_by,omitempty"`
	// Reason is the reason, in words, why it is made or not. For a removed delivery, Before
	// is the reason why it was made.
	Reason string `json:"reason"`
	Before string `json:"before,omitempty"`
}

// value is a value of an event that the API does not document.
type value struct {
	Field   string `json:"field"`
	Value   string `json:"value"`
	Message string `json:"message"` // with the documented value that was probably meant
	Allowed bool   `json:"allowed,omitempty"`
}

// outdated is a reference that resolves only among the webhooks of -against.
type outdated struct {
	Field     string    `json:"field"`
	Reference string    `json:"reference"`
	WebhookID uuid.UUID `json:"webhook_id"`
	Message   string    `json:"message"` // reports whether the webhook was deleted or renamed
}

// deleted is the reason for a webhook that is only in the old folder.
const deleted = "no longer exists"

// explain returns the delivery of e to h, with the reason why it is made or not.
func explain(h hook.Hook, e webhook.Event) delivery {
	v := h.Explain(e)
	return delivery{WebhookID: h.ID, Description: h.Description, NotCreated: h.NotCreated, Entry: v.Entry, StoppedBy: v.StoppedBy, Reason: v.Reason}
}

// evaluate compares x with the webhooks that fire.
func (x *expectation) evaluate() outcome {
	o := outcome{File: x.file, Position: x.at, Index: x.index, OrganizationID: x.organization.ID, Every: x.every != nil, Event: x.event, Comment: x.comment,
		Unexpected: []delivery{}, Missing: []delivery{}, Undocumented: undocumented(x.event)}
	for _, h := range x.organization.hooks {
		switch d, wrong := x.violation(h); {
		case !wrong:
		case x.demand(h.ID) == mustFire:
			o.Missing = append(o.Missing, d)
		default:
			o.Unexpected = append(o.Unexpected, d)
		}
	}
	for _, r := range x.references {
		if !r.outdated {
			continue
		}
		stale := outdated{r.field, r.text, r.id, deleted}
		if h, ok := x.organization.hook(r.id); ok {
			stale.Message = "now has the description " + jsonvalue.Quote(h.Description)
		} else if r.demand == mustFire {
			before, _ := x.old.hook(r.id)
			o.Missing = append(o.Missing, delivery{WebhookID: r.id, Description: before.Description, Reason: deleted})
		}
		o.Outdated = append(o.Outdated, stale)
	}
	return o
}

// violation returns a delivery to h that is not as x demands, if there is one.
func (x *expectation) violation(h hook.Hook) (d delivery, found bool) {
	want := x.demand(h.ID)
	if want == free {
		return d, false
	}
	if x.every == nil {
		return explain(h, x.event), h.Match(x.event) != (want == mustFire)
	}
	fires, silent := []*webhook.Webhook{x.every}, working(h)
	if want == mustNotFire {
		if silent == nil {
			return d, false
		}
		fires, silent = append(fires, silent...), nil
	}
	e, found, err := analysis.Witness(fires, silent)
	if err != nil {
		return delivery{WebhookID: h.ID, Description: h.Description, NotCreated: h.NotCreated, Reason: err.Error()}, true
	}
	if found {
		d = explain(h, e)
		d.Example = &e
	}
	return d, found
}

// differs reports whether o is not as expected.
func (o *outcome) differs() bool { return len(o.Unexpected)+len(o.Missing)+len(o.Outdated) > 0 }

// undocumented returns the values of e that the API does not document.
func undocumented(e webhook.Event) (values []value) {
	lists := webhook.Webhook{Events: []webhook.EventType{e.Type}, EnvironmentTypesFilter: []webhook.EnvironmentMode{e.EnvironmentMode}}
	names := map[string]string{"events[0]": "event_type", "environment_types_filter[0]": "environment_mode"}
	for _, e := range hook.Undocumented(&lists) {
		values = append(values, value{Field: names[e.Field], Value: e.Value, Message: e.Err.Error()})
	}
	return values
}

// compare sets o.Added to the deliveries of x's event that only the present webhooks make, and
// o.Removed to the deliveries that only the webhooks of -against make. If x is about more than
// one event, both are empty: folders.changes returns all differences.
func (o *outcome) compare(x *expectation) {
	o.Added, o.Removed = []delivery{}, []delivery{}
	if x.every != nil {
		return
	}
	for _, v := range x.versions {
		fires := v.now.Webhook != nil && v.now.Match(x.event)
		fired := v.old.Webhook != nil && v.old.Match(x.event)
		switch {
		case fires && !fired:
			o.Added = append(o.Added, explain(v.now, x.event))
		case fired && !fires:
			old := explain(v.old, x.event)
			d := old
			d.Reason = deleted
			if v.now.Webhook != nil {
				d = explain(v.now, x.event)
			}
			d.Entry, d.Before = old.Entry, old.Reason
			o.Removed = append(o.Removed, d)
		}
	}
}

// heading returns the expectation in one line.
func (o *outcome) heading() string {
	text := fmt.Sprintf("events[%d]: ", o.Index)
	if o.Every {
		text += "every "
	}
	text += described(o.Event)
	if o.Comment != "" {
		text += ", " + jsonvalue.Quote(o.Comment)
	}
	return text
}

// wrong returns a line for each difference from the expectation.
func (o *outcome) wrong() (lines []string) {
	for _, u := range o.Outdated {
		lines = append(lines, fmt.Sprintf("%s %s: %s %s", u.Field, jsonvalue.Quote(u.Reference), u.WebhookID, u.Message))
	}
	lines = appendDeliveries(lines, "should not have fired", o.Unexpected)
	return appendDeliveries(lines, "should have fired", o.Missing)
}

// diff returns a line for each delivery that was added or removed.
func (o *outcome) diff() []string {
	return appendDeliveries(appendDeliveries(nil, "added", o.Added), "removed", o.Removed)
}

func appendDeliveries(lines []string, label string, deliveries []delivery) []string {
	for _, d := range deliveries {
		reason := d.Reason
		if d.Before != "" {
			reason += "; before: " + d.Before
		}
		if d.Example != nil {
			reason = "for example " + described(*d.Example) + ": " + reason
		}
		lines = append(lines, fmt.Sprintf("%s: %s: %s", label, named(d.WebhookID, d.Description, d.NotCreated), reason))
	}
	return lines
}

// message returns the value in one line.
func (v value) message() string {
	return fmt.Sprintf("%s %s: %s%s", v.Field, jsonvalue.Quote(v.Value), v.Message, allowedSuffix(v.Allowed))
}
