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

// Validate is for authors of webhooks. It returns nil if w is valid. Otherwise the
// error has a [*FieldError] for every problem, in the order of the fields, at most
// [MaxFieldErrors] of them; [FieldErrors] lists them. Problems are a zero ID or
// CreatedAt; a kind, event type or environment mode that the API does not document,
// with the documented one that was probably meant; a TargetURL that is neither empty
// nor an absolute http or https URL with a host; a string that is not valid UTF-8; and
// all that [Webhook.ValidateFilters] reports.
func (w *Webhook) Validate() error {
	p := w.missing()
	if w.Kind != "" && !slices.Contains(kinds, w.Kind) {
		p.add(unknown("kind", w.Kind, kinds))
	}
	if w.TargetURL != "" {
		// Of url.Parse's own error nothing is kept: it quotes the whole URL.
		u, err := url.Parse(w.TargetURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !isHost(u) {
			p.add(&FieldError{Field: "target_url", Value: redactURL(w.TargetURL), Err: ErrInvalidURL})
		} else if !utf8.ValidString(w.TargetURL) {
			p.add(&FieldError{Field: "target_url", Value: redactURL(w.TargetURL), Err: ErrInvalidUTF8})
		}
	}
	if !utf8.ValidString(w.Description) {
		p.add(&FieldError{Field: "description", Value: redactText(w.Description), Err: ErrInvalidUTF8})
	}
	w.filterProblems(&p, eventTypes, environmentModes)
	return p.err()
}

// ValidateFilters is for programs that match events against webhooks of other authors;
// filter.Compile calls it. It reports, in the form of [Webhook.Validate], every element
// of the three filter lists that cannot be interpreted: an empty string, and an entry
// of ProjectNamesFilter that is longer than [MaxProjectNamesFilterEntry] or not valid
// UTF-8. A webhook with such an element fires for nothing.
//
// Unknown event types and modes are not errors: the API may have added them. They are
// compared like any other.
func (w *Webhook) ValidateFilters() error {
	var p collected
	w.filterProblems(&p, nil, nil)
	return p.err()
}

// missing returns a problem for each required field that is missing.
func (w *Webhook) missing() (p collected) {
	if w.ID == uuid.Nil {
		p.add(&FieldError{Field: "id", Err: ErrRequired})
	}
	if w.CreatedAt.IsZero() {
		p.add(&FieldError{Field: "created_at", Err: ErrRequired})
	}
	return p
}

// filterProblems adds the problems of the filter lists. If types or modes is nil, it
// does not report unknown types or modes.
func (w *Webhook) filterProblems(p *collected, types []EventType, modes []EnvironmentMode) {
	listProblems(p, "events", w.Events, types)
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
		if p.full() {
			return
		}
		p.add(&FieldError{Field: element("project_names_filter", i), Value: redactText(entry), Err: err})
	}
	listProblems(p, "environment_types_filter", w.EnvironmentTypesFilter, modes)
}

// listProblems adds a problem for each element of list that is empty or, unless known is
// nil, not in known.
func listProblems[S ~string](p *collected, field string, list, known []S) {
	for i, v := range list {
		switch {
		case v != "" && (known == nil || slices.Contains(known, v)):
		case p.full():
			return
		case v == "":
			p.add(&FieldError{Field: element(field, i), Err: ErrEmpty})
		default:
			p.add(unknown(element(field, i), v, known))
		}
	}
}
