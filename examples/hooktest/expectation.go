package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hookfilter/hookfilter/webhook"
)

// expectation is what one event of an expectation file is to fire.
type expectation struct {
	file         string
	index        int // in the file's events
	organization *organization
	event        webhook.Event
	want         []demand // for each of the organization's webhooks
}

// demand is what an expectation says of one webhook.
type demand int

const (
	free demand = iota
	mustFire
	mustNotFire
)

// expectationFile is the JSON of an expectation file. Nil is absent.
type expectationFile struct {
	OrganizationID *string           `json:"organization_id"`
	Events         []json.RawMessage `json:"events"` // each an expectedEvent
}

type expectedEvent struct {
	Type            *webhook.EventType       `json:"event_type"`
	ProjectName     *string                  `json:"project_name"`
	EnvironmentMode *webhook.EnvironmentMode `json:"environment_mode"`
	MustFire        []string                 `json:"must_fire"`
	MustNotFire     []string                 `json:"must_not_fire"`
}

// readExpectations returns what the files expect of the organizations, in order,
// or an error of everything in them that is unusable.
func readExpectations(files []string, organizations []organization) (all []expectation, err error) {
	var faults []error
	for _, file := range files {
		expectations, errs := readExpectationFile(file, organizations)
		all = append(all, expectations...)
		faults = append(faults, errs...)
	}
	return all, errors.Join(faults...)
}

func readExpectationFile(file string, organizations []organization) (expectations []expectation, faults []error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, []error{err}
	}
	var syntaxError *json.SyntaxError
	if errors.As(json.Unmarshal(data, new(json.RawMessage)), &syntaxError) {
		return nil, []error{fmt.Errorf("%s:%d: %w", file, 1+bytes.Count(data[:syntaxError.Offset], []byte("\n")), syntaxError)}
	}
	var f expectationFile
	if err := decode(data, &f); err != nil {
		return nil, []error{fmt.Errorf("%s: %w", file, err)}
	}
	if f.OrganizationID == nil {
		return nil, []error{fmt.Errorf("%s: organization_id: missing", file)}
	}
	id, err := webhook.ParseID(*f.OrganizationID)
	if err != nil {
		return nil, []error{fmt.Errorf("%s: organization_id: not a UUID: %.80q", file, *f.OrganizationID)}
	}
	o := find(organizations, id)
	if o == nil {
		return nil, []error{fmt.Errorf("%s: organization_id: no file of the webhooks is that of %s", file, id)}
	}
	if len(f.Events) == 0 {
		return nil, []error{fmt.Errorf("%s: events: none", file)}
	}
	for i, data := range f.Events {
		fault := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("%s: events[%d]: %w", file, i, fmt.Errorf(format, args...)))
		}
		var e expectedEvent
		switch err := decode(data, &e); {
		case err != nil:
			fault("%w", err)
			continue
		case e.Type == nil:
			fault("event_type: missing")
			continue
		case e.ProjectName == nil:
			fault("project_name: missing")
			continue
		case e.EnvironmentMode == nil:
			fault("environment_mode: missing")
			continue
		case e.MustFire == nil && e.MustNotFire == nil:
			fault("neither must_fire nor must_not_fire")
			continue
		}
		x := expectation{file, i, o, webhook.Event{Type: *e.Type, ProjectName: *e.ProjectName, EnvironmentMode: *e.EnvironmentMode},
			make([]demand, len(o.hooks))}
		set := func(field string, references []string, d demand) {
			for n, reference := range references {
				switch at, err := o.resolve(reference); {
				case err != nil:
					fault("%s[%d]: %w", field, n, err)
				case x.want[at] != free:
					fault("%s[%d]: webhook %s is named twice", field, n, o.hooks[at].ID)
				default:
					x.want[at] = d
				}
			}
		}
		set("must_fire", e.MustFire, mustFire)
		set("must_not_fire", e.MustNotFire, mustNotFire)
		if e.MustNotFire == nil {
			for at, d := range x.want {
				if d == free {
					x.want[at] = mustNotFire
				}
			}
		}
		expectations = append(expectations, x)
	}
	return expectations, faults
}

// decode decodes data, which is one JSON value, strictly as the object v.
func decode(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var typeError *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &typeError):
		return errors.New(strings.TrimPrefix(err.Error(), "json: ")) // an unknown field
	case typeError.Field == "":
		return fmt.Errorf("a JSON %s instead of an object", typeError.Value)
	}
	return fmt.Errorf("%s: a JSON %s does not belong here", typeError.Field, typeError.Value)
}
