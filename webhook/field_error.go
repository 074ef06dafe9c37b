package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// The reasons of a [FieldError], for use with [errors.Is].
var (
	// ErrRequired: the field is missing, null or zero.
	ErrRequired = errors.New("required")
	// ErrUnknownValue: the API does not document the kind, event type or
	// environment mode.
	ErrUnknownValue = errors.New("unknown value")
	// ErrInvalidFormat: the text is not JSON, or the value does not have the documented JSON
	// type, or is an id or a time that is not valid.
	ErrInvalidFormat = errors.New("invalid format")
	// ErrInvalidURL: target_url is not an absolute http or https URL with a host.
	ErrInvalidURL = errors.New("not an absolute http:// or https:// URL with a host")
	// ErrEmpty: the element of a list is an empty string.
	ErrEmpty = errors.New("empty")
	// ErrTooLong: an entry of project_names_filter is longer than
	// MaxProjectNamesFilterEntry.
	ErrTooLong = errors.New("too long")
	// ErrInvalidUTF8: a string is not valid UTF-8, so JSON cannot hold it unchanged, or a
	// string in JSON has a surrogate escape that is not half of a pair.
	ErrInvalidUTF8 = errors.New("not valid UTF-8")
	// ErrDuplicate: a member of the JSON object is repeated, or a later webhook of the
	// list has the same id.
	ErrDuplicate = errors.New("duplicate")
	// ErrMore: further elements of the list have problems. Only their number is reported.
	ErrMore = errors.New("more elements have problems")
	// ErrMisspelled: the name of a member of the JSON object differs from a documented
	// one only in case.
	ErrMisspelled = errors.New("misspelled: member names are case-sensitive")
)

// MaxFieldErrors is the maximum number of problems that decoding or validation reports for
// one webhook. A webhook from an untrusted source may have hundreds of thousands of problems.
const MaxFieldErrors = 100

// FieldError is one problem with one field. It holds no reference to the webhook.
type FieldError struct {
	// Field is the JSON name of the field, with an index into a list: "id", "events[2]".
	// In a list of webhooks it begins with the element: "results[3].events[2]".
	Field string
	// Value is the invalid value, or the misspelled name of a member. It is empty for a missing
	// value, a repeated member, a list or an object, and for a value that may be a secret. A
	// target URL, and a value of another field that may be a URL, are reduced to their scheme
	// and host, or to "[redacted]" if they do not have both.
	Value string
	// Err is the reason: one of the Err variables of this package, or an error that wraps
	// one of them.
	Err error
	// WebhookID is the id of the webhook if a list of webhooks was decoded or checked. It is
	// uuid.Nil if that id is missing or cannot be decoded, and if there was no list.
	WebhookID uuid.UUID
}

// Error returns one line with the field, the WebhookID if it is set, the value (at most 80
// characters of it), and the reason.
func (e *FieldError) Error() string {
	where := e.Field
	if e.WebhookID != uuid.Nil {
		where += " (webhook " + e.WebhookID.String() + ")"
	}
	if e.Value == "" || errors.As(e.Err, new(formatError)) { // a formatError includes the value
		return fmt.Sprintf("%s: %v", where, e.Err)
	}
	return fmt.Sprintf("%s %q: %v", where, short(e.Value), e.Err)
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }

// element is the Field of an element of a list.
func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// FieldErrors returns every FieldError in err, wrapped or joined at any depth, in
// order. It returns nil if there are none.
func FieldErrors(err error) []*FieldError {
	switch e := err.(type) {
	case *FieldError:
		return []*FieldError{e}
	case interface{ Unwrap() error }:
		return FieldErrors(e.Unwrap())
	case interface{ Unwrap() []error }:
		var errs []*FieldError
		for _, inner := range e.Unwrap() {
			errs = append(errs, FieldErrors(inner)...)
		}
		return errs
	}
	return nil
}

// JoinFieldErrors returns one error that wraps all of errs, or nil if errs is empty. The
// text of the error is one line with at most ten of errs, and the number of the others.
func JoinFieldErrors(errs []*FieldError) error {
	if len(errs) == 0 {
		return nil
	}
	return &joined{errs}
}

type joined struct{ errs []*FieldError }

// maxShownErrors is the maximum number of problems in the text of an error, so that a hostile
// webhook cannot flood a log.
const maxShownErrors = 10

func (j *joined) Error() string {
	shown := j.errs[:min(len(j.errs), maxShownErrors)]
	texts := make([]string, len(shown), len(shown)+1)
	for i, err := range shown {
		texts[i] = err.Error()
	}
	switch more := len(j.errs) - len(shown); {
	case len(j.errs) >= MaxFieldErrors: // validation may have stopped there
		texts = append(texts, fmt.Sprintf("and at least %d more", more))
	case more > 0:
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, "; ")
}

func (j *joined) Unwrap() []error {
	errs := make([]error, len(j.errs))
	for i, err := range j.errs {
		errs[i] = err
	}
	return errs
}

// collected holds the problems of one webhook, and drops further problems beyond limit.
type collected struct {
	errs  []*FieldError
	limit int // 0 means MaxFieldErrors
}

func (c *collected) full() bool { return len(c.errs) >= cmp.Or(c.limit, MaxFieldErrors) }

func (c *collected) add(err *FieldError) {
	if !c.full() {
		c.errs = append(c.errs, err)
	}
}

func (c *collected) err() error { return JoinFieldErrors(c.errs) }

func short(value string) string { return jsonvalue.Short(value) }
