package form

import (
	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Text returns the string of v, which must not be empty.
func Text(v jsonvalue.Value) (string, error) {
	s, err := v.Text()
	if err == nil && s == "" {
		err = v.Errorf("empty")
	}
	return s, err
}

// ID decodes an id.
func ID(v jsonvalue.Value) (uuid.UUID, error) {
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

// Reference decodes the id of an object that refers to something, {"id": …}.
func Reference(v jsonvalue.Value) (uuid.UUID, error) {
	fields, err := v.Fields([]string{"id"}, nil)
	if err != nil {
		return uuid.Nil, err
	}
	return ID(fields[0])
}
