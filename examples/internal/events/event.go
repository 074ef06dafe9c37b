// Package events reads the deployment events of the example programs: one JSON object per
// line, with organization_id, event_type, project_name, environment_mode and an optional
// id. testdata/README.md describes the format.
package events

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// names are the fields of a line: the organization's id, the fields of an event, and the
// event's own id.
var names = []string{"organization_id", "event_type", "project_name", "environment_mode", "id"}

// Names returns the fields of an event, in the order that [From] expects.
func Names() []string { return slices.Clone(names[1:4]) }

// Parse decodes a line with an event and the id of its organization. It ignores unknown
// fields. The error is one line of printable characters.
func Parse(line []byte) (organizationID uuid.UUID, e webhook.Event, err error) {
	organizationID, e, _, err = parse(line)
	return organizationID, e, err
}

// parse is like [Parse], and also returns the event's own id, or "" if it has none.
func parse(line []byte) (organizationID uuid.UUID, e webhook.Event, id string, err error) {
	v, err := jsonvalue.Parse(line)
	if err != nil {
		return organizationID, e, "", err
	}
	fields, err := v.Fields(names, nil)
	if err != nil {
		return organizationID, e, "", err
	}
	organizationID, err = OrganizationID(fields[0])
	e, errs := From(fields[1:4])
	if err != nil {
		errs = slices.Insert(errs, 0, err)
	}
	if own := fields[4]; !own.Absent() {
		if id, err = own.Text(); err == nil && id == "" {
			err = own.Errorf("empty: want an id, or no such field")
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		return organizationID, e, id, nil
	}
	texts := make([]string, len(errs))
	for i, err := range errs {
		texts[i] = err.Error()
	}
	return uuid.Nil, webhook.Event{}, "", errors.New(strings.Join(texts, "; "))
}

// OrganizationID decodes an organization's id.
func OrganizationID(v jsonvalue.Value) (uuid.UUID, error) {
	text, err := v.Text()
	if err != nil {
		return uuid.Nil, err
	}
	id, err := webhook.ParseID(text)
	if err != nil {
		return uuid.Nil, v.Errorf("want a UUID of 36 characters, got %s", jsonvalue.Quote(text))
	}
	return id, nil
}

// From returns the event whose fields, in the order of [Names], have the given values. It
// returns an error for each field that is missing, empty or not a string.
func From(fields []jsonvalue.Value) (e webhook.Event, errs []error) {
	var errOf [3]error // by field
	for i, to := range []*string{(*string)(&e.Type), &e.ProjectName, (*string)(&e.EnvironmentMode)} {
		if !fields[i].Absent() {
			*to, errOf[i] = fields[i].Text()
		}
	}
	for _, missing := range webhook.FieldErrors(e.Validate()) {
		if i := slices.Index(names[1:], missing.Field); errOf[i] == nil {
			errOf[i] = fields[i].Errorf("%v", missing.Err)
		}
	}
	for _, err := range errOf {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return e, errs
}
