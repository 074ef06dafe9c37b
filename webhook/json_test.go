package webhook_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// required holds the required members of the documented example.
const required = `"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z"`

// object returns a JSON object with the required members and the given ones.
func object(members string) string {
	if members == "" {
		return "{" + required + "}"
	}
	return "{" + required + "," + members + "}"
}

// requiredWebhook returns the webhook that object("") decodes to, changed by change.
func requiredWebhook(change func(*webhook.Webhook)) webhook.Webhook {
	d := documentedWebhook()
	w := webhook.Webhook{ID: d.ID, CreatedAt: d.CreatedAt, Enabled: true}
	if change != nil {
		change(&w)
	}
	return w
}

func TestOptionalFieldsRoundTrip(t *testing.T) {
	offset := time.FixedZone("", 5*60*60+30*60)
	for _, test := range []struct {
		name string
		in   string // members besides the required ones
		out  string // members after decoding and encoding; "same" if equal to those of in
		want func(*webhook.Webhook)
	}{
		{"all absent", ``, `same`, nil},
		{"enabled", `"enabled":true`, `same`, nil},
		{"not enabled", `"enabled":false`, `same`,
			func(w *webhook.Webhook) { w.Enabled = false }},
		{"a secret", `"target_secret_set":true`, `same`,
			func(w *webhook.Webhook) { w.TargetSecretSet = true }},
		{"explicitly no secret", `"target_secret_set":false`, `same`, nil},
		{"empty kind", `"kind":""`, `same`, nil},
		{"empty target_url", `"target_url":""`, `same`, nil},
		{"empty description", `"description":""`, `same`, nil},
		{"description alone", `"description":"x"`, `same`,
			func(w *webhook.Webhook) { w.Description = "x" }},
		{"target_url alone", `"target_url":"http://x"`, `same`,
			func(w *webhook.Webhook) { w.TargetURL = "http://x" }},
		{"updated_at alone", `"updated_at":"2024-02-29T23:59:59Z"`, `same`,
			func(w *webhook.Webhook) { w.UpdatedAt = time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC) }},
		{"fractions and offsets of a time", `"updated_at":"2024-02-29T23:59:59.000000001+05:30"`, `same`,
			func(w *webhook.Webhook) { w.UpdatedAt = time.Date(2024, 2, 29, 23, 59, 59, 1, offset) }},
		{"trailing zeros of a fraction", `"updated_at":"2024-02-29T23:59:59.120Z"`,
			`"updated_at":"2024-02-29T23:59:59.12Z"`,
			func(w *webhook.Webhook) { w.UpdatedAt = time.Date(2024, 2, 29, 23, 59, 59, 120_000_000, time.UTC) }},
		{"zero updated_at", `"updated_at":"0001-01-01T00:00:00Z"`, `same`, nil},
		{"empty lists", `"events":[],"project_names_filter":[],"environment_types_filter":[]`, `same`,
			func(w *webhook.Webhook) {
				w.Events = []webhook.EventType{}
				w.ProjectNamesFilter = []string{}
				w.EnvironmentTypesFilter = []webhook.EnvironmentMode{}
			}},
		{"one empty list", `"project_names_filter":[]`, `same`,
			func(w *webhook.Webhook) { w.ProjectNamesFilter = []string{} }},
		{"lists keep order and duplicates", `"events":["B","A","B"]`, `same`,
			func(w *webhook.Webhook) { w.Events = []webhook.EventType{"B", "A", "B"} }},
		{"null is absent",
			`"updated_at":null,"kind":null,"target_url":null,"target_secret_set":null,"description":null,` +
				`"enabled":null,"events":null,"project_names_filter":null,"environment_types_filter":null`, ``, nil},
		{"unknown fields", `"secret":"s","owner":{"id":"not this one","enabled":false},"tags":["a",1,null]`, ``, nil},
		{"unknown values", `"kind":"TEAMS","events":["DEPLOYMENT_QUEUED"],"environment_types_filter":["production","日本"]`, `same`,
			func(w *webhook.Webhook) {
				w.Kind = "TEAMS"
				w.Events = []webhook.EventType{"DEPLOYMENT_QUEUED"}
				w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"production", "日本"}
			}},
		{"fields in another order", `"enabled":false,"description":"x","kind":"SLACK"`,
			`"kind":"SLACK","description":"x","enabled":false`,
			func(w *webhook.Webhook) { w.Kind, w.Description, w.Enabled = webhook.KindSlack, "x", false }},
		{"characters that need no escape", `"description":"\u003c\u0026\u00e9\ud835\udcb3\/"`, `"description":"<&é𝒳/"`,
			func(w *webhook.Webhook) { w.Description = "<&é𝒳/" }},
		{"characters that need an escape", `"description":"\u0022\u005c\u000a\u0000"`, `"description":"\"\\\n\u0000"`,
			func(w *webhook.Webhook) { w.Description = "\"\\\n\x00" }},
		{"U+FFFD and pairs of surrogates", `"project_names_filter":["a\ufffdb","\ud83d\ude00\\ud800"]`, `"project_names_filter":["a�b","😀\\ud800"]`,
			func(w *webhook.Webhook) { w.ProjectNamesFilter = []string{"a\ufffdb", "😀\\ud800"} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := decode(t, object(test.in))
			require.Equal(t, requiredWebhook(test.want), fieldsOf(w))
			if test.out == "same" {
				test.out = test.in
			}
			require.Equal(t, object(test.out), encode(t, w))
		})
	}
}

