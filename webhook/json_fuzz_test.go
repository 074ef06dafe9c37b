package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// Any bytes: what is no webhook changes nothing, and what is one encodes to a
// document that says the same.
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
		// UnmarshalJSON itself, since json.Unmarshal shields it from what is no JSON.
		first := documentedWebhook()
		if err := first.UnmarshalJSON(data); err != nil {
			require.Equal(t, documentedWebhook(), first)
			require.ErrorIs(t, err, webhook.ErrInvalidFormat)
			isObject := json.Valid(data) && bytes.HasPrefix(bytes.TrimSpace(data), []byte("{"))
			require.Equal(t, isObject, len(webhook.Faults(err)) > 0)
			if json.Valid(data) {
				require.NotContains(t, err.Error(), "json: ")
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
			for _, fault := range faultsOf(t, err) {
				require.NotEmpty(t, fault.Field)
			}
			if err != nil {
				require.NotEmpty(t, err.Error())
			}
		}
	})
}
