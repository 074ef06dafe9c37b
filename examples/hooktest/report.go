package main

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter/lint"
)

// report is all that the program says, and the JSON that it writes.
type report struct {
	Events   []outcome `json:"events"` // in the order of the files and their events
	Findings []finding `json:"findings"`
	Summary  summary   `json:"summary"`
}

// finding is one about a webhook.
type finding struct {
	File           string    `json:"file"`
	OrganizationID uuid.UUID `json:"organization_id"`
	WebhookID      uuid.UUID `json:"webhook_id"`
	Description    string    `json:"description"`
	lint.Finding
}

type summary struct {
	Events    int `json:"events"`
	Differing int `json:"differing"` // events that are not as expected
	Added     int `json:"added"`     // deliveries
	Removed   int `json:"removed"`   // deliveries
	Findings  int `json:"findings"`
}

func (r *report) add(o outcome) {
	r.Events = append(r.Events, o)
	r.Summary.Events++
	if len(o.Unexpected) > 0 || len(o.Missing) > 0 {
		r.Summary.Differing++
	}
	r.Summary.Added += len(o.Added)
	r.Summary.Removed += len(o.Removed)
}

// check adds what is invalid in the webhooks, and withLint what is suspicious.
func (r *report) check(organizations []organization, withLint bool) {
	for _, o := range organizations {
		for _, h := range o.hooks {
			found := h.invalid
			if withLint && found == nil {
				found = lint.Check(h.Webhook)
			}
			for _, f := range found {
				r.Findings = append(r.Findings, finding{o.File, o.ID, h.ID, h.Description, f})
			}
		}
	}
	r.Summary.Findings = len(r.Findings)
}

// text returns the report for people. oldDir is the folder that the webhooks are
// compared with, or empty; withLint is that of check.
func (r *report) text(oldDir string, withLint bool) (text []byte) {
	for _, o := range r.Events {
		text = o.appendText(text)
	}
	last := ""
	for _, f := range r.Findings {
		if heading := f.File + ": " + named(f.WebhookID, f.Description) + "\n"; heading != last {
			text = append(text, heading...)
			last = heading
		}
		text = fmt.Appendf(text, "  %s\n", f)
	}
	s := r.Summary
	if s.Events > 0 {
		text = fmt.Appendf(text, "events %d, not as expected %d\n", s.Events, s.Differing)
		if oldDir != "" {
			text = fmt.Appendf(text, "deliveries added %d, removed %d, against %s\n", s.Added, s.Removed, oldDir)
		}
	}
	if withLint || s.Findings > 0 {
		text = fmt.Appendf(text, "findings %d\n", s.Findings)
	}
	return text
}

// appendText appends what there is to say about o: nothing, if it is as expected
// and no delivery is added or removed.
func (o *outcome) appendText(text []byte) []byte {
	heading := fmt.Appendf(nil, "%s: events[%d]: %q of %q in %q\n", o.File, o.Index, o.Type, o.ProjectName, o.EnvironmentMode)
	for _, part := range []struct {
		label      string
		deliveries []delivery
	}{
		{"should not have fired", o.Unexpected},
		{"should have fired", o.Missing},
		{"added", o.Added},
		{"removed", o.Removed},
	} {
		for _, d := range part.deliveries {
			text = append(text, heading...)
			heading = nil
			text = fmt.Appendf(text, "  %s: %s: %s\n", part.label, named(d.WebhookID, d.Description), d.Reason)
		}
	}
	return text
}

// named returns how people recognise a webhook.
func named(id uuid.UUID, description string) string {
	if description == "" {
		return id.String()
	}
	return fmt.Sprintf("%s %q", id, description)
}
