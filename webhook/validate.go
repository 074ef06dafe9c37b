package webhook

import (
	"fmt"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
)

// MaxProjectNamesFilterEntry is the longest entry of ProjectNamesFilter that is
// valid, in bytes. The API documents no limit: this one leaves room for 255
// characters of any script, the longest name that common stores allow, and bounds
// what one entry can cost to match.
const MaxProjectNamesFilterEntry = 4 * 255

// Validate is for those who write webhooks: it reports every fault of w at once, nil
// or [*FieldError] values in the order of the fields, which [FieldErrors] lists. A zero ID
// or CreatedAt, a kind, event type or environment mode that the API does not document
// (with the one that was probably meant), a TargetURL that is not empty and not an
// absolute http or https URL with a host, and all that [Webhook.ValidateFilters]
// reports are faults.
func (w *Webhook) Validate() error {
	faults := w.missing()
	if w.Kind != "" && !slices.Contains(kinds, w.Kind) {
		faults = append(faults, unknown("kind", w.Kind, kinds))
	}
	if w.TargetURL != "" {
		// Of url.Parse's own error nothing is kept: it quotes the whole URL.
		u, err := url.Parse(w.TargetURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !isHost(u) {
			faults = append(faults, &FieldError{Field: "target_url", Value: redactURL(w.TargetURL), Err: ErrInvalidURL})
		}
	}
	return join(append(faults, w.filterFaults(eventTypes, environmentModes)...))
}

// ValidateFilters is for those who judge by webhooks that somebody else wrote, and what
// Compile asks. It reports, in the form of [Webhook.Validate], every element of the
// three filter lists that nobody can understand: an empty string, and an entry of
// ProjectNamesFilter that is longer than [MaxProjectNamesFilterEntry] or not valid
// UTF-8. A webhook with such a fault fires for nothing.
//
// An event type or mode that the API does not document is none, for it may be newer
// than this module: it is compared like any other.
func (w *Webhook) ValidateFilters() error { return join(w.filterFaults(nil, nil)) }

// missing are the faults of the required fields.
func (w *Webhook) missing() (faults []*FieldError) {
	if w.ID == uuid.Nil {
		faults = append(faults, &FieldError{Field: "id", Err: ErrRequired})
	}
	if w.CreatedAt.IsZero() {
		faults = append(faults, &FieldError{Field: "created_at", Err: ErrRequired})
	}
	return faults
}

// filterFaults are the faults of the filter lists. Nil types or modes stand for any.
func (w *Webhook) filterFaults(types []EventType, modes []EnvironmentMode) []*FieldError {
	faults := appendFaults(nil, "events", w.Events, types)
	for i, entry := range w.ProjectNamesFilter {
		var err error
		switch {
		case entry == "":
			err = ErrEmpty
		case len(entry) > MaxProjectNamesFilterEntry:
			err = fmt.Errorf("%w: %d bytes, at most %d", ErrTooLong, len(entry), MaxProjectNamesFilterEntry)
		case !utf8.ValidString(entry):
			err = ErrInvalidUTF8
		default:
			continue
		}
		faults = append(faults, &FieldError{Field: element("project_names_filter", i), Value: entry, Err: err})
	}
	return appendFaults(faults, "environment_types_filter", w.EnvironmentTypesFilter, modes)
}

// appendFaults appends a fault for each element of list that is empty or, unless known
// is nil, not in known.
func appendFaults[S ~string](faults []*FieldError, field string, list, known []S) []*FieldError {
	for i, v := range list {
		switch {
		case v == "":
			faults = append(faults, &FieldError{Field: element(field, i), Err: ErrEmpty})
		case known != nil && !slices.Contains(known, v):
			faults = append(faults, unknown(element(field, i), v, known))
		}
	}
	return faults
}
