package events

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// event is an event in our form.
type event struct {
	OrganizationID uuid.UUID `json:"organization_id"`
	webhook.Event
	ID       string `json:"id,omitempty"`
	lookedUp bool   // as in Line
}

// decoder decodes events in all forms that testdata/README.md lists.
type decoder struct {
	organizations map[uuid.UUID]*projects.Organization
}

// event decodes an event, and reports whether it is in our form.
func (d decoder) event(v jsonvalue.Value) (e event, ours bool, err error) {
	fields, err := v.Fields(names, nil)
	if err == nil && !fields[0].Absent() {
		e, err = fromFields(fields)
		return e, true, err
	}
	switch form.Name(v) {
	case "a delivered request":
		e, err = d.request(v)
	case "a past delivery":
		e, err = d.delivery(v)
	case "a CloudEvents envelope":
		e, err = d.envelope(v)
	case "an event", "":
		if err == nil {
			e, err = fromFields(fields)
		}
	default:
		err = v.Errorf("%v", form.Not("an event", v))
	}
	return e, false, err
}

// request decodes a delivered request: the body that is posted to the target URL.
func (d decoder) request(v jsonvalue.Value) (event, error) {
	fields, err := v.Fields([]string{"event_type", "payload_type", "payload_id", "payload"}, nil)
	if err != nil {
		return event{}, err
	}
	payload, err := fields[3].Fields([]string{"organization", "project", "environment"}, nil)
	if err != nil {
		return event{}, err
	}
	var e event
	typ, typeErr := form.Text(fields[0])
	e.Type = webhook.EventType(typ)
	kind, kindErr := optional(fields[1])
	if kind != "" && kind != "DEPLOYMENT" {
		kindErr = fields[1].Errorf(`want "DEPLOYMENT", got %s`, jsonvalue.Quote(kind))
	}
	id, idErr := optional(fields[2])
	if id != "" {
		e.ID = id + " " + typ
	}
	if e.OrganizationID, err = form.Reference(payload[0]); err != nil {
		return event{}, joined(typeErr, kindErr, idErr, err)
	}
	o := d.organizations[e.OrganizationID]
	if o == nil {
		o = new(projects.Organization)
	}
	name, nameErr := member(payload[1], "name", func(id uuid.UUID) (string, error) {
		name, ok := o.Projects[id]
		e.lookedUp = e.lookedUp || ok
		return name, found(ok, "project", id, o.Projects != nil, e.OrganizationID, webhookdir.ProjectsSuffix, "project")
	})
	mode, modeErr := member(payload[2], "mode", func(id uuid.UUID) (string, error) {
		environment, ok := o.Environments[id]
		e.lookedUp = e.lookedUp || ok
		if projectID, err := form.Reference(payload[1]); ok && nameErr == nil && err == nil && projectID != environment.ProjectID {
			return "", fmt.Errorf("%s%s.json has environment %s in project %s, not %s", e.OrganizationID, webhookdir.EnvironmentsSuffix, id, environment.ProjectID, projectID)
		}
		return string(environment.Mode), found(ok, "environment", id, o.Environments != nil, e.OrganizationID, webhookdir.EnvironmentsSuffix, "environments")
	})
	e.ProjectName, e.EnvironmentMode = name, webhook.EnvironmentMode(mode)
	problems := []error{typeErr, kindErr, idErr, nameErr, modeErr}
	err = joined(problems...)
	if slices.ContainsFunc(problems, func(p error) bool { return p != nil && !errors.Is(p, ErrMissing) }) {
		return event{}, errors.New(err.Error()) // not ErrMissing
	}
	return e, err
}

// member returns the member of v with the given name. v is the project or the environment of
// a request. If the member is absent or null, member returns the result of find for v's id.
func member(v jsonvalue.Value, name string, find func(id uuid.UUID) (string, error)) (string, error) {
	fields, err := v.Fields([]string{name, "id"}, nil)
	if err != nil {
		return "", err
	}
	if !isNull(fields[0]) {
		return form.Text(fields[0])
	}
	id, err := form.ID(fields[1])
	if err != nil {
		return "", missing{fields[0].Errorf("missing, and %v", err)}
	}
	s, err := find(id)
	if err != nil {
		return "", missing{fields[0].Errorf("missing, and %v", err)}
	}
	return s, nil
}

// missing is an error that is [ErrMissing].
type missing struct{ error }

func (missing) Is(target error) bool { return target == ErrMissing }

// found returns nil if ok is true, otherwise an error that says what is missing. call is the
// last part of the path of the call whose response belongs in the file.
func found(ok bool, what string, id uuid.UUID, isFile bool, organizationID uuid.UUID, suffix, call string) error {
	file := organizationID.String() + suffix + ".json"
	switch {
	case ok:
		return nil
	case isFile:
		return fmt.Errorf("%s has no %s %s", file, what, id)
	}
	return fmt.Errorf("next to the webhooks there is no %s to look up %s %s: want the response of GET /organization/%s/%s", file, what, id, organizationID, call)
}

// delivery decodes a past delivery, as the API or the CLI lists them.
func (d decoder) delivery(v jsonvalue.Value) (event, error) {
	fields, err := v.Fields([]string{"id", "kind", "request", "payload"}, nil)
	if err != nil {
		return event{}, err
	}
	body := fields[2]
	switch {
	case isNull(body):
		body = fields[3] // as the CLI calls it
	case !isNull(fields[3]):
		return event{}, v.Errorf("want request or payload, got both")
	}
	if body.Absent() {
		return event{}, fields[2].Errorf("required")
	}
	if !fields[1].Absent() && fields[1].String() == string(webhook.KindSlack) {
		return event{}, fields[1].Errorf("the delivery is to a SLACK webhook: its request is a message, not an event")
	}
	e, err := d.request(body)
	if err != nil {
		return e, err
	}
	id, err := optional(fields[0])
	if err != nil {
		return event{}, err
	}
	if id != "" {
		e.ID = id
	}
	return e, nil
}

// envelope decodes a CloudEvents 1.0 envelope with an event as its data.
func (d decoder) envelope(v jsonvalue.Value) (event, error) {
	fields, err := v.Fields([]string{"specversion", "source", "id", "data", "data_base64"}, nil)
	if err != nil {
		return event{}, err
	}
	version, versionErr := form.Text(fields[0])
	if versionErr == nil && version != "1.0" {
		versionErr = fields[0].Errorf(`want "1.0", got %s`, jsonvalue.Quote(version))
	}
	source, sourceErr := form.Text(fields[1])
	id, idErr := form.Text(fields[2])
	if err := joined(versionErr, sourceErr, idErr); err != nil {
		return event{}, err
	}
	data := fields[3]
	switch {
	case isNull(data) && !isNull(fields[4]):
		return event{}, fields[4].Errorf("want an event as JSON in data")
	case data.Absent():
		return event{}, data.Errorf("required")
	case form.Name(data) == form.Name(v):
		return event{}, data.Errorf("want an event, got an envelope in an envelope")
	}
	e, _, err := d.event(data)
	if err != nil {
		return e, err
	}
	e.ID = source + " " + id
	return e, nil
}

// optional is [form.Text] for a member that may be missing or null.
func optional(v jsonvalue.Value) (string, error) {
	if isNull(v) {
		return "", nil
	}
	return form.Text(v)
}

func isNull(v jsonvalue.Value) bool { return v.Absent() || v.Kind() == 'n' }
