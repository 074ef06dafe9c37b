package webhook

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// presence records the optional fields whose presence in JSON does not follow from their
// value: a zero time or an empty string that was present, and a boolean that was absent.
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
// documented order, times in RFC 3339 (with a fraction of a second only if it is not
// zero), nil lists absent and empty lists "[]". A decoded webhook is encoded with the
// optional fields that were present. In a webhook made in Go, a zero time and an empty
// Kind, TargetURL or Description are absent. A field that is changed after decoding is
// encoded as in a webhook made in Go. Bytes that are not valid UTF-8 become U+FFFD. The only
// error is a [*FieldError] for a time that RFC 3339 cannot represent: with a year outside
// 0 to 9999, or a zone offset of 24 hours or more.
//
// The result contains the whole target URL: do not log it.
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
	// A boolean that was absent is omitted only while it has its default value.
	if w.TargetSecretSet || w.wire&targetSecretSetAbsent == 0 {
		d.TargetSecretSet = &w.TargetSecretSet
	}
	if !w.Enabled || w.wire&enabledAbsent == 0 {
		d.Enabled = &w.Enabled
	}
	// The caller's encoder escapes < > & in this output if it is configured to.
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

// UnmarshalJSON decodes the documented JSON into w, replacing all of it. A member that is
// null counts as absent, and an absent "enabled" means true. An absent id or created_at is
// not an error, since a filter can be compiled without them. Unknown members are ignored,
// and unknown kinds, event types and modes are kept: [Webhook.Validate] reports them. A
// null in a list becomes an empty string. Times are in RFC 3339; a leap second is an error,
// since a [time.Time] cannot represent it. By the convention of [json.Unmarshaler], a null in
// place of the webhook changes nothing.
//
// It is an error if a documented member is repeated ([ErrDuplicate]) or spelled in
// another case ([ErrMisspelled]). encoding/json would merge the two values or ignore
// one of them, and the webhook might then fire for every project. A kind, target_url,
// description or list element that is not valid Unicode is an [ErrInvalidUTF8]:
// encoding/json would silently change it.
//
// On error w is unchanged. The error has a [*FieldError] for each problem, at most
// [MaxFieldErrors] of them; [FieldErrors] lists them. For text that is not JSON, or
// that nests lists and objects more than 1,000 deep, the error is an
// [ErrInvalidFormat] with the line and column. [json.Unmarshal] checks the syntax before
// it calls UnmarshalJSON, and returns its own error for text that is not JSON.
func (w *Webhook) UnmarshalJSON(data []byte) error {
	v, err := jsonvalue.Parse(data)
	if err != nil {
		return syntaxError(data, err)
	}
	if v.Kind() == 'n' {
		return nil // the convention of json.Unmarshaler
	}
	var p collected
	decoded := decodeWebhook(v, &p)
	if err := p.err(); err != nil {
		return err
	}
	*w = decoded
	return nil
}

func stringField[S ~string](s S, keepEmpty bool) *S {
	if s == "" && !keepEmpty {
		return nil
	}
	return &s
}
