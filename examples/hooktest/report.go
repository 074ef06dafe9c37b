package main

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// report is the program's report, and its JSON form.
type report struct {
	Events      []outcome     `json:"events"`           // in the order of the files and their events
	Changes     []change      `json:"changes,omitzero"` // with -against only
	Findings    []finding     `json:"findings"`
	Unexercised []unexercised `json:"unexercised"`
	Deliveries  []*recording  `json:"deliveries,omitzero"` // with -deliveries only
	Summary     summary       `json:"summary"`

	incomplete []error // reports of projects and environments
}

// subject is the webhook that a part of the report is about, with a position in its file.
type subject struct {
	File string `json:"file"`
	jsonvalue.Position
	OrganizationID uuid.UUID `json:"organization_id"`
	WebhookID      uuid.UUID `json:"webhook_id"`
	Description    string    `json:"description"`
	NotCreated     bool      `json:"not_created,omitempty"`
}

// subject returns the webhook with an id as the subject of a problem.
func (o *organization) subject(id uuid.UUID, problem *webhook.FieldError) subject {
	return subject{o.File, o.Position(id, problem), o.ID, id, o.description(id), o.NotCreated[id]}
}

// finding is a finding about a webhook of a file, or about the file.
type finding struct {
	subject
	lint.Finding
	Allowed bool `json:"allowed,omitempty"` // by -allow
	// EnvironmentMode is the mode of a finding about a project, whose name is the Value.
	EnvironmentMode webhook.EnvironmentMode `json:"environment_mode,omitempty"`
}

// invalid is the code of a problem that keeps a webhook from being decoded or compiled,
// which package lint does not report.
const invalid lint.Code = "invalid"

type summary struct {
	Events       int `json:"events"`
	Differing    int `json:"differing"`    // events that are not as expected
	Undocumented int `json:"undocumented"` // values of events
	Added        int `json:"added"`        // deliveries
	Removed      int `json:"removed"`      // deliveries
	Changed      int `json:"changed"`      // webhooks
	Findings     int `json:"findings"`
	Invalid      int `json:"invalid"` // of the findings
	Allowed      int `json:"allowed"` // of the findings and the undocumented values
	// Unexercised counts the webhooks that no event is expected to fire, and
	// UnmatchedEntries the entries that match no event's name.
	Unexercised      int `json:"unexercised"`
	UnmatchedEntries int `json:"unmatched_entries"`
	// Existing is nil if no organization has projects and environments, or the arguments do
	// not need them.
	Existing *existingSummary `json:"existing,omitempty"`
	// Incomplete counts the reports of invalid and missing projects and environments, if they make
	// the exit status 1.
	Incomplete int `json:"incomplete,omitempty"`
	// Failed lists the names in -fail-on that make the exit status 1.
	Failed []string `json:"failed"`
}

func (r *report) addEvent(o outcome) {
	r.Events = append(r.Events, o)
	r.Summary.Events++
	if o.differs() {
		r.Summary.Differing++
	}
	r.Summary.Undocumented += len(o.Undocumented)
	r.Summary.Added += len(o.Added)
	r.Summary.Removed += len(o.Removed)
}

// addFindings adds the invalid and undocumented values of the webhooks, and the findings that the
// arguments ask for.
func (r *report) addFindings(in folders, arguments options) {
	add := func(o *organization, id uuid.UUID, code lint.Code, problems ...*webhook.FieldError) {
		for _, p := range problems {
			r.Findings = append(r.Findings, finding{subject: o.subject(id, p), Finding: lint.Finding{Code: code, Field: p.Field, Value: p.Value, Message: p.Err.Error()}})
		}
	}
	addLint := func(o *organization, id uuid.UUID, findings ...lint.Finding) {
		for _, f := range findings {
			r.Findings = append(r.Findings, finding{subject: o.subject(id, &webhook.FieldError{Field: f.Field}), Finding: f})
		}
	}
	for _, o := range in.now {
		existing := in.existing[o.ID]
		var withoutProject map[string]string
		if arguments.checks(noProject) {
			withoutProject = existing.withoutProject(o.hooks)
		}
		for _, p := range o.others {
			add(o, p.WebhookID, invalid, p)
			r.Findings[len(r.Findings)-1].Description = "" // o.subject may have found another webhook with the same id
		}
		for _, h := range o.hooks {
			add(o, h.ID, invalid, h.Invalid...)
			if arguments.lint && len(h.Invalid) == 0 {
				addLint(o, h.ID, lint.Check(h.Webhook)...)
			} else {
				add(o, h.ID, lint.UnknownValue, hook.Undocumented(h.Webhook)...)
			}
			addLint(o, h.ID, asNoProject(h, withoutProject)...)
		}
		if arguments.lint {
			for _, f := range lint.CheckAll(webhooks(o.hooks)) {
				addLint(o, uuid.MustParse(f.Value), f)
			}
		}
		if arguments.checks(unheard) {
			r.Findings = append(r.Findings, existing.unheard(o)...)
		}
	}
	for _, f := range r.Findings {
		if f.Code == invalid {
			r.Summary.Invalid++
		}
	}
	r.Summary.Findings = len(r.Findings)
}

