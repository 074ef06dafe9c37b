package webhookdir

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// decode sets o.Webhooks and o.Problems, as [webhook.DecodeList] returns them for the API's
// list, from a text in any form that testdata/README.md lists. Problems call the elements
// results[0], results[1] and so on, whatever the form.
func (o *Organization) decode(text []byte, requests bool) (err error) {
	if text, err = jsonvalue.UTF8(text); err == nil {
		err = form.NotJSON(text)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", webhook.ErrInvalidFormat, err)
	}
	o.source = &source{last: make(map[uuid.UUID]int), positions: jsonvalue.NewPositions(text)}
	elements, err := elementsOf(text)
	if err != nil {
		return err
	}
	if len(elements) > 0 {
		if err := Not("a webhook", elements[0]); err != nil {
			return fmt.Errorf("%w: %w", webhook.ErrInvalidFormat, err)
		}
	}
	o.source.elements = elements
	normal, refused := o.normalize(elements, requests)
	if o.Webhooks, o.Problems, err = decodeList([]byte(`{"results":[`), bytes.Join(normal, []byte(",")), []byte(`]}`)); err != nil {
		return err
	}
	for i, p := range o.Problems {
		if err := refused[p.Field]; err != nil {
			o.Problems[i] = err
		}
	}
	return nil
}

// Not is [form.Not] for the first element of a file. The error wraps a [*jsonvalue.Error]. If an
// example program reads files with such elements, the error says how to use the file.
func Not(wanted string, first jsonvalue.Value) error {
	if err := form.Not(wanted, first); err != nil {
		return fmt.Errorf("%w%s", first.Errorf("%v", err), advice[form.Name(first)])
	}
	return nil
}

var advice = map[string]string{
	"a webhook":              ": name the file <organizationId>.json",
	"a project":              ": name the file <organizationId>" + ProjectsSuffix + ".json",
	"an environment":         ": name the file <organizationId>" + EnvironmentsSuffix + ".json",
	"a file of expectations": ": give it to hooktest as an argument",
	"an event":               ": give it to dispatch with -events",
	"a delivered request":    ": give it to dispatch with -events",
	"a past delivery":        ": give it to dispatch with -events",
	"a CloudEvents envelope": ": give it to dispatch with -events",
}

func decodeList(parts ...[]byte) ([]*webhook.Webhook, []*webhook.FieldError, error) {
	return webhook.DecodeList(bytes.NewReader(slices.Concat(parts...)))
}

// elementsOf returns the webhooks of a text.
func elementsOf(text []byte) ([]jsonvalue.Value, error) {
	root, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", webhook.ErrInvalidFormat, err)
	}
	list, isList := form.List(root)
	switch {
	case root.Kind() == 'n': // the CLI's list of no webhooks
		return nil, nil
	case root.Kind() == '[':
		return slices.Collect(list.Values()), nil
	case isList:
		_, _, err := decodeList(text[:list.Offset()], []byte("[]"), text[list.Offset()+len(list.Raw()):])
		return slices.Collect(list.Values()), err
	case isSingle(root):
		return []jsonvalue.Value{root}, nil
	}
	if _, _, err = decodeList(text); errors.Is(err, webhook.ErrRequired) {
		err = fmt.Errorf(`%w: want a webhook, or {"results": […]} as the API's list call returns it`, err)
	}
	return nil, err
}

// isSingle reports whether a document that is not a list is a webhook, or something else that
// [form.Name] recognizes.
func isSingle(root jsonvalue.Value) bool {
	if root.Kind() != '{' {
		return false
	}
	id := false
	for name := range root.Members() {
		switch name := name.String(); {
		case strings.EqualFold(name, "results"):
			return false
		case name == "id":
			id = true
		}
	}
	return id || form.IsRequest(root) || form.Name(root) != ""
}

// normalize returns the elements of a list in the API's form. It gives each request an id, and
// adds the id to o.NotCreated. An element that is refused becomes null; refused has the
// problem, by the element's name, such as results[3].
func (o *Organization) normalize(elements []jsonvalue.Value, requests bool) (normal [][]byte, refused map[string]*webhook.FieldError) {
	o.NotCreated = make(map[uuid.UUID]bool)
	refused = make(map[string]*webhook.FieldError)
	repeated := form.RepeatedDescriptions(elements)
	for i, v := range elements {
		name := fmt.Sprintf("results[%d]", i)
		refuse := func(field string, err error) {
			refused[name] = &webhook.FieldError{Field: name + field, Err: err}
			normal = append(normal, []byte("null"))
		}
		id := uuid.Nil
		if form.IsRequest(v) {
			if !requests {
				refuse(".id", errRequest)
				continue
			}
			if other, ok := repeated[i]; ok {
				refuse(".description", fmt.Errorf("%w of results[%d]: want different descriptions of webhooks without an id", webhook.ErrDuplicate, other))
				continue
			}
			id = form.RequestID(o.ID, form.Description(v), i)
			o.NotCreated[id] = true
			o.source.last[id] = i
		} else if err := form.Not("a webhook", v); err != nil {
			refuse("", fmt.Errorf("%w: %w", webhook.ErrInvalidFormat, err))
			continue
		} else if id := idOf(v); id != uuid.Nil {
			o.source.last[id] = i
		}
		normal = append(normal, form.Webhook(v, id))
	}
	return normal, refused
}

// idOf returns the id of a webhook, or uuid.Nil if it has none, or several.
func idOf(v jsonvalue.Value) (id uuid.UUID) {
	if v.Kind() != '{' {
		return id
	}
	for name, value := range v.Members() {
		if name.String() != "id" {
			continue
		}
		other, err := form.ID(value)
		if err == nil && id != uuid.Nil && other != id {
			return uuid.Nil
		}
		if err == nil {
			id = other
		}
	}
	return id
}

// errRequest says why Read refuses a request.
var errRequest = fmt.Errorf("%w: this is a request to create or edit a webhook, which only dispatch, hooktest, cluster try and the playground can judge",
	webhook.ErrRequired)

// Earlier reports whether the problem is that a later webhook has the same id.
func Earlier(problem *webhook.FieldError) bool {
	// A repeated member or description, which is a duplicate too, has no value.
	return errors.Is(problem, webhook.ErrDuplicate) && problem.Value != ""
}
