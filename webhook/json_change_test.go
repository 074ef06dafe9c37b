package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// A field that is changed after decoding is encoded with its new value, whether it was
// absent, empty or set.
func TestChangeAfterDecoding(t *testing.T) {
	for _, test := range []struct {
		name   string
		in     string // members besides the required ones
		change func(*webhook.Webhook)
		want   string
	}{
		{"enabled, absent", ``,
			func(w *webhook.Webhook) { w.Enabled = false }, `"enabled":false`},
		{"enabled, true", `"enabled":true`,
			func(w *webhook.Webhook) { w.Enabled = false }, `"enabled":false`},
		{"enabled, false", `"enabled":false`,
			func(w *webhook.Webhook) { w.Enabled = true }, `"enabled":true`},
		{"target_secret_set, absent", ``,
			func(w *webhook.Webhook) { w.TargetSecretSet = true }, `"target_secret_set":true`},
		{"target_secret_set, true", `"target_secret_set":true`,
			func(w *webhook.Webhook) { w.TargetSecretSet = false }, `"target_secret_set":false`},
		{"updated_at, absent", ``,
			func(w *webhook.Webhook) { w.UpdatedAt = w.CreatedAt }, `"updated_at":"2023-11-07T05:31:56Z"`},
		{"updated_at set to the zero time", `"updated_at":"2023-11-07T05:31:56Z"`,
			func(w *webhook.Webhook) { w.UpdatedAt = time.Time{} }, ``},
		{"strings, absent", ``,
			func(w *webhook.Webhook) { w.Kind, w.TargetURL, w.Description = "k", "t", "d" },
			`"kind":"k","target_url":"t","description":"d"`},
		{"strings, empty", `"kind":"","target_url":"","description":""`,
			func(w *webhook.Webhook) { w.Kind, w.TargetURL, w.Description = "k", "t", "d" },
			`"kind":"k","target_url":"t","description":"d"`},
		{"strings set to empty", `"kind":"k","target_url":"t","description":"d"`,
			func(w *webhook.Webhook) { w.Kind, w.TargetURL, w.Description = "", "", "" }, ``},
		{"lists, absent", ``,
			func(w *webhook.Webhook) {
				w.Events, w.ProjectNamesFilter = []webhook.EventType{"E"}, []string{"p"}
				w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"M"}
			}, `"events":["E"],"project_names_filter":["p"],"environment_types_filter":["M"]`},
		{"lists set to nil", `"events":["E"],"project_names_filter":[],"environment_types_filter":["M"]`,
			func(w *webhook.Webhook) { w.Events, w.ProjectNamesFilter, w.EnvironmentTypesFilter = nil, nil, nil }, ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := decode(t, object(test.in))
			test.change(&w)
			require.Equal(t, object(test.want), encode(t, w))
		})
	}
}

// A created_at that is set to zero after decoding is absent in the encoded JSON. An absent
// created_at that is set after decoding is present in the encoded JSON.
func TestCreatedAtAfterDecoding(t *testing.T) {
	w := decode(t, object(""))
	w.CreatedAt = time.Time{}
	require.Equal(t, `{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a"}`, encode(t, w))

	w = decode(t, `{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a"}`)
	w.CreatedAt = documentedWebhook().CreatedAt
	require.Equal(t, object(""), encode(t, w))
}

// Decoding replaces every field of the receiver.
func TestDecodingReplacesEverything(t *testing.T) {
	bodies := map[string]string{
		"documented": documented,
		"required":   object(``),
		"nothing":    `{}`,
		"empty":      object(`"kind":"","target_url":"","description":"","events":[]`),
		"explicit":   object(`"target_secret_set":false,"enabled":false,"project_names_filter":["a","b"]`),
	}
	for before, first := range bodies {
		for after, second := range bodies {
			t.Run(before+" then "+after, func(t *testing.T) {
				w := decode(t, first)
				require.NoError(t, json.Unmarshal([]byte(second), &w))
				require.Equal(t, decode(t, second), w)
			})
		}
	}

	t.Run("a copy made before keeps its lists", func(t *testing.T) {
		w := decode(t, documented)
		before := w
		require.NoError(t, json.Unmarshal([]byte(object(`"events":["OTHER"],"project_names_filter":["other"]`)), &w))
		require.Equal(t, documentedWebhook(), before)
	})
}

