package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// A format error names the field, the wanted format, and the value found.
func TestFormatErrors(t *testing.T) {
	long := strings.Repeat("9", 1000)
	for body, want := range map[string]string{
		`{"project_names_filter":"abc"}`:            `project_names_filter: want a list of strings, got the string "abc"`,
		`{"project_names_filter":{"a":"b"}}`:        `project_names_filter: want a list of strings, got an object`,
		`{"events":["A",5]}`:                        `events[1]: want a string, got the number 5`,
		`{"events":[["A"],true,"B",-1e3]}`:          `events[0]: want a string, got a list; events[1]: want a string, got true; events[3]: want a string, got the number -1e3`,
		`{"environment_types_filter":false}`:        `environment_types_filter: want a list of strings, got false`,
		`{"id":7}`:                                  `id: want a UUID of 36 characters, got the number 7`,
		`{"id":"7"}`:                                `id: want a UUID of 36 characters, got the string "7"`,
		`{"created_at":1699335116}`:                 `created_at: want an RFC 3339 time, got the number 1699335116`,
		`{"updated_at":{}}`:                         `updated_at: want an RFC 3339 time, got an object`,
		`{"kind":["SLACK"]}`:                        `kind: want a string, got a list`,
		`{"target_url":{"url":"https://a/SECRET"}}`: `target_url: want a string, got an object`,
		`{"target_secret_set":"SECRET"}`:            `target_secret_set: want true or false, got a string`,
		`{"target_secret_set":5}`:                   `target_secret_set: want true or false, got a number`,
		`{"enabled":"false"}`:                       `enabled: want true or false, got a string`,
		`{"enabled":1}`:                             `enabled: want true or false, got the number 1`,
		`{"description":` + long + `}`:              `description: want a string, got the number ` + long[:80] + `…`,
		`{"events":"https://a.example/SECRET"}`:     `events: want a list of strings, got the string "https://a.example"`,
		`{"enabled":5,"id":true,"kind":1}`:          `enabled: want true or false, got the number 5; id: want a UUID of 36 characters, got true; kind: want a string, got the number 1`,
		`{"x":{"enabled":5},"enabled":6}`:           `enabled: want true or false, got the number 6`,
		`[]`:                                        `webhook: want an object, got a list`,
		`"SECRET/SECRET"`:                           `webhook: want an object, got the string "[redacted]"`,
		` 5`:                                        `webhook: want an object, got the number 5`,
		`true`:                                      `webhook: want an object, got true`,
	} {
		t.Run(body[:min(len(body), 60)], func(t *testing.T) {
			for how, err := range map[string]error{
				"json.Unmarshal": json.Unmarshal([]byte(body), new(webhook.Webhook)),
				"UnmarshalJSON":  new(webhook.Webhook).UnmarshalJSON([]byte(body)),
			} {
				require.EqualError(t, err, want, how)
				require.ErrorIs(t, err, webhook.ErrInvalidFormat, how)
				require.NotContains(t, err.Error(), "SECRET", how)
			}
		})
	}
	t.Run("invalid JSON", func(t *testing.T) {
		err := new(webhook.Webhook).UnmarshalJSON([]byte("{\n\"id\": }"))
		require.EqualError(t, err, "invalid format: line 2, column 7: not JSON: want a value, got '}'")
		require.ErrorIs(t, err, webhook.ErrInvalidFormat)
	})
}
