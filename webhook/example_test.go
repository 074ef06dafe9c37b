package webhook_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// This example decodes a webhook. Unknown values are kept, and Validate reports them.
func Example() {
	const body = `{
		"id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
		"created_at": "2023-11-07T05:31:56Z",
		"kind": "SLACK",
		"target_url": "hooks.slack.com/services/T0/B0/token",
		"events": ["DEPLOYMENT_FAILED"],
		"project_names_filter": ["checkout*", ""]
	}`
	var w webhook.Webhook
	if err := json.Unmarshal([]byte(body), &w); err != nil {
		log.Fatal(err)
	}
	fmt.Println("enabled:", w.Enabled)
	for _, problem := range webhook.FieldErrors(w.Validate()) {
		fmt.Println(problem)
	}
	// Output:
	// enabled: true
	// target_url "[redacted]": not an absolute http:// or https:// URL with a host
	// events[0] "DEPLOYMENT_FAILED": unknown value, did you mean DEPLOYMENT_FAILURE?
	// project_names_filter[1]: empty
}

func ExampleWebhook_Validate() {
	w := webhook.Webhook{
		ID:        uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a"),
		CreatedAt: time.Date(2023, time.November, 7, 5, 31, 56, 0, time.UTC),
		TargetURL: "https://example.com/hook",
		Events:    []webhook.EventType{webhook.DeploymentStarted, webhook.DeploymentFailure},
	}
	fmt.Println(w.Validate())

	w.EnvironmentTypesFilter = []webhook.EnvironmentMode{webhook.Staging, "PRODUCTON"}
	fmt.Println(w.Validate())
	// Output:
	// <nil>
	// environment_types_filter[1] "PRODUCTON": unknown value, did you mean PRODUCTION?
}

func ExampleFieldError() {
	w := webhook.Webhook{ProjectNamesFilter: []string{"checkout*", ""}}
	err := w.ValidateFilters()

	var fieldErr *webhook.FieldError
	if errors.As(err, &fieldErr) {
		fmt.Println("field:", fieldErr.Field)
		fmt.Println("empty:", errors.Is(fieldErr, webhook.ErrEmpty))
	}
	// Output:
	// field: project_names_filter[1]
	// empty: true
}

// This example decodes the list of an organization's webhooks, as curl receives it. A
// webhook that cannot be decoded is reported, and the others are returned.
func ExampleDecodeList() {
	body := strings.NewReader(`{"results": [
		{"id": "3c90c3cc-0d44-4b50-8888-8dd25736052a", "created_at": "2023-11-07T05:31:56Z"},
		{"id": "7f2b1a90-1f0e-4f57-9d55-3f3ac0a5ce0d", "created_at": "2023-11-08T09:00:00Z", "events": "DEPLOYMENT_FAILURE"}
	]}`)
	webhooks, problems, err := webhook.DecodeList(body)
	if err != nil {
		log.Fatal(err) // body is not a list
	}
	for _, w := range webhooks {
		fmt.Println("decoded:", w.ID)
	}
	for _, problem := range problems {
		fmt.Println(problem)
	}
	// Output:
	// decoded: 3c90c3cc-0d44-4b50-8888-8dd25736052a
	// results[1].events (webhook 7f2b1a90-1f0e-4f57-9d55-3f3ac0a5ce0d): want a list of strings, got the string "DEPLOYMENT_FAILURE"
}

// Decoding accepts an event without a mode, which would fire webhooks that do not filter by
// mode. Validate reports it.
func ExampleEvent_Validate() {
	var e webhook.Event
	if err := json.Unmarshal([]byte(`{"event_type": "DEPLOYMENT_FAILURE", "project_name": "shop"}`), &e); err != nil {
		log.Fatal(err)
	}
	fmt.Println(e.Validate())
	// Output:
	// environment_mode: required
}
