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
	require.Contains(t, err.Error(), `a\n\"b`, "quoted: a value cannot break the line")
}

// However long or odd the values are, the error says where the fault is, shows
// how the value begins, and stays one short line.
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
