package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// presence is a set of the optional fields that were sent in another form than
// MarshalJSON would choose by their value alone: a zero time or an empty string
// that was there, a boolean that was not.
type presence uint8

const (
	updatedAtZero presence = 1 << iota
	kindEmpty
	targetURLEmpty
	descriptionEmpty
	targetSecretSetAbsent
	enabledAbsent
)

// document is the JSON form of a Webhook, in the order of the documented
// example. A nil field is absent, so null decodes as absent.
type document struct {
	ID                     documentID        `json:"id"`
	CreatedAt              time.Time         `json:"created_at"`
	UpdatedAt              *time.Time        `json:"updated_at,omitempty"`
	Kind                   *Kind             `json:"kind,omitempty"`
	TargetURL              *string           `json:"target_url,omitempty"`
	TargetSecretSet        *bool             `json:"target_secret_set,omitempty"`
	Description            *string           `json:"description,omitempty"`
	Enabled                *bool             `json:"enabled,omitempty"`
	Events                 []EventType       `json:"events,omitzero"`
	ProjectNamesFilter     []string          `json:"project_names_filter,omitzero"`
	EnvironmentTypesFilter []EnvironmentMode `json:"environment_types_filter,omitzero"`
}

// documentID is a UUID that is decoded by ParseID.
type documentID struct{ uuid.UUID }

func (id *documentID) UnmarshalText(text []byte) (err error) {
	id.UUID, err = ParseID(string(text))
	return err
}

// MarshalJSON encodes w as the API documents it: the documented fields in the
// documented order, times in RFC 3339 (with a fraction of a second only where
// there is one), nil lists absent and empty ones "[]". What was decoded is
// encoded with the same optional fields present. The zero UpdatedAt and the
// empty Kind, TargetURL and Description of a webhook made in Go are absent.
//
// The document holds the whole target URL: send it, never log it.
func (w Webhook) MarshalJSON() ([]byte, error) {
	d := document{
		ID:                     documentID{w.ID},
		CreatedAt:              w.CreatedAt,
		Kind:                   stringField(w.Kind, w.wire&kindEmpty != 0),
		TargetURL:              stringField(w.TargetURL, w.wire&targetURLEmpty != 0),
		Description:            stringField(w.Description, w.wire&descriptionEmpty != 0),
		Events:                 w.Events,
		ProjectNamesFilter:     w.ProjectNamesFilter,
		EnvironmentTypesFilter: w.EnvironmentTypesFilter,
	}
	if !w.UpdatedAt.IsZero() || w.wire&updatedAtZero != 0 {
		d.UpdatedAt = &w.UpdatedAt
	}
	// A field that was absent stays so only as long as it has the value that
	// absence means.
	if w.TargetSecretSet || w.wire&targetSecretSetAbsent == 0 {
		d.TargetSecretSet = &w.TargetSecretSet
	}
	if !w.Enabled || w.wire&enabledAbsent == 0 {
		d.Enabled = &w.Enabled
	}
	// Whether < > & are escaped is for the caller's encoder to decide, which
	// sees this output: escaping here would take that choice away.
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(d)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON decodes the documented JSON into w, replacing all of it. Absent
// optional fields and null are the same; absent "enabled" is true. Unknown fields
// are ignored, and unknown kinds, event types and modes are kept: it is for
// [Webhook.Validate] to report them. What is not valid UTF-8 in a JSON string
// becomes U+FFFD, as is the way of encoding/json: no validation sees it. On error w
// is unchanged; a field that cannot be decoded is a [*FieldError].
func (w *Webhook) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil // as is the convention of encoding/json
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return decodingError(data, err)
	}
	*w = Webhook{
		ID:                     d.ID.UUID,
		CreatedAt:              d.CreatedAt,
		Enabled:                d.Enabled == nil || *d.Enabled,
		TargetSecretSet:        d.TargetSecretSet != nil && *d.TargetSecretSet,
		Events:                 d.Events,
		ProjectNamesFilter:     d.ProjectNamesFilter,
		EnvironmentTypesFilter: d.EnvironmentTypesFilter,
	}
	if d.UpdatedAt != nil {
		w.UpdatedAt = *d.UpdatedAt
		if w.UpdatedAt.IsZero() {
			w.wire |= updatedAtZero
		}
	}
	w.Kind = decodeString(w, d.Kind, kindEmpty)
	w.TargetURL = decodeString(w, d.TargetURL, targetURLEmpty)
	w.Description = decodeString(w, d.Description, descriptionEmpty)
	if d.TargetSecretSet == nil {
		w.wire |= targetSecretSetAbsent
	}
	if d.Enabled == nil {
		w.wire |= enabledAbsent
	}
	return nil
}

// decodingError returns err, by which decoding data failed, as a FieldError if it
// is about a field. The decoders of ids and times, unlike that of JSON, do not know
// which.
func decodingError(data []byte, err error) error {
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) {
		err = fmt.Errorf("%w: a JSON %s", ErrInvalidFormat, mistyped.Value)
		if mistyped.Field == "" {
			return fmt.Errorf("webhook: %w", err)
		}
		return &FieldError{mistyped.Field, "", err}
	}
	var raw struct {
		ID        json.RawMessage `json:"id"`
		CreatedAt json.RawMessage `json:"created_at"`
		UpdatedAt json.RawMessage `json:"updated_at"`
	}
	if json.Unmarshal(data, &raw) != nil {
		return err
	}
	for _, f := range []struct {
		name string
		raw  json.RawMessage
		into any
		what string
	}{
		{"id", raw.ID, new(documentID), "a UUID of 36 characters"},
		{"created_at", raw.CreatedAt, new(time.Time), "an RFC 3339 time"},
		{"updated_at", raw.UpdatedAt, new(time.Time), "an RFC 3339 time"},
	} {
		if f.raw != nil && json.Unmarshal(f.raw, f.into) != nil {
			value := string(f.raw)
			switch value[0] {
			case '"':
				_ = json.Unmarshal(f.raw, &value)
			case '{', '[':
				value = "" // it may hold a whole webhook
			}
			return &FieldError{f.name, value, fmt.Errorf("%w: not %s", ErrInvalidFormat, f.what)}
		}
	}
	return err
}

func stringField[S ~string](s S, evenEmpty bool) *S {
	if s == "" && !evenEmpty {
		return nil
	}
	return &s
}

func decodeString[S ~string](w *Webhook, s *S, empty presence) S {
	switch {
	case s == nil:
		return ""
	case *s == "":
		w.wire |= empty
	}
	return *s
}
