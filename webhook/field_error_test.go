package webhook_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

func TestFieldError(t *testing.T) {
	reason := fmt.Errorf("%w: in a test", webhook.ErrEmpty)
	err := error(&webhook.FieldError{Field: "events[2]", Value: "a\n\"b", Err: reason})

	require.ErrorIs(t, err, reason)
	require.ErrorIs(t, err, webhook.ErrEmpty)
	require.NotErrorIs(t, err, webhook.ErrTooLong)
	require.Equal(t, reason, errors.Unwrap(err))
	require.Contains(t, err.Error(), "events[2]")
	require.Contains(t, err.Error(), reason.Error())
	require.Contains(t, err.Error(), `a\n\"b`, "the value is quoted, so it cannot start a new line")
}

// The error of a long or unprintable value is one short line with the field and the start
// of the value.
func TestErrorOfLongValueIsShort(t *testing.T) {
	const megabyte = 1 << 20
	values := map[string]string{
		"letters":            strings.Repeat("x", megabyte),
		"control characters": "x" + strings.Repeat("\x00", megabyte),
		"invalid UTF-8":      "x" + strings.Repeat("\xff", megabyte),
		"wide characters":    "x" + strings.Repeat("日", megabyte),
		"lines":              "x" + strings.Repeat("\n", megabyte),
	}
	for name, value := range values {
		for field, set := range map[string]func(*webhook.Webhook){
			"kind":                    func(w *webhook.Webhook) { w.Kind = webhook.Kind(value) },
			"target_url":              func(w *webhook.Webhook) { w.TargetURL = "ftp://" + value },
			"events[0]":               func(w *webhook.Webhook) { w.Events = []webhook.EventType{webhook.EventType(value)} },
			"project_names_filter[0]": func(w *webhook.Webhook) { w.ProjectNamesFilter = []string{value} },
			"environment_types_filter[0]": func(w *webhook.Webhook) {
				w.EnvironmentTypesFilter = []webhook.EnvironmentMode{webhook.EnvironmentMode(value)}
			},
		} {
			t.Run(name+" in "+field, func(t *testing.T) {
				w := validWebhook()
				set(&w)
				err := w.Validate()
				require.Error(t, err)
				text := err.Error()
				require.Less(t, len(text), 1000)
				require.NotContains(t, text, "\n")
				require.Contains(t, text, field)
				if field != "target_url" {
					require.Contains(t, text, `"x`)
				}
			})
		}
	}
}

// An error shows at most 80 characters of the value, not 80 bytes.
func TestErrorTruncatesTheValue(t *testing.T) {
	whole := strings.Repeat("日", 80)
	text := func(value string) string {
		return (&webhook.FieldError{Field: "kind", Value: value, Err: webhook.ErrUnknownValue}).Error()
	}
	require.Equal(t, `kind "`+whole+`": unknown value`, text(whole))
	require.Equal(t, `kind "`+whole+`…": unknown value`, text(whole+"日"))
}

func TestFieldErrors(t *testing.T) {
	a, b, c := &webhook.FieldError{Field: "a"}, &webhook.FieldError{Field: "b"}, &webhook.FieldError{Field: "c", Err: webhook.ErrEmpty}
	other := errors.New("other")
	for name, test := range map[string]struct {
		err  error
		want []*webhook.FieldError
	}{
		"nil":                     {nil, nil},
		"another error":           {other, nil},
		"another error, wrapped":  {fmt.Errorf("x: %w", other), nil},
		"a field error":           {a, []*webhook.FieldError{a}},
		"with a reason":           {c, []*webhook.FieldError{c}},
		"wrapped twice":           {fmt.Errorf("x: %w", fmt.Errorf("y: %w", a)), []*webhook.FieldError{a}},
		"joined":                  {errors.Join(a, other, b), []*webhook.FieldError{a, b}},
		"two wrapped by Errorf":   {fmt.Errorf("%w and %w", b, a), []*webhook.FieldError{b, a}},
		"wrapped, joined, nested": {errors.Join(fmt.Errorf("x: %w", errors.Join(c, a)), nil, errors.Join(b)), []*webhook.FieldError{c, a, b}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, webhook.FieldErrors(test.err)) })
	}
	w := webhook.Webhook{Kind: "k", Events: []webhook.EventType{""}}
	var fields []string
	for _, fieldErr := range webhook.FieldErrors(fmt.Errorf("file: %w", w.Validate())) {
		fields = append(fields, fieldErr.Field)
	}
	require.Equal(t, []string{"id", "created_at", "kind", "events[0]"}, fields)
}

// The text of several field errors is one line, so that the error can be wrapped.
func TestSeveralFieldErrorsInOneLine(t *testing.T) {
	w := validWebhook()
	w.Events, w.ProjectNamesFilter = []webhook.EventType{"DEPLOYMENT_FAILED"}, []string{""}
	require.EqualError(t, fmt.Errorf("file.json: %w", w.Validate()),
		`file.json: events[0] "DEPLOYMENT_FAILED": unknown value, did you mean DEPLOYMENT_FAILURE?; project_names_filter[0]: empty`)
}

// The text of an error shows at most ten problems.
func TestManyProblemsAreTruncated(t *testing.T) {
	list := func(n int) (errs []*webhook.FieldError) {
		for i := range n {
			errs = append(errs, &webhook.FieldError{Field: fmt.Sprintf("events[%d]", i), Err: webhook.ErrEmpty})
		}
		return errs
	}
	require.NoError(t, webhook.JoinFieldErrors(nil))
	require.EqualError(t, webhook.JoinFieldErrors(list(2)), "events[0]: empty; events[1]: empty")
	require.NotContains(t, webhook.JoinFieldErrors(list(10)).Error(), "more")
	require.Regexp(t, `^(events\[\d\]: empty; ){10}and 1 more$`, webhook.JoinFieldErrors(list(11)).Error())

	w := validWebhook()
	for range 500_000 {
		w.Events = append(w.Events, "")
		w.ProjectNamesFilter = append(w.ProjectNamesFilter, "")
		w.EnvironmentTypesFilter = append(w.EnvironmentTypesFilter, "unknown")
	}
	for name, err := range map[string]error{
		"Validate":        w.Validate(),
		"ValidateFilters": w.ValidateFilters(),
		"UnmarshalJSON":   new(webhook.Webhook).UnmarshalJSON([]byte(object(`"events":[` + strings.Repeat("1,", 500_000) + `1]`))),
		"repeated members": new(webhook.Webhook).UnmarshalJSON([]byte(object(
			strings.Repeat(`"enabled":1,"Events":[],`, 1000) + `"kind":1`))),
	} {
		t.Run(name, func(t *testing.T) {
			require.Len(t, webhook.FieldErrors(err), webhook.MaxFieldErrors)
			require.Regexp(t, "; and at least 90 more$", err.Error())
			require.Less(t, len(err.Error()), 2000)
		})
	}
}
