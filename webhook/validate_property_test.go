package webhook_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// testValue is a value of a field, and the error that Validate must report for it.
type testValue struct {
	value  string
	reason error  // nil if the value is valid
	shown  string // the Value of the FieldError
}

func valid(v string) testValue              { return testValue{v, nil, ""} }
func invalid(v string, err error) testValue { return testValue{v, err, v} }

func TestValidateReportsEveryProblem(t *testing.T) {
	kinds := oneOf(valid(""), valid("STANDARD"), valid("SLACK"),
		invalid("slack", webhook.ErrUnknownValue), invalid("日本", webhook.ErrUnknownValue))
	urls := oneOf(valid(""), valid("http://a/SECRET"), valid("https://[::1]:1?SECRET"),
		testValue{"ftp://a/SECRET", webhook.ErrInvalidURL, "ftp://a"},
		testValue{"a/SECRET", webhook.ErrInvalidURL, "[redacted]"})
	events := gen.SliceOf(oneOf(valid("DEPLOYMENT_STARTED"), valid("DEPLOYMENT_CANCELLED"),
		valid("DEPLOYMENT_FAILURE"), valid("DEPLOYMENT_SUCCESSFUL"),
		invalid("", webhook.ErrEmpty), invalid("DEPLOYMENT_CANCELED", webhook.ErrUnknownValue)))
	names := gen.SliceOf(oneOf(valid("*"), valid("日本"), valid("[PR]?"),
		valid(strings.Repeat("𝒳", webhook.MaxProjectNamesFilterEntry/4)),
		invalid("", webhook.ErrEmpty), invalid("\xc0\xaf", webhook.ErrInvalidUTF8),
		invalid(strings.Repeat("x", webhook.MaxProjectNamesFilterEntry+1), webhook.ErrTooLong)))
	modes := gen.SliceOf(oneOf(valid("DEVELOPMENT"), valid("PREVIEW"), valid("PRODUCTION"), valid("STAGING"),
		invalid("", webhook.ErrEmpty), invalid("production", webhook.ErrUnknownValue), invalid("\xff", webhook.ErrUnknownValue)))

	check(t, 500, "Validate reports the problems of all fields, in order", prop.ForAll(
		func(hasID, hasCreatedAt bool, kind, url testValue, events, names, modes []testValue) string {
			var w webhook.Webhook
			var want []fieldError
			expect := func(field string, j testValue) string {
				if j.reason != nil {
					want = append(want, fieldError{field, j.shown, j.reason})
				}
				return j.value
			}
			if hasID {
				w.ID = uuid.Max
			} else {
				expect("id", invalid("", webhook.ErrRequired))
			}
			if hasCreatedAt {
				w.CreatedAt = time.Unix(0, 0)
			} else {
				expect("created_at", invalid("", webhook.ErrRequired))
			}
			w.Kind = webhook.Kind(expect("kind", kind))
			w.TargetURL = expect("target_url", url)
			for i, j := range events {
				w.Events = append(w.Events, webhook.EventType(expect(fmt.Sprintf("events[%d]", i), j)))
			}
			for i, j := range names {
				w.ProjectNamesFilter = append(w.ProjectNamesFilter, expect(fmt.Sprintf("project_names_filter[%d]", i), j))
			}
			for i, j := range modes {
				w.EnvironmentTypesFilter = append(w.EnvironmentTypesFilter,
					webhook.EnvironmentMode(expect(fmt.Sprintf("environment_types_filter[%d]", i), j)))
			}

			var f failures
			err := w.Validate()
			require.Equal(&f, want, fieldErrorsOf(&f, err))
			if err != nil {
				require.NotContains(&f, err.Error(), "SECRET")
			}
			// ValidateFilters checks only the lists, and accepts unknown values.
			want = slices.DeleteFunc(want, func(f fieldError) bool {
				return !strings.Contains(f.Field, "[") || f.Reason == webhook.ErrUnknownValue
			})
			require.ElementsMatch(&f, want, fieldErrorsOf(&f, w.ValidateFilters()))
			return f.String()
		}, gen.Bool(), gen.Bool(), kinds, urls, events, names, modes))
}
