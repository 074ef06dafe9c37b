package webhook

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
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

// document is the JSON form that a Webhook is encoded to, in the order of the
// documented example. A nil field is absent.
type document struct {
	ID                     uuid.UUID         `json:"id"`
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

// MarshalJSON encodes w as the API documents it: the documented fields in the
// documented order, times in RFC 3339 (with a fraction of a second only where
// there is one), nil lists absent and empty ones "[]". What was decoded is
// encoded with the same optional fields present. The zero CreatedAt and UpdatedAt and
// the empty Kind, TargetURL and Description of a webhook made in Go are absent.
// The only error is a [*FieldError] for a time that RFC 3339 cannot represent: in a year
// beyond 9999 or a zone of 24 hours or more.
//
// The document holds the whole target URL: send it, never log it.
func (w Webhook) MarshalJSON() ([]byte, error) {
	d := document{
		ID:                     w.ID,
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
	fieldErr := &FieldError{Field: "created_at", Value: w.CreatedAt.Format(time.RFC3339), Err: errTimeRange}
	if d.CreatedAt == nil || encodable(*d.CreatedAt) {
		fieldErr.Field, fieldErr.Value = "updated_at", w.UpdatedAt.Format(time.RFC3339)
	}
	return nil, fieldErr
}

// UnmarshalJSON decodes the documented JSON into w, replacing all of it. Absent
// optional fields and null are the same; absent "enabled" is true. An absent id or
// created_at is not an error, since a filter can be compiled without them. Unknown
// members are ignored, and unknown kinds, event types and modes are kept:
// [Webhook.Validate] reports them. A null in a list is an empty string. Times are in
// RFC 3339.
//
// It is an error if a documented member is repeated ([ErrDuplicate]) or spelled in
// another case ([ErrMisspelled]). encoding/json would merge the two values or ignore
// one of them, and the webhook might then fire for every project. A string that is not
// valid Unicode is an [ErrInvalidUTF8]: encoding/json would decode another string.
//
// On error w is unchanged. The error has a [*FieldError] for each problem, at most
// [MaxFieldErrors] of them; [FieldErrors] lists them. For text that is not JSON, or
// that nests lists and objects more than 1,000 deep, the error is an
// [ErrInvalidFormat] with the line and column. [json.Unmarshal] checks the syntax before
// it calls UnmarshalJSON, and reports it with an error of its own.
func (w *Webhook) UnmarshalJSON(data []byte) error {
	v, err := jsonvalue.Parse(data)
	if err != nil {
		return syntaxError(data, err)
	}
	if v.Kind() == 'n' {
		return nil // as is the convention of encoding/json
	}
	var p collected
	decoded := decodeWebhook(v, &p)
	if err := p.err(); err != nil {
		return err
	}
	*w = decoded
	return nil
}

func stringField[S ~string](s S, evenEmpty bool) *S {
	if s == "" && !evenEmpty {
		return nil
	}
	return &s
}
