package webhook

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// presence is a set of the optional fields that were sent in another form than
// MarshalJSON would choose by their value alone: a zero time or an empty string
// that was there, a boolean that was not.
type presence uint8

const (
	createdAtZero presence = 1 << iota
	updatedAtZero
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
	CreatedAt              *documentTime     `json:"created_at,omitempty"`
	UpdatedAt              *documentTime     `json:"updated_at,omitempty"`
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
// encoded with the same optional fields present. The zero CreatedAt and UpdatedAt and
// the empty Kind, TargetURL and Description of a webhook made in Go are absent.
// The error is a [*FieldError]: of a time that RFC 3339 cannot say, in a year beyond
// 9999 or a zone of 24 hours or more.
//
// The document holds the whole target URL: send it, never log it.
func (w Webhook) MarshalJSON() ([]byte, error) {
	d := document{
		ID:                     documentID{w.ID},
		CreatedAt:              timeField(w.CreatedAt, w.wire&createdAtZero != 0),
		UpdatedAt:              timeField(w.UpdatedAt, w.wire&updatedAtZero != 0),
		Kind:                   stringField(w.Kind, w.wire&kindEmpty != 0),
		TargetURL:              stringField(w.TargetURL, w.wire&targetURLEmpty != 0),
		Description:            stringField(w.Description, w.wire&descriptionEmpty != 0),
		Events:                 w.Events,
		ProjectNamesFilter:     w.ProjectNamesFilter,
		EnvironmentTypesFilter: w.EnvironmentTypesFilter,
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
	if enc.Encode(d) == nil {
		return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
	}
	fault := &FieldError{Field: "created_at", Value: w.CreatedAt.Format(time.RFC3339), Err: errUnsayable}
	if d.CreatedAt == nil || sayable(*d.CreatedAt) {
		fault.Field, fault.Value = "updated_at", w.UpdatedAt.Format(time.RFC3339)
	}
	return nil, fault
}

// UnmarshalJSON decodes the documented JSON into w, replacing all of it. Absent
// optional fields and null are the same; absent "enabled" is true. So are the required
// id and created_at, since a filter can be compiled from less. Unknown fields
// are ignored, and unknown kinds, event types and modes are kept: it is for
// [Webhook.Validate] to report them. What is not valid UTF-8 in a JSON string
// becomes U+FFFD, as is the way of encoding/json: no validation sees it. Times are
// exactly those of RFC 3339 that MarshalJSON can write.
//
// On error w is unchanged; each field that cannot be decoded is a [*FieldError], which
// [FieldErrors] finds.
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
		Enabled:                d.Enabled == nil || *d.Enabled,
		TargetSecretSet:        d.TargetSecretSet != nil && *d.TargetSecretSet,
		Events:                 d.Events,
		ProjectNamesFilter:     d.ProjectNamesFilter,
		EnvironmentTypesFilter: d.EnvironmentTypesFilter,
	}
	w.CreatedAt = decodeTime(w, d.CreatedAt, createdAtZero)
	w.UpdatedAt = decodeTime(w, d.UpdatedAt, updatedAtZero)
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
