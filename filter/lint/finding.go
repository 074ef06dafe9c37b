package lint

import "fmt"

// Code is the kind of a [Finding]. Codes are stable.
type Code string

const (
	// NoEvents: events is empty, so the webhook never fires.
	NoEvents Code = "no-events"
	// DuplicateValue: exactly the same value occurs earlier in the list.
	DuplicateValue Code = "duplicate-value"
	// UnknownValue: the API does not document the event type or environment mode. It
	// is compared like any other, since a newer API may have added it.
	UnknownValue Code = "unknown-value"
	// ShadowedEntry: every name that the entry matches is also matched by another
	// entry.
	ShadowedEntry Code = "shadowed-entry"
	// CoveredEntry: every name that the entry matches is also matched by one of several
	// other entries, although no single one matches them all.
	CoveredEntry Code = "covered-entry"
	// CoveredWebhook: every event that fires the webhook also fires another one with the
	// same target.
	CoveredWebhook Code = "covered-webhook"
	// NotCompared: the list is too expensive to compare, so Check does not know whether
	// this entry and later ones are shadowed or covered. CheckAll does not know whether
	// this webhook and earlier ones are covered.
	NotCompared Code = "not-compared"
	// AllNames: the entry matches every name, so project_names_filter restricts
	// nothing.
	AllNames Code = "all-names"
	// AllModes: environment_types_filter has every documented mode, so it excludes
	// only events with an undocumented mode.
	AllModes Code = "all-modes"
	// LooksLikeID: the entry is a UUID in its 36-character form, and entries are
	// compared with names.
	LooksLikeID Code = "looks-like-id"
	// SurroundingSpace: the entry begins or ends with white space, which a matching
	// name must have too.
	SurroundingSpace Code = "surrounding-space"
	// ConfusableCharacter: the entry has one of a few characters that are invisible or
	// look like another one, such as a no-break space or a full-width *. A matching name
	// must have exactly that character.
	ConfusableCharacter Code = "confusable-character"
	// LooksLikeRegexpOrGlob: the entry has characters that are special in other pattern
	// languages and stand for themselves here. A bracket without a range or a negation,
	// as in [PR]*, is not reported: it is common in project names.
	LooksLikeRegexpOrGlob Code = "looks-like-regexp-or-glob"
	// UndocumentedWildcard: the entry has a ?, or a * that is not its last character.
	// The rules of package filter define their meaning here. The API documents only a *
	// at the end, so the vendor's own engine may treat the others differently.
	UndocumentedWildcard Code = "undocumented-wildcard"
)

// Finding is a probable mistake that [Check] or [CheckAll] reports. It holds no reference to
// the webhook.
type Finding struct {
	Code Code `json:"code"`
	// Field is the JSON name of the list with the index of the element, as in
	// "project_names_filter[1]". It has no index if the finding is about the whole list:
	// NoEvents and AllModes. It is "id" if the finding is from CheckAll.
	Field string `json:"field"`
	// Value is the element. It is the id of the webhook if the finding is from CheckAll, and empty
	// if the finding is about a whole list. If an event type or environment mode has a slash, it may be a URL with a secret:
	// Value is then only the URL's scheme and host, or "[redacted]" if it does not have both.
	Value string `json:"value"`
	// Message describes the finding for people. Its wording may change.
	Message string `json:"message"`
	// Other is the Field of the element that makes this one superfluous: the earlier
	// equal element for DuplicateValue, the shadowing entry for ShadowedEntry. For
	// CoveredWebhook it is the id of a webhook that covers this one by itself, if
	// CheckAll finds one. It is empty for other codes.
	Other string `json:"other,omitempty"`
}

// String returns the finding as one line, with at most 80 characters of Value.
func (f Finding) String() string {
	if f.Value == "" {
		return fmt.Sprintf("%s: %s (%s)", f.Field, f.Message, f.Code)
	}
	return fmt.Sprintf("%s %.80q: %s (%s)", f.Field, f.Value, f.Message, f.Code)
}
