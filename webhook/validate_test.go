package webhook_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// fieldError is a FieldError without its text and WebhookID; Reason is one of reasons.
type fieldError struct {
	Field, Value string
	Reason       error
}

var reasons = []error{
	webhook.ErrRequired, webhook.ErrUnknownValue, webhook.ErrInvalidFormat, webhook.ErrInvalidURL,
	webhook.ErrEmpty, webhook.ErrTooLong, webhook.ErrInvalidUTF8, webhook.ErrDuplicate, webhook.ErrMisspelled, webhook.ErrMore,
}

// fieldErrorsOf returns the errors that err joins, at any depth, in order. Each must be a
// FieldError with exactly one reason.
func fieldErrorsOf(t require.TestingT, err error) []fieldError {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var errs []fieldError
		for _, err := range joined.Unwrap() {
			errs = append(errs, fieldErrorsOf(t, err)...)
		}
		return errs
	}
	fe := new(webhook.FieldError)
	require.ErrorAs(t, err, &fe)
	var found error
	for _, reason := range reasons {
		if errors.Is(err, reason) {
			require.NoError(t, found, "a second reason of %q", err)
			found = reason
		}
	}
	require.Error(t, found, "the reason of %q", err)
	return []fieldError{{fe.Field, fe.Value, found}}
}

const zeroID = "00000000-0000-0000-0000-000000000000"

