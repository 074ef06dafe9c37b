// Package events reads the deployment events of the example programs. In our form, an event
// is a JSON object with organization_id, event_type, project_name, environment_mode and an
// optional id. testdata/README.md describes it, and the forms of the vendor that are read
// too.
package events

import (
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// names are the fields of a line: the organization's id, the fields of an event, and the
// event's own id.
var names = []string{"organization_id", "event_type", "project_name", "environment_mode", "id"}

// Names returns the fields of an event, in the order that [From] expects.
func Names() []string { return slices.Clone(names[1:4]) }

// Parse decodes a line with an event in our form and the id of its organization. It ignores
// unknown fields. The error is one line of printable characters.
func Parse(line []byte) (organizationID uuid.UUID, e webhook.Event, err error) {
	v, err := jsonvalue.Parse(line)
	if err != nil {
		return organizationID, e, err
	}
	fields, err := v.Fields(names, nil)
	if err != nil {
		return organizationID, e, err
	}
	parsed, err := fromFields(fields)
	return parsed.OrganizationID, parsed.Event, err
}

// fromFields returns the event with the given values of names.
func fromFields(fields []jsonvalue.Value) (event, error) {
	organizationID, err := form.ID(fields[0])
	e, errs := From(fields[1:4])
	if err != nil {
		errs = slices.Insert(errs, 0, err)
	}
	id := ""
	if own := fields[4]; !own.Absent() {
		if id, err = own.Text(); err == nil && id == "" {
			err = own.Errorf("empty: want an id, or no such field")
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if err := joined(errs...); err != nil {
		return event{}, err
	}
	return event{OrganizationID: organizationID, Event: e, ID: id}, nil
}

// joined returns one error for the errs that are not nil, with a text of one line.
func joined(errs ...error) (err error) {
	for _, next := range errs {
		switch {
		case next == nil:
		case err == nil:
			err = next
		default:
			err = fmt.Errorf("%w; %w", err, next)
		}
	}
	return err
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
