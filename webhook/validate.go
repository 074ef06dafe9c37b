package webhook

import (
	"fmt"
	"net/url"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
)

// MaxProjectNamesFilterEntry is the maximum length of an entry of ProjectNamesFilter, in
// bytes. The API documents no limit. This one has room for 255 characters of any script, a
// common limit for names in databases, and bounds the cost of matching one entry.
const MaxProjectNamesFilterEntry = 4 * 255

// Validate returns nil if w is valid. It is for authors of webhooks. The error has a
// [*FieldError] for every problem, in the order of the fields, at most [MaxFieldErrors] of
// them; [FieldErrors] lists them. Problems are:
//
//   - a zero ID or CreatedAt;
//   - a kind, event type or environment mode that the API does not document; the error
//     suggests a similar documented value, if there is one;
//   - a TargetURL that is neither empty nor an absolute http or https URL with a host;
//   - a string that is not valid UTF-8;
//   - everything that [Webhook.ValidateFilters] reports.
func (w *Webhook) Validate() error {
	p := w.missing()
	if w.Kind != "" && !slices.Contains(kinds, w.Kind) {
		p.add(unknown("kind", w.Kind, kinds))
	}
	if w.TargetURL != "" {
		// The error of url.Parse quotes the whole URL, so it is dropped.
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

// ValidateFilters returns nil if the three filter lists of w can be interpreted. It is for
// programs that match events against webhooks; filter.Compile calls it. The error has the
// form that [Webhook.Validate] describes. Problems are an empty element in any list, and
// an entry of ProjectNamesFilter that is longer than [MaxProjectNamesFilterEntry] or not
// valid UTF-8. A webhook with such a problem fires for nothing.
//
// Unknown event types and modes are not errors: the API may have added them.
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