func TestValidate(t *testing.T) {
	long := strings.Repeat("x", webhook.MaxProjectNamesFilterEntry+1)
	for _, test := range []struct {
		name   string
		change func(*webhook.Webhook) // of a valid webhook
		want   []fieldError
	}{
		{"valid", func(*webhook.Webhook) {}, nil},
		{"only required fields", func(w *webhook.Webhook) { *w = requiredWebhook(nil) }, nil},
		{"every documented value", func(w *webhook.Webhook) {
			w.Kind = webhook.KindSlack
			w.Events, w.EnvironmentTypesFilter = webhook.EventTypes(), webhook.EnvironmentModes()
		}, nil},
		{"empty lists", func(w *webhook.Webhook) {
			w.Events, w.ProjectNamesFilter = []webhook.EventType{}, []string{}
			w.EnvironmentTypesFilter = []webhook.EnvironmentMode{}
		}, nil},
		{"duplicates", func(w *webhook.Webhook) {
			w.Events = []webhook.EventType{webhook.DeploymentFailure, webhook.DeploymentFailure}
			w.ProjectNamesFilter = []string{"a", "a"}
		}, nil},
		{"not enabled, no secret", func(w *webhook.Webhook) { w.Enabled, w.TargetSecretSet = false, false }, nil},
		{"no id", func(w *webhook.Webhook) { w.ID = uuid.Nil },
			[]fieldError{{"id", "", webhook.ErrRequired}}},
		{"no created_at", func(w *webhook.Webhook) { w.CreatedAt = time.Time{} },
			[]fieldError{{"created_at", "", webhook.ErrRequired}}},
		{"unknown kind", func(w *webhook.Webhook) { w.Kind = "TEAMS" },
			[]fieldError{{"kind", "TEAMS", webhook.ErrUnknownValue}}},
		{"kind in another case", func(w *webhook.Webhook) { w.Kind = "slack" },
			[]fieldError{{"kind", "slack", webhook.ErrUnknownValue}}},
		{"target_url that is not HTTP", func(w *webhook.Webhook) { w.TargetURL = "ftp://example.com/SECRET" },
			[]fieldError{{"target_url", "ftp://example.com", webhook.ErrInvalidURL}}},
		{"unknown and empty event types", func(w *webhook.Webhook) {
			w.Events = []webhook.EventType{webhook.DeploymentStarted, "DEPLOYMENT_QUEUED", webhook.DeploymentFailure, ""}
		}, []fieldError{
			{"events[1]", "DEPLOYMENT_QUEUED", webhook.ErrUnknownValue},
			{"events[3]", "", webhook.ErrEmpty},
		}},
		{"invalid UTF-8", func(w *webhook.Webhook) {
			w.Kind, w.TargetURL, w.Description = "\xff", "https://example.com/\xff", "a\xffb"
			w.Events, w.EnvironmentTypesFilter = []webhook.EventType{"a\xff"}, []webhook.EnvironmentMode{"\xff"}
		}, []fieldError{
			{"kind", "\xff", webhook.ErrUnknownValue},
			{"target_url", "https://example.com", webhook.ErrInvalidUTF8},
			{"description", "a\xffb", webhook.ErrInvalidUTF8},
			{"events[0]", "a\xff", webhook.ErrUnknownValue},
			{"environment_types_filter[0]", "\xff", webhook.ErrUnknownValue},
		}},
		{"target URLs in other fields", func(w *webhook.Webhook) {
			w.Kind = "https://example.com/SECRET"
			w.Events = []webhook.EventType{"//example.com/SECRET"}
			w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"https://user:SECRET@example.com:443/"}
		}, []fieldError{
			{"kind", "https://example.com", webhook.ErrUnknownValue},
			{"events[0]", "[redacted]", webhook.ErrUnknownValue},
			{"environment_types_filter[0]", "https://example.com:443", webhook.ErrUnknownValue},
		}},
		{"a mode among the event types", func(w *webhook.Webhook) { w.Events = []webhook.EventType{"PRODUCTION"} },
			[]fieldError{{"events[0]", "PRODUCTION", webhook.ErrUnknownValue}}},
		{"empty, long and invalid project names", func(w *webhook.Webhook) {
			w.ProjectNamesFilter = []string{"", "fine", long, "a\xff", "\xed\xa0\x80", ""}
		}, []fieldError{
			{"project_names_filter[0]", "", webhook.ErrEmpty},
			{"project_names_filter[2]", long, webhook.ErrTooLong},
			{"project_names_filter[3]", "a\xff", webhook.ErrInvalidUTF8},
			{"project_names_filter[4]", "\xed\xa0\x80", webhook.ErrInvalidUTF8},
			{"project_names_filter[5]", "", webhook.ErrEmpty},
		}},
		{"project names of any character", func(w *webhook.Webhook) {
			w.ProjectNamesFilter = []string{"*", "?", " ", "[PR]*", "{a,b}", `\`, "日本-*", "\ufffd", "\x00", "\n"}
		}, nil},
		{"unknown and empty modes", func(w *webhook.Webhook) {
			w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"QA", webhook.Staging, "production", ""}
		}, []fieldError{
			{"environment_types_filter[0]", "QA", webhook.ErrUnknownValue},
			{"environment_types_filter[2]", "production", webhook.ErrUnknownValue},
			{"environment_types_filter[3]", "", webhook.ErrEmpty},
		}},
		{"the zero Webhook", func(w *webhook.Webhook) { *w = webhook.Webhook{} }, []fieldError{
			{"id", "", webhook.ErrRequired},
			{"created_at", "", webhook.ErrRequired},
		}},
		{"problems in every field", func(w *webhook.Webhook) {
			*w = webhook.Webhook{
				Kind: "k", TargetURL: "nowhere", Events: []webhook.EventType{"e"},
				ProjectNamesFilter:     []string{long, "", "\x80"},
				EnvironmentTypesFilter: []webhook.EnvironmentMode{"m", "n"},
			}
		}, []fieldError{
			{"id", "", webhook.ErrRequired},
			{"created_at", "", webhook.ErrRequired},
			{"kind", "k", webhook.ErrUnknownValue},
			{"target_url", "[redacted]", webhook.ErrInvalidURL},
			{"events[0]", "e", webhook.ErrUnknownValue},
			{"project_names_filter[0]", long, webhook.ErrTooLong},
			{"project_names_filter[1]", "", webhook.ErrEmpty},
			{"project_names_filter[2]", "\x80", webhook.ErrInvalidUTF8},
			{"environment_types_filter[0]", "m", webhook.ErrUnknownValue},
			{"environment_types_filter[1]", "n", webhook.ErrUnknownValue},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := validWebhook()
			test.change(&w)
			requireFieldErrors(t, test.want, w.Validate())

			// ValidateFilters checks only the lists, and accepts unknown values.
			var wantOfFilters []fieldError
			for _, f := range test.want {
				if strings.Contains(f.Field, "[") && f.Reason != webhook.ErrUnknownValue {
					wantOfFilters = append(wantOfFilters, f)
				}
			}
			requireFieldErrors(t, wantOfFilters, w.ValidateFilters())
		})
	}
}

// requireFieldErrors requires that err joins the wanted errors, and that errors.As and
// errors.Is find them.
func requireFieldErrors(t *testing.T, want []fieldError, err error) {
	t.Helper()
	if len(want) == 0 {
		require.NoError(t, err)
		return
	}
	require.Equal(t, want, fieldErrorsOf(t, err))

	var first *webhook.FieldError
	require.ErrorAs(t, err, &first)
	require.Equal(t, want[0].Field, first.Field)

	for _, reason := range reasons {
		expected := false
		for _, f := range want {
			expected = expected || f.Reason == reason
		}
		require.Equal(t, expected, errors.Is(err, reason), "errors.Is(err, %v)", reason)
	}
	require.NotContains(t, err.Error(), "\n", "the text is one line")
}

// The error of Validate has an Unwrap method that returns the field errors.
func TestValidateJoinsFieldErrors(t *testing.T) {
	w := webhook.Webhook{Kind: "k", Events: []webhook.EventType{"e"}, ProjectNamesFilter: []string{"", "a"}}
	joined, ok := w.Validate().(interface{ Unwrap() []error })
	require.True(t, ok)
	var fields []string
	for _, err := range joined.Unwrap() {
		require.IsType(t, (*webhook.FieldError)(nil), err)
		fields = append(fields, err.(*webhook.FieldError).Field)
	}
	require.Equal(t, []string{"id", "created_at", "kind", "events[0]", "project_names_filter[0]"}, fields)
}

func TestValidateChangesNothing(t *testing.T) {
	w := decode(t, object(`"kind":"k","target_url":"x","events":["e"],"project_names_filter":[""],"environment_types_filter":["m"]`))
	before := encode(t, w)
	require.Error(t, w.Validate())
	require.Equal(t, before, encode(t, w))
}

func TestProjectNamesFilterEntryLimit(t *testing.T) {
	const limit = webhook.MaxProjectNamesFilterEntry
	require.Equal(t, 1020, limit, "the limit in the conformance vectors")
	for _, test := range []struct {
		name, entry string
		want        error
	}{
		{"one byte", "x", nil},
		{"at the limit", strings.Repeat("x", limit), nil},
		{"one byte over it", strings.Repeat("x", limit+1), webhook.ErrTooLong},
		{"255 characters of four bytes", strings.Repeat("𝒳", 255), nil},
		{"at the limit in bytes", strings.Repeat("é", limit/2), nil},
		{"one character over it", strings.Repeat("é", limit/2+1), webhook.ErrTooLong},
		{"wildcards at the limit", strings.Repeat("*", limit), nil},
		{"wildcards over it", strings.Repeat("*", limit+1), webhook.ErrTooLong},
		{"a megabyte", strings.Repeat("x", 1<<20), webhook.ErrTooLong},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := validWebhook()
			w.ProjectNamesFilter = []string{test.entry}
			if test.want == nil {
				requireFieldErrors(t, nil, w.Validate())
			} else {
				requireFieldErrors(t, []fieldError{{"project_names_filter[0]", test.entry, test.want}}, w.Validate())
			}
		})
	}
}
