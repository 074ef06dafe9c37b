package webhook

import (
	"errors"
	"fmt"
)

// The reasons that a [FieldError] gives, found with [errors.Is].
var (
	ErrRequired      = errors.New("required")
	ErrUnknownValue  = errors.New("unknown value")
	ErrInvalidFormat = errors.New("not a UUID, or not an RFC 3339 time")
	ErrInvalidURL    = errors.New("not an absolute http:// or https:// URL with a host")
	ErrEmpty         = errors.New("empty")
	ErrTooLong       = errors.New("too long")
	ErrInvalidUTF8   = errors.New("not valid UTF-8")
)

// FieldError is one fault of one field.
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
	return fmt.Sprintf("%s %.*q: %v", e.Field, maxShownValue, e.Value, e.Err)
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }
