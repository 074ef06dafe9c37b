package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// expectation lists the webhooks that an event of an expectation file must fire. Instead of one
// event, it may be about all events that fit a description; then event holds the description,
// and its fields may be empty.
type expectation struct {
	file         string
	index        int // in the file's events
	at           jsonvalue.Position
	organization *organization
	old          *organization // of -against, or nil
	versions     []version     // of the webhooks of both
	comment      string
	event        webhook.Event
	every        *webhook.Webhook // nil, or the expectation is about all events that fire this webhook
	references   []reference
	others       demand // on the webhooks without a reference
}

// reference is a mention of a webhook in an expectation.
type reference struct {
	field  string // as in must_fire[1]
	text   string // an id or a description
	id     uuid.UUID
	demand demand
	// outdated is true if the text refers to a webhook of -against only.
	outdated bool
}

// demand is the requirement of an expectation on one webhook.
type demand int

const (
	free demand = iota
	mustFire
	mustNotFire
)

// demand returns the requirement of x on the webhook with an id.
func (x *expectation) demand(id uuid.UUID) demand {
	for _, r := range x.references {
		if r.id == id {
			return r.demand
		}
	}
	return x.others
}

// folders holds the webhooks that the expectations are about: the present ones, and the
// old ones of -against.
type folders struct {
	dir      string // of the present webhooks
	now, old []*organization
	// projects has the projects and environments in the present folder, if they were read.
	// existing has the organizations of the present folder that have both files. The field before
	// has the same for the old folder.
	projects         map[uuid.UUID]*projects.Organization
	existing, before map[uuid.UUID]existing
	// incomplete has the reports of invalid or missing projects and environments, if -lint or
	// -fail-on needs them.
	incomplete []error
}

// readExpectations returns the expectations of the files, in order, or an error with every
// problem in them. The file - is stdin.
func (f folders) readExpectations(files []string, stdin io.Reader) (all []*expectation, err error) {
	var errs []error
	for _, file := range files {
		read, name := func() ([]byte, error) { return os.ReadFile(file) }, jsonvalue.Printable(file)
		if file == "-" {
			read, name = func() ([]byte, error) { return io.ReadAll(stdin) }, "stdin"
		}
		text, err := read()
		if err != nil {
			errs = append(errs, webhookdir.Printable(err))
			continue
		}
		if text, err = jsonvalue.UTF8(text); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		positions := jsonvalue.NewPositions(text)
		expectations, parseErrs := f.parse(name, text, positions)
		all = append(all, expectations...)
		for _, err := range parseErrs {
			var at jsonvalue.Position
			var invalid *jsonvalue.Error
			if errors.As(err, &invalid) {
				at = positions.At(invalid.Offset)
			}
			errs = append(errs, fmt.Errorf("%s%w", inFile(name, at), err))
		}
	}
	return all, errors.Join(errs...)
}

// parse returns the expectations of a file, and an error for every problem in it.
func (f folders) parse(file string, text []byte, positions *jsonvalue.Positions) (expectations []*expectation, errs []error) {
	root, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, []error{err}
	}
	fields, err := only(root, "organization_id", "events")
	if err != nil {
		return nil, []error{err}
	}
	id, err := form.ID(fields[0])
	if err != nil {
		return nil, []error{err}
	}
	now, old := find(f.now, id), find(f.old, id)
	if now == nil {
		name := id.String() + ".json"
		if old == nil {
			return nil, []error{fields[0].Errorf("the folder %s has no file %s", jsonvalue.Printable(f.dir), name)}
		}
		now = &organization{Organization: webhookdir.Organization{ID: id, File: jsonvalue.Printable(filepath.Join(f.dir, name))}} // only -against has the organization
	}
	list, err := fields[1].Elements()
	if err != nil {
		return nil, []error{err}
	}
	if len(list) == 0 {
		return nil, []error{fields[1].Errorf("want at least one event")}
	}
	versions := versionsOf(now, old)
	for i, v := range list {
		x := &expectation{file: file, index: i, at: positions.At(v.Offset()), organization: now, old: old, versions: versions}
		errs = append(errs, x.parse(v)...)
		expectations = append(expectations, x)
	}
	return expectations, errs
}

