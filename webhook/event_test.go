package webhook_test

import (
	"encoding/json"
	"testing"

	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

func TestEvent(t *testing.T) {
	for _, test := range []struct {
		name, in, out string
		want          webhook.Event
	}{
		{"a line of an event file",
			`{"organization_id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","event_type":"DEPLOYMENT_STARTED","project_name":"[PR] 128 checkout","environment_mode":"PREVIEW"}`,
			`{"event_type":"DEPLOYMENT_STARTED","project_name":"[PR] 128 checkout","environment_mode":"PREVIEW"}`,
			webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "[PR] 128 checkout", EnvironmentMode: webhook.Preview}},
		{"unknown values are kept",
			`{"event_type":"DEPLOYMENT_QUEUED","project_name":"Straße <日本> & more","environment_mode":"qa"}`,
			`{"event_type":"DEPLOYMENT_QUEUED","project_name":"Straße <日本> & more","environment_mode":"qa"}`,
			webhook.Event{Type: "DEPLOYMENT_QUEUED", ProjectName: "Straße <日本> & more", EnvironmentMode: "qa"}},
		{"no fields",
			`{}`,
			`{"event_type":"","project_name":"","environment_mode":""}`,
			webhook.Event{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var e webhook.Event
			require.NoError(t, json.Unmarshal([]byte(test.in), &e))
			require.Equal(t, test.want, e)
			require.Equal(t, test.out, encode(t, e))
			require.Equal(t, test.out, encode(t, &e))
		})
	}

	for name, in := range map[string]string{
		"type a number":  `{"event_type":1}`,
		"name a list":    `{"project_name":["a"]}`,
		"mode an object": `{"environment_mode":{}}`,
		"a list":         `[]`,
		"two objects":    `{} {}`,
		"truncated":      `{"project_name":"a`,
	} {
		t.Run(name, func(t *testing.T) {
			require.Error(t, json.Unmarshal([]byte(in), new(webhook.Event)))
		})
	}
}

func TestEventValidate(t *testing.T) {
	for _, test := range []struct {
		name string
		e    webhook.Event
		want []fieldError
	}{
		{"documented", webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "shop", EnvironmentMode: webhook.Staging}, nil},
		{"undocumented values", webhook.Event{Type: "DEPLOYMENT_QUEUED", ProjectName: " ", EnvironmentMode: "qa"}, nil},
		{"no type", webhook.Event{ProjectName: "shop", EnvironmentMode: webhook.Staging}, []fieldError{{"event_type", "", webhook.ErrRequired}}},
		{"no name", webhook.Event{Type: webhook.DeploymentFailure, EnvironmentMode: webhook.Staging}, []fieldError{{"project_name", "", webhook.ErrRequired}}},
		{"no mode", webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "shop"}, []fieldError{{"environment_mode", "", webhook.ErrRequired}}},
		{"no fields", webhook.Event{}, []fieldError{
			{"event_type", "", webhook.ErrRequired}, {"project_name", "", webhook.ErrRequired}, {"environment_mode", "", webhook.ErrRequired},
		}},
	} {
		t.Run(test.name, func(t *testing.T) { requireFieldErrors(t, test.want, test.e.Validate()) })
	}
	require.EqualError(t, webhook.Event{}.Validate(), "event_type: required; project_name: required; environment_mode: required")
}

func TestEncodedEventDecodesEqual(t *testing.T) {
	check(t, 300, "an event", prop.ForAll(func(eventType, name, mode string) string {
		var f failures
		want := webhook.Event{
			Type: webhook.EventType(eventType), ProjectName: name, EnvironmentMode: webhook.EnvironmentMode(mode),
		}
		var got webhook.Event
		require.NoError(&f, json.Unmarshal([]byte(encode(&f, want)), &got))
		require.Equal(&f, want, got)
		return f.String()
	}, gen.OneGenOf(oneOf("DEPLOYMENT_STARTED"), text()), text(), gen.OneGenOf(oneOf("STAGING"), text())))
}
