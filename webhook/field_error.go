package webhook

import (
	"errors"
	"fmt"
)

// The reasons that a [FieldError] gives, found with [errors.Is]: of id and
// created_at that they are missing or cannot be read, of kind, events and
// environment_types_filter that the API does not know a value, of target_url, and of
// the entries of project_names_filter. A field of the wrong JSON type has an
// ErrInvalidFormat too.
var (
	ErrRequired      = errors.New("required")
	ErrUnknownValue  = errors.New("unknown value")
	ErrInvalidFormat = errors.New("invalid format")
	ErrInvalidURL    = errors.New("not an absolute http:// or https:// URL with a host")
	ErrEmpty         = errors.New("empty")
	ErrTooLong       = errors.New("too long")
	ErrInvalidUTF8   = errors.New("not valid UTF-8")
)

// FieldError is one fault of one field. It is a value that nothing changes, and
// shares nothing with the webhook; the zero FieldError says nothing.
type FieldError struct {
	// Field is the JSON name of the field, with an index into a list: "id",
	// "events[2]".
	Field string
	// Value is the offending value; of a target URL, scheme and host only.
	Value string
	// Err is the reason: it is, or wraps, one of the Err variables above.
	Err error
}

// maxShownValue keeps one hostile value from flooding a log, in characters.
const maxShownValue = 80

// Error returns the field, the value or the start of a long one, and the reason.
func (e *FieldError) Error() string {
	value := e.Value
	if runes := []rune(value); len(runes) > maxShownValue {
		value = string(runes[:maxShownValue]) + "…"
	}
	return fmt.Sprintf("%s %q: %v", e.Field, value, e.Err)
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }
