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

// fault is what a test expects of a FieldError; Reason is one of reasons.
type fault struct {
	Field, Value string
	Reason       error
}

var reasons = []error{
	webhook.ErrRequired, webhook.ErrUnknownValue, webhook.ErrInvalidFormat, webhook.ErrInvalidURL,
	webhook.ErrEmpty, webhook.ErrTooLong, webhook.ErrInvalidUTF8, webhook.ErrDuplicate, webhook.ErrMisspelled, webhook.ErrMore,
}

// faultsOf returns the faults that err joins, at whatever depth, in order. Each
// must be a FieldError with exactly one reason.
func faultsOf(t require.TestingT, err error) []fault {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var faults []fault
		for _, err := range joined.Unwrap() {
			faults = append(faults, faultsOf(t, err)...)
		}
		return faults
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
	return []fault{{fe.Field, fe.Value, found}}
}

const zeroID = "00000000-0000-0000-0000-000000000000"

func TestValidate(t *testing.T) {
	long := strings.Repeat("x", webhook.MaxProjectNamesFilterEntry+1)
	for _, test := range []struct {
		name   string
		change func(*webhook.Webhook) // of a valid webhook
		want   []fault
	}{
		{"valid", func(*webhook.Webhook) {}, nil},
		{"only what is required", func(w *webhook.Webhook) { *w = requiredWebhook(nil) }, nil},
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
			[]fault{{"id", "", webhook.ErrRequired}}},
		{"no created_at", func(w *webhook.Webhook) { w.CreatedAt = time.Time{} },
			[]fault{{"created_at", "", webhook.ErrRequired}}},
		{"kind", func(w *webhook.Webhook) { w.Kind = "TEAMS" },
			[]fault{{"kind", "TEAMS", webhook.ErrUnknownValue}}},
		{"kind in another case", func(w *webhook.Webhook) { w.Kind = "slack" },
			[]fault{{"kind", "slack", webhook.ErrUnknownValue}}},
		{"target_url", func(w *webhook.Webhook) { w.TargetURL = "ftp://example.com/SECRET" },
			[]fault{{"target_url", "ftp://example.com", webhook.ErrInvalidURL}}},
		{"event types", func(w *webhook.Webhook) {
			w.Events = []webhook.EventType{webhook.DeploymentStarted, "DEPLOYMENT_QUEUED", webhook.DeploymentFailure, ""}
		}, []fault{
			{"events[1]", "DEPLOYMENT_QUEUED", webhook.ErrUnknownValue},
			{"events[3]", "", webhook.ErrEmpty},
		}},
		{"invalid UTF-8", func(w *webhook.Webhook) {
			w.Kind, w.TargetURL, w.Description = "\xff", "https://example.com/\xff", "a\xffb"
			w.Events, w.EnvironmentTypesFilter = []webhook.EventType{"a\xff"}, []webhook.EnvironmentMode{"\xff"}
		}, []fault{
			{"kind", "\xff", webhook.ErrUnknownValue},
			{"target_url", "https://example.com", webhook.ErrInvalidUTF8},
			{"description", "a\xffb", webhook.ErrInvalidUTF8},
			{"events[0]", "a\xff", webhook.ErrUnknownValue},
			{"environment_types_filter[0]", "\xff", webhook.ErrUnknownValue},
		}},
		{"target URLs elsewhere", func(w *webhook.Webhook) {
			w.Kind = "https://example.com/SECRET"
			w.Events = []webhook.EventType{"//example.com/SECRET"}
			w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"https://user:SECRET@example.com:443/"}
		}, []fault{
			{"kind", "https://example.com", webhook.ErrUnknownValue},
			{"events[0]", "[redacted]", webhook.ErrUnknownValue},
			{"environment_types_filter[0]", "https://example.com:443", webhook.ErrUnknownValue},
		}},
		{"a mode among the event types", func(w *webhook.Webhook) { w.Events = []webhook.EventType{"PRODUCTION"} },
			[]fault{{"events[0]", "PRODUCTION", webhook.ErrUnknownValue}}},
		{"project names", func(w *webhook.Webhook) {
			w.ProjectNamesFilter = []string{"", "fine", long, "a\xff", "\xed\xa0\x80", ""}
		}, []fault{
			{"project_names_filter[0]", "", webhook.ErrEmpty},
			{"project_names_filter[2]", long, webhook.ErrTooLong},
			{"project_names_filter[3]", "a\xff", webhook.ErrInvalidUTF8},
			{"project_names_filter[4]", "\xed\xa0\x80", webhook.ErrInvalidUTF8},
			{"project_names_filter[5]", "", webhook.ErrEmpty},
		}},
		{"project names of any character", func(w *webhook.Webhook) {
			w.ProjectNamesFilter = []string{"*", "?", " ", "[PR]*", "{a,b}", `\`, "日本-*", "\ufffd", "\x00", "\n"}
		}, nil},
		{"modes", func(w *webhook.Webhook) {
			w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"QA", webhook.Staging, "production", ""}
		}, []fault{
			{"environment_types_filter[0]", "QA", webhook.ErrUnknownValue},
			{"environment_types_filter[2]", "production", webhook.ErrUnknownValue},
			{"environment_types_filter[3]", "", webhook.ErrEmpty},
		}},
		{"the zero Webhook", func(w *webhook.Webhook) { *w = webhook.Webhook{} }, []fault{
			{"id", "", webhook.ErrRequired},
			{"created_at", "", webhook.ErrRequired},
		}},
		{"everything at once", func(w *webhook.Webhook) {
			*w = webhook.Webhook{
				Kind: "k", TargetURL: "nowhere", Events: []webhook.EventType{"e"},
				ProjectNamesFilter:     []string{long, "", "\x80"},
				EnvironmentTypesFilter: []webhook.EnvironmentMode{"m", "n"},
			}
		}, []fault{
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
			requireFaults(t, test.want, w.Validate())

			// Of the lists' faults an unknown value is none for those who judge.
			var ofFilters []fault
			for _, f := range test.want {
				if strings.Contains(f.Field, "[") && f.Reason != webhook.ErrUnknownValue {
					ofFilters = append(ofFilters, f)
				}
			}
			requireFaults(t, ofFilters, w.ValidateFilters())
		})
	}
}

// requireFaults checks err by all three ways in: one by one, errors.As and
// errors.Is.
func requireFaults(t *testing.T, want []fault, err error) {
	t.Helper()
	if len(want) == 0 {
		require.NoError(t, err)
		return
	}
	require.Equal(t, want, faultsOf(t, err))

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
	require.NotContains(t, err.Error(), "\n", "wrapped it reads well still")
}

// What Validate joins are the faults themselves, as with errors.Join.
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
	require.Equal(t, 1020, limit, "as the conformance vectors have it")
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
				requireFaults(t, nil, w.Validate())
			} else {
				requireFaults(t, []fault{{"project_names_filter[0]", test.entry, test.want}}, w.Validate())
			}
		})
	}
}
