package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A list in the form of the vendor's CLI is served in the API's form. A create request is not
// served, and its secret is not shown.
func TestFormsOfWebhooks(t *testing.T) {
	cli := `[{"id":"` + first + `","created_at":"2023-11-07 05:31:56.5 +0000 UTC","target_secret":"s3cret"},` +
		`{"description":"a request","target_secret":"s3cret","target_url":"https://host/x","kind":"STANDARD","events":[]}]`
	p := start(t, "-webhooks", folder(t, map[string]string{acme: cli, acme + ".projects": `{"results":[]}`, acme + ".environments": "null"}))
	report := p.until(p.stderr, "not served")
	require.Contains(t, report, "results[1].id: required: this is a request to create or edit a webhook")
	require.NotContains(t, report, "s3cret")
	status, body := get(t, "GET", p.list, p.listHeader)
	require.Equal(t, 200, status)
	require.Equal(t, `{"results":[{"id":"`+first+`","created_at":"2023-11-07T05:31:56.5Z"}]}`, strings.TrimSpace(body))
}
