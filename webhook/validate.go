package webhook

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// MaxProjectNamesFilterEntry is the longest entry of ProjectNamesFilter that is
// valid, in bytes. The API documents no limit: this one leaves room for 255
// characters of any script, the longest name that common stores allow, and bounds
// what one entry can cost to match.
const MaxProjectNamesFilterEntry = 4 * 255

// Validate reports every fault of w at once: nil, or an [errors.Join] of
// [*FieldError], in the order of the fields. A zero ID or CreatedAt, an unknown
// kind, a TargetURL that is not empty and not an absolute http or https URL with a
// host, and all that [Webhook.ValidateFilters] reports are faults.
func (w *Webhook) Validate() error {
	var errs []error
	if w.ID == uuid.Nil {
		errs = append(errs, &FieldError{"id", w.ID.String(), ErrRequired})
	}
	if w.CreatedAt.IsZero() {
		errs = append(errs, &FieldError{"created_at", w.CreatedAt.Format(time.RFC3339), ErrRequired})
	}
	if w.Kind != "" && !slices.Contains(kinds, w.Kind) {
		errs = append(errs, unknown("kind", w.Kind, kinds))
	}
	if w.TargetURL != "" {
		// Of url.Parse's own error nothing is kept: it quotes the whole URL.
		u, err := url.Parse(w.TargetURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !isHost(u) {
			errs = append(errs, &FieldError{"target_url", redactURL(w.TargetURL), ErrInvalidURL})
		}
	}
	return errors.Join(append(errs, w.filterFaults()...)...)
}

// ValidateFilters reports every fault of the three filter lists, in the form of
// [Webhook.Validate]: an unknown event type or environment mode, and an entry of
// ProjectNamesFilter that is empty, longer than [MaxProjectNamesFilterEntry], or
// not valid UTF-8. A webhook with such a fault fires for nothing.
func (w *Webhook) ValidateFilters() error { return errors.Join(w.filterFaults()...) }

func (w *Webhook) filterFaults() []error {
	var errs []error
	errs = appendUnknown(errs, "events", w.Events, eventTypes)
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
		errs = append(errs, &FieldError{fmt.Sprintf("project_names_filter[%d]", i), entry, err})
	}
	return appendUnknown(errs, "environment_types_filter", w.EnvironmentTypesFilter, environmentModes)
}
