package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// recorded is a delivery that the vendor made, with the verdict of the webhook on its event.
type recorded struct {
	Line           int    `json:"line"` // of its first character in the file
	ID             string `json:"id,omitempty"`
	CreatedAt      string `json:"created_at,omitempty"`
	*webhook.Event        // nil if the event is not known
	// MatchedEvent is the event type that the vendor matched. It should be the type of Event.
	MatchedEvent webhook.EventType `json:"matched_event,omitempty"`
	Verdict      verdict           `json:"verdict"`
	// EditedAt is set if the webhook was edited after the delivery, so that the verdict of its
	// version at that time is not known.
	EditedAt string `json:"edited_at,omitempty"`
	// LookedUp is true if the request has only the id of the project or the environment, so that
	// its current name or mode is used.
	LookedUp  bool          `json:"looked_up,omitempty"`
	Entry     *filter.Entry `json:"entry,omitempty"`
	StoppedBy string        `json:"stopped_by,omitempty"`
	Reason    string        `json:"reason"`

	slack bool
}

type verdict string

const (
	fires        verdict = "fires"
	doesNotFire  verdict = "does-not-fire"
	notJudged    verdict = "not-judged"
	notADelivery verdict = "invalid"
)

// pastDelivery is what [form.Name] calls a past delivery.
const pastDelivery = "a past delivery"

// judge returns the delivery of a line. lineErr is the error of its event.
func (r *recording) judge(l events.Line, lineErr error) recorded {
	d := recorded{Line: l.Number, Verdict: notADelivery}
	created, err := d.parse(l.Original, lineErr)
	switch {
	case err != nil:
		d.Reason = err.Error()
		return d
	case d.slack:
		d.Verdict, d.Reason = notJudged, "its request is a Slack message, which has no project and no environment"
		return d
	case lineErr != nil && !errors.Is(lineErr, events.ErrMissing):
		d.Reason = lineErr.Error()
		return d
	case l.OrganizationID != r.OrganizationID:
		d.Reason = fmt.Sprintf("the delivery is of organization %s: want %s, which has the webhook", l.OrganizationID, r.OrganizationID)
		return d
	case lineErr != nil:
		d.Verdict, d.Reason = notJudged, lineErr.Error()
		return d
	}
	v := r.hook.Explain(l.Event)
	d.Event, d.LookedUp, d.Entry, d.StoppedBy, d.Reason = &l.Event, l.LookedUp, v.Entry, v.StoppedBy, v.Reason
	d.Verdict = doesNotFire
	if v.Fires {
		d.Verdict = fires
	}
	if edited := r.hook.UpdatedAt; edited.After(created) {
		d.EditedAt = inUTC(edited)
	}
	return d
}

// parse sets the fields of d that are not about its event from the text of a delivery, and
// returns the time of the delivery. lineErr is as in judge.
func (d *recorded) parse(text []byte, lineErr error) (created time.Time, err error) {
	v, err := jsonvalue.Parse(text)
	if err != nil {
		return created, lineErr // it may be more precise
	}
	fields, err := v.Fields([]string{"id", "created_at", "kind", "matched_event"}, nil)
	if err != nil {
		return created, err
	}
	if form.Name(v) != pastDelivery {
		if err := form.Not(pastDelivery, v); err != nil {
			return created, err
		}
		return created, v.Errorf("want %s, with matched_event and request", pastDelivery)
	}
	kind := ""
	for i, to := range []*string{&d.ID, nil, &kind, (*string)(&d.MatchedEvent)} {
		if field := fields[i]; to != nil && !field.Absent() && field.Kind() != 'n' {
			if *to, err = form.Text(field); err != nil {
				return created, err
			}
		}
	}
	d.slack = kind == string(webhook.KindSlack)
	at, err := form.Text(fields[1])
	if err != nil {
		return created, err
	}
	created, ok := form.Time(at)
	if !ok {
		if created, err = time.Parse(time.RFC3339, at); err != nil {
			return created, fields[1].Errorf("want a time such as 2026-08-03T09:12:45Z, got %s", jsonvalue.Quote(at))
		}
	}
	d.CreatedAt = inUTC(created)
	return created, nil
}

func inUTC(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// mismatched reports whether the vendor matched another event type than it delivered.
func (d *recorded) mismatched() bool {
	return d.Event != nil && d.MatchedEvent != "" && d.MatchedEvent != d.Type
}

func (t *tally) add(d recorded) {
	t.Deliveries++
	switch {
	case d.Verdict == notADelivery:
		t.Invalid++
	case d.Verdict == notJudged:
		t.NotJudged++
	case d.EditedAt != "":
		t.Edited++
	case d.Verdict == fires:
		t.Firing++
	default:
		t.Differing++
	}
	if d.slack && d.Verdict == notJudged {
		t.Slack++
	}
	if d.mismatched() {
		t.Mismatched++
	}
}

// appendText appends the text for d. It appends nothing for a valid delivery to a SLACK
// webhook, or if the webhook fires and the vendor matched the same event type.
func (d *recorded) appendText(text []byte, r *recording) []byte {
	if d.Verdict == notADelivery {
		return fmt.Appendf(text, "%s:%d: invalid: %s\n", r.File, d.Line, d.Reason)
	}
	heading := fmt.Appendf(nil, "%s:%d: ", r.File, d.Line)
	if d.ID != "" {
		heading = fmt.Appendf(heading, "%s, ", jsonvalue.Printable(jsonvalue.Short(d.ID)))
	}
	heading = fmt.Appendf(heading, "%s", d.CreatedAt)
	if d.Event != nil {
		heading = fmt.Appendf(heading, ", %s", described(*d.Event))
	}
	heading = append(heading, '\n')
	line := func(format string, args ...any) {
		text = append(text, heading...)
		heading = nil
		text = fmt.Appendf(text, "  "+format+"\n", args...)
	}
	switch {
	case d.Verdict == notJudged && !d.slack:
		line("not judged: %s", d.Reason)
	case d.Verdict == doesNotFire && d.EditedAt != "":
		line("does not fire: %s; but the webhook was edited after the delivery, at %s", d.Reason, d.EditedAt)
	case d.Verdict == doesNotFire:
		line("does not fire: %s", d.Reason)
	}
	if d.LookedUp && (d.StoppedBy == filter.ClauseProjectNames || d.StoppedBy == filter.ClauseModes) {
		line("the request has only the id of the project or the environment: its current name or mode was used, which may have changed since the delivery")
	}
	if d.mismatched() {
		line("matched_event %s is not the event_type of the request", jsonvalue.Quote(string(d.MatchedEvent)))
	}
	return text
}

// appendSummary appends the summary of r in one line.
func (r *recording) appendSummary(text []byte) []byte {
	text = fmt.Appendf(text, "%s: %s: ", r.File, named(r.WebhookID, r.Description, r.NotCreated))
	s := r.Summary
	if s.Deliveries == 0 {
		return append(text, "no recorded deliveries\n"...)
	}
	text = fmt.Appendf(text, "deliveries %d, firing %d, not firing %d", s.Deliveries, s.Firing, s.Differing)
	for _, c := range []struct {
		format string
		n      int
	}{
		{", before the webhook's last edit %d", s.Edited},
		{", not judged %d", s.NotJudged},
		{" (to SLACK %d)", s.Slack},
		{", invalid %d", s.Invalid},
		{", with another matched_event %d", s.Mismatched},
	} {
		if c.n > 0 {
			text = fmt.Appendf(text, c.format, c.n)
		}
	}
	return append(text, '\n')
}
