package filter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// Check returns nil if w can be stored as a webhook of the organization. Otherwise the error
// has a [*webhook.FieldError] for each problem, at most [webhook.MaxFieldErrors] of them;
// [webhook.FieldErrors] lists them. Problems are:
//
//   - a missing organization id, webhook or webhook id;
//   - a kind, target_url, description, event type or mode that is not valid UTF-8, so that
//     JSON cannot hold it unchanged;
//   - every problem that [webhook.Webhook.ValidateFilters] reports.
//
// Kinds, event types and modes that the API does not document are not problems. Every store
// of this project calls Check, for example [Index.Put] and [Index.Replace].
func Check(organizationID uuid.UUID, w *webhook.Webhook) error {
	var errs []*webhook.FieldError
	if organizationID == uuid.Nil {
		errs = append(errs, required("organization_id"))
	}
	if w == nil {
		return webhook.JoinFieldErrors(append(errs, required("webhook")))
	}
	if w.ID == uuid.Nil {
		errs = append(errs, required("id"))
	}
	errs = appendInvalidUTF8(errs, "kind", w.Kind)
	errs = appendInvalidUTF8(errs, "target_url", w.TargetURL)
	errs = appendInvalidUTF8(errs, "description", w.Description)
	errs = appendInvalidElements(errs, "events", w.Events)
	errs = appendInvalidElements(errs, "environment_types_filter", w.EnvironmentTypesFilter)
	errs = append(errs, webhook.FieldErrors(w.ValidateFilters())...)
	return webhook.JoinFieldErrors(errs[:min(len(errs), webhook.MaxFieldErrors)])
}

func required(field string) *webhook.FieldError {
	return &webhook.FieldError{Field: field, Err: webhook.ErrRequired}
}

func appendInvalidElements[S ~string](errs []*webhook.FieldError, field string, list []S) []*webhook.FieldError {
	for i, v := range list {
		if !utf8.ValidString(string(v)) && len(errs) < webhook.MaxFieldErrors {
			errs = appendInvalidUTF8(errs, fmt.Sprintf("%s[%d]", field, i), v)
		}
	}
	return errs
}

// appendInvalidUTF8 appends an error if s is not valid UTF-8. The error does not show a
// value that may be a URL with a credential.
func appendInvalidUTF8[S ~string](errs []*webhook.FieldError, field string, s S) []*webhook.FieldError {
	if utf8.ValidString(string(s)) {
		return errs
	}
	err := &webhook.FieldError{Field: field, Err: webhook.ErrInvalidUTF8}
	if field != "target_url" && !strings.Contains(string(s), "/") {
		err.Value = string(s)
	}
	return append(errs, err)
}
