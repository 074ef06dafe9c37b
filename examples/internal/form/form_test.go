package form_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

func TestName(t *testing.T) {
	for text, want := range map[string]string{
		`{"id":"","created_at":"","kind":"","target_url":"","events":[]}`:  "a webhook",
		`{"kind":"","target_url":"","events":[]}`:                          "a webhook",
		`{"id":"","events":null,"name":"","organization":{},"status":""}`:  "a webhook", // with members of a newer API
		`{"id":"","organization_id":"","events":[]}`:                       "a webhook",
		`{"organization_id":"","target_url":"","events":[]}`:               "a webhook",
		`{"organization_id":"","event_type":"","payload":{}}`:              "an event",
		`{"event_type":"","project_name":""}`:                              "an event",
		`{"organization_id":"","events":[]}`:                               "a file of expectations",
		`{"created_at":"","event_type":"","payload_type":"","payload":{}}`: "a delivered request",
		`{"id":"","kind":"","matched_event":"","request":{}}`:              "a past delivery",
		`{"id":"","kind":"","target_url_used":"","payload":{}}`:            "a past delivery",
		`{"specversion":"1.0","id":"","data":{}}`:                          "a CloudEvents envelope",
		`{"id":"","name":"","organization":{}}`:                            "a project",
		`{"id":"","name":"","mode":"","project":{},"organization":{}}`:     "an environment",
		`{"results":[]}`:   "a response of a list call",
		`{"results":{}}`:   "a response of a list call whose results are not a list",
		`{"results":null}`: "a response of a list call whose results are not a list",
		`{"timestamp":"","status":401,"error":"Unauthorized","path":"/"}`: "an error response, status 401",
		`{"status":"UNAUTHORIZED"}`:                                       "an error response",
		`{"message":"s3cret"}`:                                            "an error response",
		`{"error":{}}`:                                                    "an error response",
		`{"id":"","message":""}`:                                          "",
		`{}`:                                                              "",
		`[]`:                                                              "",
		`"webhook"`:                                                       "",
	} {
		v, err := jsonvalue.Parse([]byte(text))
		require.NoError(t, err)
		require.Equal(t, want, form.Name(v), text)
	}
}

func TestTime(t *testing.T) {
	for _, at := range []time.Time{
		time.Date(2023, 11, 7, 5, 31, 56, 0, time.UTC),
		time.Date(2023, 11, 7, 5, 31, 56, 123456789, time.UTC),
		time.Date(2023, 11, 7, 5, 31, 56, 500000000, time.FixedZone("CEST", 7200)),
		time.Date(2023, 11, 7, 5, 31, 56, 0, time.FixedZone("", -(5*60+30)*60)),
		{},
	} {
		got, ok := form.Time(at.String())
		require.True(t, ok, at)
		require.True(t, at.Equal(got), at)
	}
	for _, s := range []string{"", " ", "2023-11-07T05:31:56Z", "2023-11-07 05:31:56", "2023-11-07 05:31:56 +0000", "2023-11-07 05:31:56 +0000 UTC m=+0.1",
		"2023-11-07 05:31:56.50 +0000 UTC", "2023-13-07 05:31:56 +0000 UTC", "2023-11-07  05:31:56 +0000 UTC"} {
		_, ok := form.Time(s)
		require.False(t, ok, s)
	}
}
