package webhook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// An error leaves the receiver unchanged. A decoded webhook can be encoded, and decoding the
// result gives an equal webhook.
func FuzzWebhookJSON(f *testing.F) {
	f.Add([]byte(documented))
	f.Add([]byte(`{}`))
	f.Add([]byte(`null`))
	f.Add([]byte(object(`"kind":"","target_url":"","description":"","events":[],"project_names_filter":[],"environment_types_filter":[]`)))
	f.Add([]byte(object(`"updated_at":null,"enabled":null,"events":null,"unknown":{"a":[1e400]}`)))
	f.Add([]byte(object(`"updated_at":"0001-01-01T05:30:00+05:30"`)))
	f.Add([]byte(object(`"enabled":false,"target_secret_set":false,"target_url":"https://example.com/<a>?b&c"`)))
	f.Add([]byte("{\"description\":\"\xff\xc0\xaf\",\"project_names_filter\":[\"\\ud800\"]}"))
	for _, test := range undecodable {
		f.Add([]byte(test.body))
	}

	f.Fuzz(func(t *testing.T, data []byte) {
		// json.Unmarshal would check the syntax before it calls UnmarshalJSON.
		first := documentedWebhook()
		if err := first.UnmarshalJSON(data); err != nil {
			require.Equal(t, documentedWebhook(), first)
			require.True(t, errors.Is(err, webhook.ErrInvalidFormat) || errors.Is(err, webhook.ErrDuplicate) || errors.Is(err, webhook.ErrMisspelled) || errors.Is(err, webhook.ErrInvalidUTF8), "%v", err)
			require.NotContains(t, err.Error(), "\n")
			if tooDeep := strings.Contains(err.Error(), "nested deeper"); !tooDeep {
				require.Equal(t, json.Valid(data), len(webhook.FieldErrors(err)) > 0, "%v", err)
			}
			return
		}
		encoded := encode(t, first)
		require.True(t, json.Valid([]byte(encoded)))

		second := decode(t, encoded)
		require.Equal(t, inPlainZones(first), inPlainZones(second))
		require.Equal(t, encoded, encode(t, second))

		for _, w := range []webhook.Webhook{first, second} {
			require.NotEmpty(t, w.String())
			require.NotEmpty(t, fmt.Sprint(w.LogValue()))
			err := w.Validate()
			for _, fieldErr := range fieldErrorsOf(t, err) {
				require.NotEmpty(t, fieldErr.Field)
			}
			if err != nil {
				require.NotEmpty(t, err.Error())
			}
		}
	})
}

// Either DecodeList returns an error, or each element of the list is returned or has a
// problem.
func FuzzDecodeList(f *testing.F) {
	f.Add([]byte(results(item(firstID, ""), item(secondID, `,"events":["A",5]`), item(firstID, ""))))
	f.Add([]byte("\ufeff" + results("1", "null", "{}", `{"id":"x"}`)))
	f.Add([]byte(results(`{"id":"` + firstID + `","created_at":"2023-11-07T05:31:56+24:00","ID":5}`)))
	f.Add([]byte(`{"results":null,"Results":[{}]}`))
	f.Add([]byte(`{"results":[],"results":[{}]}`))
	f.Add([]byte(results(item(firstID, `,"events":["A"],"events":[null],"Enabled":true`))))
	f.Add([]byte("\x1f\x8b"))
	f.Add([]byte("{\x00}\x00"))
	f.Add([]byte("["))
	f.Fuzz(func(t *testing.T, data []byte) {
		webhooks, problems, err := webhook.DecodeList(bytes.NewReader(data))
		if err != nil {
			require.Nil(t, webhooks)
			require.Nil(t, problems)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		places := map[string]bool{}
		for _, problem := range problems {
			require.NotContains(t, problem.Error(), "\n")
			place, _, _ := strings.Cut(problem.Field, ".")
			places[place] = true
		}
		var list struct{ Results []json.RawMessage }
		require.NoError(t, json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &list))
		if !places["results"] { // without an ErrMore, every element with a problem is listed
			require.Len(t, list.Results, len(webhooks)+len(places))
		}
		ids := map[uuid.UUID]bool{}
		for _, w := range webhooks {
			require.False(t, w.ID == uuid.Nil || ids[w.ID], "a zero or repeated id: %s", w.ID)
			ids[w.ID] = true
			_, err := w.MarshalJSON()
			require.NoError(t, err)
		}
	})
}