// An absent created_at stays absent.
func TestAbsentRequiredFields(t *testing.T) {
	const zero = `{"id":"00000000-0000-0000-0000-000000000000","created_at":"0001-01-01T00:00:00Z"}`
	const noTime = `{"id":"00000000-0000-0000-0000-000000000000"}`
	for name, test := range map[string]struct{ in, out string }{
		"absent":      {`{}`, noTime},
		"null":        {`{"id":null,"created_at":null}`, noTime},
		"zero values": {zero, zero},
	} {
		t.Run(name, func(t *testing.T) {
			w := decode(t, test.in)
			require.Equal(t, webhook.Webhook{Enabled: true}, fieldsOf(w))
			require.Equal(t, test.out, encode(t, w))
			requireFieldErrors(t, []fieldError{{"id", "", webhook.ErrRequired}, {"created_at", "", webhook.ErrRequired}}, w.Validate())
		})
	}

	t.Run("created_at with a fraction and an offset", func(t *testing.T) {
		const in = `{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56.7-11:59"}`
		w := decode(t, in)
		want := time.Date(2023, 11, 7, 5, 31, 56, 700_000_000, time.FixedZone("", -(11*60+59)*60))
		require.True(t, want.Equal(w.CreatedAt), w.CreatedAt)
		require.Equal(t, in, encode(t, w))
	})
}

func TestEncodeWebhookMadeInGo(t *testing.T) {
	for _, test := range []struct {
		name string
		w    webhook.Webhook
		want string
	}{
		{"the zero Webhook", webhook.Webhook{},
			`{"id":"00000000-0000-0000-0000-000000000000","target_secret_set":false,"enabled":false}`},
		{"only required fields", requiredWebhook(nil), object(`"target_secret_set":false,"enabled":true`)},
		{"empty lists", requiredWebhook(func(w *webhook.Webhook) { w.Events = []webhook.EventType{} }),
			object(`"target_secret_set":false,"enabled":true,"events":[]`)},
		{"invalid UTF-8", requiredWebhook(func(w *webhook.Webhook) { w.Description = "a\xffb" }),
			object(`"description":"a\ufffdb","target_secret_set":false,"enabled":true`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.JSONEq(t, test.want, encode(t, test.w))
		})
	}

	for name, unencodable := range map[string]time.Time{
		"the year 10000":     time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC),
		"a zone of 24 hours": time.Date(2023, 11, 7, 5, 31, 56, 0, time.FixedZone("", 24*60*60)),
	} {
		t.Run(name, func(t *testing.T) {
			encodable := documentedWebhook().CreatedAt
			for field, w := range map[string]webhook.Webhook{
				"created_at": {CreatedAt: unencodable, UpdatedAt: unencodable},
				"updated_at": {CreatedAt: encodable, UpdatedAt: unencodable},
			} {
				for _, w := range []webhook.Webhook{w, {CreatedAt: w.CreatedAt, UpdatedAt: w.UpdatedAt, Description: "x"}} {
					_, err := w.MarshalJSON()
					requireFieldErrors(t, []fieldError{{field, unencodable.Format(time.RFC3339), webhook.ErrInvalidFormat}}, err)
				}
			}
			_, err := webhook.Webhook{UpdatedAt: unencodable}.MarshalJSON() // without created_at
			require.ErrorContains(t, err, "updated_at")
		})
	}
}

func TestValuePointerAndSlice(t *testing.T) {
	w := decode(t, documented)
	one := encode(t, w)
	require.Equal(t, one, encode(t, &w))
	require.Equal(t, `{"results":[`+one+`,`+one+`]}`, encode(t, map[string]any{"results": []webhook.Webhook{w, w}}))
	require.Equal(t, `[`+one+`,null]`, encode(t, []*webhook.Webhook{&w, nil}))

	var list struct{ Results []webhook.Webhook }
	require.NoError(t, json.Unmarshal([]byte(`{"results":[`+one+`,`+object(``)+`]}`), &list))
	require.Equal(t, []webhook.Webhook{w, decode(t, object(``))}, list.Results)
}
