package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// memberValues has two different values of each documented member.
var memberValues = map[string][2]string{
	"id":                       {`"3c90c3cc-0d44-4b50-8888-8dd25736052a"`, `"7f2b1a90-1f0e-4f57-9d55-3f3ac0a5ce0d"`},
	"created_at":               {`"2023-11-07T05:31:56Z"`, `null`},
	"updated_at":               {`"2023-11-07T05:31:56Z"`, `"2024-11-07T05:31:56Z"`},
	"kind":                     {`"SLACK"`, `"STANDARD"`},
	"target_url":               {`"https://a.example/SECRET"`, `"https://b.example/SECRET"`},
	"target_secret_set":        {`true`, `false`},
	"description":              {`"a"`, `"b"`},
	"enabled":                  {`false`, `true`},
	"events":                   {`["A"]`, `["B",null]`},
	"project_names_filter":     {`["a","checkout"]`, `["y",null]`},
	"environment_types_filter": {`["A"]`, `[]`},
}

// A repeated member is an error, whatever its values are, null included.
func TestRepeatedMembers(t *testing.T) {
	for name, values := range memberValues {
		for _, second := range []string{values[0], values[1], "null"} {
			for _, first := range []string{values[0], values[1], "null"} {
				body := `{"` + name + `":` + first + `,"x":1,"` + name + `":` + second + `}`
				w := decode(t, documented)
				err := json.Unmarshal([]byte(body), &w)
				require.Equal(t, []fieldError{{name, "", webhook.ErrDuplicate}}, fieldErrorsOf(t, err), body)
				require.EqualError(t, err, name+": duplicate member")
				require.Equal(t, documentedWebhook(), w)
			}
		}
		// The name is compared after unescaping.
		err := json.Unmarshal([]byte(`{"`+name+`":null,"\u00`+hex(name[0])+name[1:]+`":null}`), new(webhook.Webhook))
		require.Equal(t, []fieldError{{name, "", webhook.ErrDuplicate}}, fieldErrorsOf(t, err), name)
	}
}

func hex(c byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[c>>4], digits[c&15]})
}

// A documented name in another case is an error, whether or not the correctly spelled member
// is also present.
func TestMisspelledMembers(t *testing.T) {
	for name, values := range memberValues {
		spellings := []string{strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]}
		if strings.Contains(name, "k") {
			spellings = append(spellings, strings.Replace(name, "k", "\u212a", 1))
		}
		if strings.Contains(name, "s") {
			spellings = append(spellings, strings.Replace(name, "s", "\u017f", 1))
		}
		for _, spelling := range spellings {
			for _, body := range []string{
				`{"` + spelling + `":` + values[0] + `}`,
				`{"` + spelling + `":null,"` + name + `":` + values[0] + `}`,
				`{"` + name + `":` + values[0] + `,"` + spelling + `":[{}]}`,
			} {
				err := json.Unmarshal([]byte(body), new(webhook.Webhook))
				require.Equal(t, []fieldError{{name, spelling, webhook.ErrMisspelled}}, fieldErrorsOf(t, err), body)
			}
		}
	}
	// Other names are unknown members, however similar, and may be repeated.
	for _, name := range []string{"", "event", "eventss", "target-url", " id", "projectNamesFilter", "results"} {
		require.Equal(t, requiredWebhook(nil), fieldsOf(decode(t, object(`"`+name+`":5,"`+name+`":[]`))))
	}
}

// A string that is not valid Unicode would change when it is encoded, so it is an error in
// every documented member.
func TestInvalidUnicode(t *testing.T) {
	for _, bad := range []string{"\xff", "a\xc0\xaf", "\xed\xa0\x80", `\ud800`, `\udc00`, `\uDBFF\u0041`, `\ud800\ud800`, `\ud800x`, `\ud83d\ude00\ud83d`, `\\\udfff`} {
		for _, member := range []string{"kind", "target_url", "description"} {
			err := new(webhook.Webhook).UnmarshalJSON([]byte(`{"` + member + `":"` + bad + `"}`))
			require.ErrorIs(t, err, webhook.ErrInvalidUTF8, "%q", bad)
			require.Equal(t, member, webhook.FieldErrors(err)[0].Field)
		}
		for _, member := range []string{"events", "project_names_filter", "environment_types_filter"} {
			err := new(webhook.Webhook).UnmarshalJSON([]byte(`{"` + member + `":["a","` + bad + `"]}`))
			require.ErrorIs(t, err, webhook.ErrInvalidUTF8, "%q", bad)
			require.Equal(t, member+"[1]", webhook.FieldErrors(err)[0].Field)
		}
		require.Equal(t, requiredWebhook(nil), fieldsOf(decode(t, object(`"x":"`+bad+`","y`+bad+`":1`))))
	}
	err := new(webhook.Webhook).UnmarshalJSON([]byte(`{"target_url":"https://chat.example/SECRET` + "\xff" + `"}`))
	require.EqualError(t, err, `target_url "https://chat.example": not valid UTF-8`)
}
