package webhook_test

import (
	"testing"

	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

func TestEncodedWebhookDecodesEqual(t *testing.T) {
	check(t, 1000, "a webhook made in Go", prop.ForAll(func(w webhook.Webhook) string {
		var f failures
		require.Equal(&f, inPlainZones(w), inPlainZones(decode(&f, encode(&f, w))))
		return f.String()
	}, goWebhook()))

	check(t, 1000, "a webhook that was decoded", prop.ForAll(func(body string) string {
		var f failures
		w := decode(&f, body)
		require.Equal(&f, inPlainZones(w), inPlainZones(decode(&f, encode(&f, w))))
		return f.String()
	}, document()))
}

func TestDecodedDocumentEncodesTheSame(t *testing.T) {
	check(t, 1000, "the bytes are the same", prop.ForAll(func(body string) string {
		var f failures
		require.Equal(&f, body, encode(&f, decode(&f, body)))
		return f.String()
	}, document()))
}

// The presence bits of a decoded webhook do not hide a change of its fields.
func TestChangedWebhookDecodesEqual(t *testing.T) {
	check(t, 1000, "the fields are the same", prop.ForAll(func(body string, change webhook.Webhook) string {
		var f failures
		w := decode(&f, body)
		setFields(&w, change)
		require.Equal(&f, fieldsOf(change), fieldsOf(decode(&f, encode(&f, w))))
		return f.String()
	}, document(), goWebhook()))
}