func (r *report) addUnexercised(all []unexercised) {
	r.Unexercised = append(r.Unexercised, all...)
	for _, u := range all {
		if u.Webhook {
			r.Summary.Unexercised++
		}
		r.Summary.UnmatchedEntries += len(u.Entries)
	}
}

// text returns the report as text. oldDir is the folder that the webhooks are compared
// with, or empty; withLint is true with -lint.
func (r *report) text(oldDir string, withLint bool) (text []byte) {
	for _, o := range r.Events {
		text = o.appendText(text)
	}
	last := ""
	head := func(s subject) {
		if heading := s.place() + named(s.WebhookID, s.Description, s.NotCreated) + "\n"; heading != last {
			text = append(text, heading...)
			last = heading
		}
	}
	for _, c := range r.Changes {
		head(c.subject)
		text = appendLines(appendLines(text, c.lines()), c.pairLines())
	}
	for i := 0; i < len(r.Findings); i++ {
		f := r.Findings[i]
		text = fmt.Appendf(text, "%s%s\n", f.place(), f.message())
		if n := leftOut(r.Findings, i); n > 0 {
			text = fmt.Appendf(text, "%sand %d more (%s)\n", f.place(), n, f.Code)
			i += n
		}
	}
	for _, u := range r.Unexercised {
		head(u.subject)
		if u.Webhook {
			text = append(text, "  no event is expected to fire it\n"...)
		}
		for _, e := range u.Entries {
			text = fmt.Appendf(text, "  project_names_filter[%d] %s: matches no event's project name\n", e.Index, jsonvalue.Quote(e.Value))
		}
	}
	s, old := r.Summary, jsonvalue.Printable(oldDir)
	if s.Events > 0 {
		text = fmt.Appendf(text, "events %d, not as expected %d\n", s.Events, s.Differing)
		if oldDir != "" {
			text = fmt.Appendf(text, "deliveries added %d, removed %d, against %s\n", s.Added, s.Removed, old)
		}
	}
	if x := s.Existing; oldDir != "" && x != nil {
		text = fmt.Appendf(text, "deliveries of %d existing pairs added %d, removed %d, against %s\n", x.Pairs, x.Added, x.Removed, old)
	}
	if oldDir != "" {
		text = fmt.Appendf(text, "webhooks changed %d, against %s\n", s.Changed, old)
	}
	if s.Undocumented > 0 {
		text = fmt.Appendf(text, "undocumented values %d\n", s.Undocumented)
	}
	if withLint || s.Findings > 0 {
		text = fmt.Appendf(text, "findings %d\n", s.Findings)
	}
	if s.Allowed > 0 {
		text = fmt.Appendf(text, "allowed %d\n", s.Allowed)
	}
	if len(r.Unexercised) > 0 {
		text = fmt.Appendf(text, "not exercised: webhooks %d, entries %d\n", s.Unexercised, s.UnmatchedEntries)
	}
	if s.Incomplete > 0 {
		text = fmt.Appendf(text, "invalid or missing projects and environments: reports %d\n", s.Incomplete)
	}
	if len(s.Failed) > 0 {
		text = fmt.Appendf(text, "fails on %s\n", strings.Join(s.Failed, ", "))
	}
	return text
}

// appendText appends the text for o. It appends nothing if o is as expected, has no
// undocumented value, and adds and removes no delivery.
func (o *outcome) appendText(text []byte) []byte {
	var lines []string
	for _, v := range o.Undocumented {
		lines = append(lines, v.message())
	}
	lines = append(append(lines, o.wrong()...), o.diff()...)
	if len(lines) == 0 {
		return text
	}
	text = fmt.Appendf(text, "%s%s\n", inFile(o.File, o.Position), o.heading())
	return appendLines(text, lines)
}

func appendLines(text []byte, lines []string) []byte {
	for _, line := range lines {
		text = fmt.Appendf(text, "  %s\n", line)
	}
	return text
}

// inFile returns the start of a line about a position in a file.
func inFile(file string, at jsonvalue.Position) string {
	if at.Line == 0 {
		return file + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", file, at.Line, at.Column)
}

func (s subject) place() string { return inFile(s.File, s.Position) }

// about returns the webhook of the finding, or "" if the finding is about a file or the id cannot
// be decoded.
func (f finding) about() string {
	if f.WebhookID == uuid.Nil {
		return ""
	}
	return named(f.WebhookID, f.Description, f.NotCreated)
}

// text returns the finding without the webhook.
func (f finding) text() string { return f.String() + allowedSuffix(f.Allowed) }

// message returns the finding in one line.
func (f finding) message() string {
	if about := f.about(); about != "" {
		return about + ": " + f.text()
	}
	return f.text()
}

// described returns e in words. If fields of e are empty, the words describe all events that fit the
// other fields.
func described(e webhook.Event) string {
	text := jsonvalue.Quote(string(e.Type))
	if e.ProjectName != "" {
		text += " of " + jsonvalue.Quote(e.ProjectName)
	}
	if e.EnvironmentMode != "" {
		text += " in " + jsonvalue.Quote(string(e.EnvironmentMode))
	}
	return text
}

// named returns the id and the description of a webhook, and says if it does not exist yet.
func named(id uuid.UUID, description string, notCreated bool) string {
	name := id.String()
	if description != "" {
		name += " " + jsonvalue.Quote(description)
	}
	if notCreated {
		name += " (not created yet)"
	}
	return name
}