// parse sets x from v, an element of a file's events.
func (x *expectation) parse(v jsonvalue.Value) (errs []error) {
	names := append(events.Names(), "every", "must_fire", "must_not_fire", "comment")
	fields, err := only(v, names...)
	if err != nil {
		return []error{err}
	}
	every, lists, comment := fields[len(names)-4], fields[len(names)-3:len(names)-1], fields[len(names)-1]
	if every.Absent() {
		x.event, errs = events.From(fields)
	} else {
		errs = x.parseEvery(every, fields[:len(names)-4])
	}
	if !comment.Absent() {
		if x.comment, err = comment.Text(); err != nil {
			errs = append(errs, err)
		}
	}
	if lists[0].Absent() && lists[1].Absent() {
		return append(errs, v.Errorf("want must_fire or must_not_fire"))
	}
	if lists[1].Absent() && x.every == nil {
		x.others = mustNotFire
	}
	for i, d := range []demand{mustFire, mustNotFire} {
		if lists[i].Absent() {
			continue
		}
		elements, err := lists[i].Elements()
		if err != nil {
			errs = append(errs, err)
		}
		for n, e := range elements {
			if err := x.refer(e, fmt.Sprintf("%s[%d]", names[len(names)-3+i], n), d); err != nil {
				errs = append(errs, err)
			}
		}
	}
	return errs
}

// parseEvery sets x.every and x.event from v, the description of all events that an
// expectation is about. The fields of a single event must be absent.
func (x *expectation) parseEvery(v jsonvalue.Value, event []jsonvalue.Value) (errs []error) {
	for i, field := range event {
		if !field.Absent() {
			errs = append(errs, field.Errorf("not allowed beside the field every: want %s inside the value of every", events.Names()[i]))
		}
	}
	x.every = &webhook.Webhook{Enabled: true}
	fields, err := only(v, events.Names()...)
	if err != nil {
		return append(errs, err)
	}
	for i, to := range []*string{(*string)(&x.event.Type), &x.event.ProjectName, (*string)(&x.event.EnvironmentMode)} {
		if fields[i].Absent() {
			continue
		}
		if *to, err = fields[i].Text(); err == nil && *to == "" {
			err = fields[i].Errorf("empty")
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if fields[0].Absent() {
		errs = append(errs, v.Errorf("event_type: required"))
	}
	x.every.Events = []webhook.EventType{x.event.Type}
	if x.event.ProjectName != "" {
		x.every.ProjectNamesFilter = []string{x.event.ProjectName}
	}
	if x.event.EnvironmentMode != "" {
		x.every.EnvironmentTypesFilter = []webhook.EnvironmentMode{x.event.EnvironmentMode}
	}
	if len(errs) == 0 {
		for _, invalid := range webhook.FieldErrors(x.every.ValidateFilters()) {
			errs = append(errs, fields[1].Errorf("%v", invalid.Err))
		}
	}
	return errs
}

// refer adds the reference in v.
func (x *expectation) refer(v jsonvalue.Value, field string, d demand) error {
	text, err := v.Text()
	if err != nil {
		return err
	}
	r := reference{field: field, text: text, demand: d}
	r.id, err = x.organization.resolve(text)
	if errors.Is(err, errUnknown) && x.old != nil {
		r.id, err = x.old.resolve(text)
		r.outdated = true
	}
	switch {
	case errors.Is(err, errUnknown):
		return v.Errorf("no webhook in %s has the id or the description %s%s",
			x.organization.File, jsonvalue.Quote(text), didYouMean(text, x.organization.descriptions()))
	case err != nil:
		return v.Errorf("%v", err)
	case slices.ContainsFunc(x.references, func(other reference) bool { return other.id == r.id }):
		return v.Errorf("a second reference to webhook %s", r.id)
	}
	x.references = append(x.references, r)
	return nil
}

// only returns the named fields of the object v. Any other field is an error.
func only(v jsonvalue.Value, names ...string) ([]jsonvalue.Value, error) {
	return v.Fields(names, func(name string) error {
		return fmt.Errorf("unknown field %s%s", jsonvalue.Quote(name), didYouMean(name, names))
	})
}
