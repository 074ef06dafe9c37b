// Package events reads the deployment events that the example programs work on:
// one JSON object a line, with organization_id, event_type, project_name and
// environment_mode. testdata/README.md describes the format.
package events

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// names are the fields of an event, and before them that of a line.
var names = []string{"organization_id", "event_type", "project_name", "environment_mode"}

// Names are the fields of an event, in the order of [From].
func Names() []string { return slices.Clone(names[1:]) }

// Parse decodes a line: the event, and the organization that it is of. Fields other
// than the four are ignored. The error says in one line of printable characters what
// is wrong.
func Parse(line []byte) (organizationID uuid.UUID, e webhook.Event, err error) {
	v, err := jsonvalue.Parse(line)
	if err != nil {
		return organizationID, e, err
	}
	fields, err := v.Fields(names, nil)
	if err != nil {
		return organizationID, e, err
	}
	organizationID, err = OrganizationID(fields[0])
	e, faults := From(fields[1:])
	if err != nil {
		faults = slices.Insert(faults, 0, err)
	}
	if len(faults) == 0 {
		return organizationID, e, nil
	}
	texts := make([]string, len(faults))
	for i, fault := range faults {
		texts[i] = fault.Error()
	}
	return uuid.Nil, webhook.Event{}, errors.New(strings.Join(texts, "; "))
}

// OrganizationID returns the id that v is.
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

// From returns the event that has the fields of [Names], or everything that is wrong
// with them: each is a string that is not empty.
func From(fields []jsonvalue.Value) (e webhook.Event, faults []error) {
	var wrong [3]error
	for i, to := range []*string{(*string)(&e.Type), &e.ProjectName, (*string)(&e.EnvironmentMode)} {
		if !fields[i].Absent() {
			*to, wrong[i] = fields[i].Text()
		}
	}
	for _, fault := range webhook.FieldErrors(e.Validate()) {
		if i := slices.Index(names[1:], fault.Field); wrong[i] == nil {
			wrong[i] = fields[i].Errorf("%v", fault.Err)
		}
	}
	for _, err := range wrong {
		if err != nil {
			faults = append(faults, err)
		}
	}
	return e, faults
}