// undecodable lists bodies that cannot be decoded, each with the field that the error must
// name, if any.
var undecodable = []struct{ name, field, body string }{
	{"empty", "", ``},
	{"truncated", "", `{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","enabled":false`},
	{"data after the object", "", object(`"enabled":false`) + `}`},
	{"a list", "", `[` + object(``) + `]`},
	{"a string", "", `"webhook"`},
	{"id too short", "id", `{"enabled":false,"id":"3c90c3cc"}`},
	{"id with a letter that is not hexadecimal", "id", `{"enabled":false,"id":"zc90c3cc-0d44-4b50-8888-8dd25736052a"}`},
	{"id an object", "id", `{"enabled":false,"id":{"target_url":"https://example.com/SECRET"}}`},
	{"created_at a list", "created_at", `{"enabled":false,"created_at":["https://example.com/SECRET"]}`},
	{"id a URN", "id", `{"enabled":false,"id":"urn:uuid:3c90c3cc-0d44-4b50-8888-8dd25736052a"}`},
	{"id in braces", "id", `{"enabled":false,"id":"{3c90c3cc-0d44-4b50-8888-8dd25736052a}"}`},
	{"id a number", "id", `{"enabled":false,"id":7}`},
	{"id an empty string", "id", `{"enabled":false,"id":""}`},
	{"created_at in words", "created_at", `{"enabled":false,"created_at":"yesterday"}`},
	{"created_at without a zone", "created_at", `{"enabled":false,"created_at":"2023-11-07T05:31:56"}`},
	{"created_at a number", "created_at", `{"enabled":false,"created_at":1699335116}`},
	{"updated_at a date", "updated_at", object(`"enabled":false,"updated_at":"2023-11-07"`)},
	{"updated_at on a nonexistent day", "updated_at", object(`"enabled":false,"updated_at":"2023-02-29T00:00:00Z"`)},
	{"kind a number", "kind", object(`"enabled":false,"kind":1`)},
	{"target_url a list", "target_url", object(`"enabled":false,"target_url":["https://example.com/SECRET"]`)},
	{"target_secret_set a string", "target_secret_set", object(`"enabled":false,"target_secret_set":"SECRET"`)},
	{"description an object", "description", object(`"enabled":false,"description":{}`)},
	{"enabled a string", "enabled", object(`"kind":"SLACK","enabled":"false"`)},
	{"events a string", "events", object(`"enabled":false,"events":"DEPLOYMENT_STARTED"`)},
	{"events of numbers", "events", object(`"enabled":false,"events":["DEPLOYMENT_STARTED",1]`)},
	{"project_names_filter an object", "project_names_filter", object(`"enabled":false,"project_names_filter":{}`)},
	{"environment_types_filter true", "environment_types_filter", object(`"enabled":false,"environment_types_filter":true`)},
}

func TestFailedDecodingChangesNothing(t *testing.T) {
	for _, test := range undecodable {
		t.Run(test.name, func(t *testing.T) {
			w := decode(t, documented)
			require.Error(t, json.Unmarshal([]byte(test.body), &w))
			require.Equal(t, documentedWebhook(), w)
			require.Error(t, w.UnmarshalJSON([]byte(test.body)))
			require.Equal(t, documentedWebhook(), w)
		})
	}
}

func TestDecodingErrorNamesTheField(t *testing.T) {
	for _, test := range undecodable {
		t.Run(test.name, func(t *testing.T) {
			var w webhook.Webhook
			err := json.Unmarshal([]byte(test.body), &w)
			require.Error(t, err)
			require.NotContains(t, err.Error(), "SECRET")
			if test.field != "" {
				require.Regexp(t, `\b`+test.field+`\b`, err.Error())
			}
		})
	}
}

// An invalid id or time is reported as a FieldError. It does not wrap the errors of the
// packages uuid and time, which quote the whole value.
func TestDecodingErrorOfIDAndTimes(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, test := range []struct{ field, json, value string }{
		{"id", `"3c90c3cc"`, "3c90c3cc"},
		{"id", `"zc90c3cc-0d44-4b50-8888-8dd25736052a"`, "zc90c3cc-0d44-4b50-8888-8dd25736052a"},
		{"id", `""`, ""},
		{"id", `7`, "7"},
		{"id", `{"target_url":"https://example.com/SECRET"}`, ""},
		{"id", `"https://user:SECRET@example.com:443/SECRET"`, "https://example.com:443"},
		{"id", `"https:\/\/example.com\/SECRET"`, "https://example.com"},
		{"created_at", `"https://hooks.example/services/SECRET"`, "https://hooks.example"},
		{"created_at", `"hooks.example/services/SECRET"`, "[redacted]"},
		{"updated_at", `"//hooks.example/services/SECRET"`, "[redacted]"},
		{"updated_at", `"https:SECRET/SECRET"`, "[redacted]"},
		{"id", `"` + long + `"`, long},
		{"created_at", `"yesterday"`, "yesterday"},
		{"created_at", `1699335116`, "1699335116"},
		{"updated_at", `"2023-02-29T00:00:00Z"`, "2023-02-29T00:00:00Z"},
		{"updated_at", `"` + long + `"`, long},
	} {
		t.Run(test.field+" "+test.json[:min(len(test.json), 40)], func(t *testing.T) {
			err := json.Unmarshal([]byte(`{"kind":"SLACK","`+test.field+`":`+test.json+`}`), new(webhook.Webhook))
			require.Equal(t, []fieldError{{test.field, test.value, webhook.ErrInvalidFormat}}, fieldErrorsOf(t, err))
			require.Less(t, len(err.Error()), 300)
			require.NotContains(t, err.Error(), "SECRET")
			require.False(t, uuid.IsInvalidLengthError(err))
			require.NotErrorAs(t, err, new(*time.ParseError))
		})
	}
}

// By the convention of json.Unmarshaler, null leaves the receiver unchanged.
func TestNullChangesNothing(t *testing.T) {
	w := documentedWebhook()
	require.NoError(t, w.UnmarshalJSON([]byte("null")))
	require.Equal(t, documentedWebhook(), w)
}
