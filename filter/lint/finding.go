package lint

import "fmt"

// Code is the kind of a [Finding]. Codes are stable.
type Code string

const (
	// NoEvents: events is empty, so the webhook never fires.
	NoEvents Code = "no-events"
	// DuplicateValue: exactly the same value is in the list before.
	DuplicateValue Code = "duplicate-value"
	// UnknownValue: the API does not document the event type or environment mode. It
	// is compared like any other, since a newer API may have added it.
	UnknownValue Code = "unknown-value"
	// ShadowedEntry: every name that the entry matches is matched by another
	// entry too.
	ShadowedEntry Code = "shadowed-entry"
	// NotCompared: the list is too costly to compare, so whether this entry or
	// one after it is a ShadowedEntry is not known.
	NotCompared Code = "not-compared"
	// AllNames: the entry matches every name, so project_names_filter restricts
	// nothing.
	AllNames Code = "all-names"
	// AllModes: environment_types_filter has every documented mode, so it stops
	// only an event whose mode is none of them.
	AllModes Code = "all-modes"
	// LooksLikeID: the entry is a UUID in its 36-character form, and entries are
	// compared with names.
	LooksLikeID Code = "looks-like-id"
	// SurroundingSpace: the entry begins or ends with white space, which a name
	// then has to have too.
	SurroundingSpace Code = "surrounding-space"
	// LooksLikeRegexpOrGlob: the entry has characters that mean something in
	// other pattern languages and stand for themselves here. A bracket like that of
	// [PR]*, without a range or a negation, is not reported: projects are named so.
	LooksLikeRegexpOrGlob Code = "looks-like-regexp-or-glob"
	// UndocumentedWildcard: the entry has a ?, or a * that is not its last character.
	// Here they are decided as the rules of package filter say; the API documents a *
	// at the end alone, and the vendor's own engine may read the others otherwise.
	UndocumentedWildcard Code = "undocumented-wildcard"
)

// Finding is one thing that [Check] noticed. It is a value that shares nothing
// with the webhook; the zero Finding says nothing.
type Finding struct {
	Code Code `json:"code"`
	// Field is the JSON name of the list, with the index of the element that is
	// concerned: "project_names_filter[1]". It has no index where Code concerns
	// the whole list: NoEvents and AllModes.
	Field string `json:"field"`
	// Value is the element as the webhook has it, empty for a whole list. Of an event
	// type or environment mode that looks like a target URL it is scheme and host only,
	// as in a [webhook.FieldError].
	Value string `json:"value"`
	// Message says what was found in a sentence for people. Its wording may
	// change.
	Message string `json:"message"`
	// Other is the Field of the element that makes Field superfluous: that which
	// DuplicateValue repeats and that which shadows a ShadowedEntry. It is empty
	// for other codes.
	Other string `json:"other,omitempty"`
}

// String returns the finding as one line for people, with the start of a long
// Value.
func (f Finding) String() string {
	if f.Value == "" {
		return fmt.Sprintf("%s: %s (%s)", f.Field, f.Message, f.Code)
	}
	return fmt.Sprintf("%s %.80q: %s (%s)", f.Field, f.Value, f.Message, f.Code)
}
