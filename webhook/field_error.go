package webhook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// The reasons that a [FieldError] gives, found with [errors.Is].
var (
	// ErrRequired: the field is missing, or null.
	ErrRequired = errors.New("required")
	// ErrUnknownValue: the API does not document the kind, event type or
	// environment mode.
	ErrUnknownValue = errors.New("unknown value")
	// ErrInvalidFormat: the field has another JSON type, or is not an id or a time.
	ErrInvalidFormat = errors.New("invalid format")
	// ErrInvalidURL is about target_url.
	ErrInvalidURL = errors.New("not an absolute http:// or https:// URL with a host")
	// ErrEmpty: the element of a list is an empty string.
	ErrEmpty = errors.New("empty")
	// ErrTooLong and ErrInvalidUTF8 are about entries of project_names_filter.
	ErrTooLong     = errors.New("too long")
	ErrInvalidUTF8 = errors.New("not valid UTF-8")
	// ErrDuplicate: the id is that of another webhook of the list.
	ErrDuplicate = errors.New("duplicate")
)

// FieldError is one fault of one field. It is a value that nothing changes, and
// shares nothing with the webhook; the zero FieldError says nothing.
type FieldError struct {
	// Field is the JSON name of the field, with an index into a list: "id",
	// "events[2]". Of a webhook in a list it is "results[3].events[2]".
	Field string
	// Value is the offending value; empty for one that is missing, a list or an
	// object; of a target URL, and of what looks like one in another field, scheme
	// and host only.
	Value string
	// Err is the reason: it is, or wraps, one of the Err variables above.
	Err error
	// WebhookID is the webhook's id in a fault of [DecodeList], unless that cannot
	// be read, and zero in any other.
	WebhookID uuid.UUID
}

// Error returns the field, the value or the start of a long one, and the reason, in
// one line.
func (e *FieldError) Error() string {
	where := e.Field
	if e.WebhookID != uuid.Nil {
		where += " (webhook " + e.WebhookID.String() + ")"
	}
	// These two say it themselves, or there is none.
	if errors.Is(e.Err, ErrRequired) || errors.As(e.Err, new(formatError)) {
		return fmt.Sprintf("%s: %v", where, e.Err)
	}
	return fmt.Sprintf("%s %q: %v", where, short(e.Value), e.Err)
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }

// element is the Field of an element of a list.
func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// FieldErrors returns the FieldErrors in err, however they are wrapped and joined, in
// order; none for nil.
func FieldErrors(err error) []*FieldError {
	switch e := err.(type) {
	case *FieldError:
		return []*FieldError{e}
	case interface{ Unwrap() error }:
		return FieldErrors(e.Unwrap())
	case interface{ Unwrap() []error }:
		var faults []*FieldError
		for _, inner := range e.Unwrap() {
			faults = append(faults, FieldErrors(inner)...)
		}
		return faults
	}
	return nil
}

// joined is several faults as one error. Unlike that of [errors.Join] its text is one
// line, which still reads well when it is wrapped.
type joined struct{ faults []*FieldError }

// join returns nil for no faults.
func join(faults []*FieldError) error {
	if len(faults) == 0 {
		return nil
	}
	return &joined{faults}
}

func (j *joined) Error() string {
	texts := make([]string, len(j.faults))
	for i, fault := range j.faults {
		texts[i] = fault.Error()
	}
	return strings.Join(texts, "; ")
}

func (j *joined) Unwrap() []error {
	errs := make([]error, len(j.faults))
	for i, fault := range j.faults {
		errs[i] = fault
	}
	return errs
}

// maxShownValue keeps one hostile value from flooding a log, in characters.
const maxShownValue = 80

// short returns value, or the start of a long one.
func short(value string) string {
	if runes := []rune(value); len(runes) > maxShownValue {
		return string(runes[:maxShownValue]) + "…"
	}
	return value
}
