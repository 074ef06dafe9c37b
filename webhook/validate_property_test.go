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

// judged is a value of a field with what Validate must say of it.
type judged struct {
	value  string
	reason error // nil where the value is valid
	shown  string
}

func valid(v string) judged             { return judged{v, nil, ""} }
func faulty(v string, err error) judged { return judged{v, err, v} }

// The faults are those of each field by itself, of all of them, in order.
func TestValidateReportsEveryFault(t *testing.T) {
	kinds := oneOf(valid(""), valid("STANDARD"), valid("SLACK"),
		faulty("slack", webhook.ErrUnknownValue), faulty("日本", webhook.ErrUnknownValue))
	urls := oneOf(valid(""), valid("http://a/SECRET"), valid("https://[::1]:1?SECRET"),
		judged{"ftp://a/SECRET", webhook.ErrInvalidURL, "ftp://a"},
		judged{"a/SECRET", webhook.ErrInvalidURL, "[redacted]"})
	events := gen.SliceOf(oneOf(valid("DEPLOYMENT_STARTED"), valid("DEPLOYMENT_CANCELLED"),
		valid("DEPLOYMENT_FAILURE"), valid("DEPLOYMENT_SUCCESSFUL"),
		faulty("", webhook.ErrEmpty), faulty("DEPLOYMENT_CANCELED", webhook.ErrUnknownValue)))
	names := gen.SliceOf(oneOf(valid("*"), valid("日本"), valid("[PR]?"),
		valid(strings.Repeat("𝒳", webhook.MaxProjectNamesFilterEntry/4)),
		faulty("", webhook.ErrEmpty), faulty("\xc0\xaf", webhook.ErrInvalidUTF8),
		faulty(strings.Repeat("x", webhook.MaxProjectNamesFilterEntry+1), webhook.ErrTooLong)))
	modes := gen.SliceOf(oneOf(valid("DEVELOPMENT"), valid("PREVIEW"), valid("PRODUCTION"), valid("STAGING"),
		faulty("", webhook.ErrEmpty), faulty("production", webhook.ErrUnknownValue), faulty("\xff", webhook.ErrUnknownValue)))

	check(t, 500, "the faults of all fields, in order", prop.ForAll(
		func(hasID, hasCreatedAt bool, kind, url judged, events, names, modes []judged) string {
			var w webhook.Webhook
			var want []fault
			expect := func(field string, j judged) string {
				if j.reason != nil {
					want = append(want, fault{field, j.shown, j.reason})
				}
				return j.value
			}
			if hasID {
				w.ID = uuid.Max
			} else {
				expect("id", faulty("", webhook.ErrRequired))
			}
			if hasCreatedAt {
				w.CreatedAt = time.Unix(0, 0)
			} else {
				expect("created_at", faulty("", webhook.ErrRequired))
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

			var f findings
			err := w.Validate()
			require.Equal(&f, want, faultsOf(&f, err))
			if err != nil {
				require.NotContains(&f, err.Error(), "SECRET")
			}
			// ValidateFilters is for those who judge: less strict, and about the lists alone.
			want = slices.DeleteFunc(want, func(f fault) bool {
				return !strings.Contains(f.Field, "[") || f.Reason == webhook.ErrUnknownValue
			})
			require.ElementsMatch(&f, want, faultsOf(&f, w.ValidateFilters()))
			return f.String()
		}, gen.Bool(), gen.Bool(), kinds, urls, events, names, modes))
}
