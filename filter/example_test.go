package filter_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// A webhook as the API answers it, and the event that a dispatcher has at hand.
func Example() {
	var w webhook.Webhook
	err := json.Unmarshal([]byte(`{
		"id": "3c90c3cc-0d44-4b50-8888-8dd25736052a", "created_at": "2023-11-07T05:31:56Z",
		"events": ["DEPLOYMENT_FAILURE"], "project_names_filter": ["product*", "*-api"]
	}`), &w)
	if err != nil {
		log.Fatal(err)
	}
	f, err := filter.Compile(&w)
	if err != nil {
		log.Fatal(err) // each fault with its field and value
	}
	event := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "Checkout-API", EnvironmentMode: webhook.Staging}
	fmt.Println(f.Match(event))
	fmt.Println(f.Explain(event).Clauses[2])
	// Output:
	// true
	// project_names_filter[1] "*-api" matches "Checkout-API"
}

func ExampleCompile() {
	_, err := filter.Compile(&webhook.Webhook{
		Events:             []webhook.EventType{"DEPLOYMENT_FAILED"},
		ProjectNamesFilter: []string{"product*", ""},
	})
	fmt.Println(err)
	// Output:
	// events[0] "DEPLOYMENT_FAILED": unknown value, did you mean DEPLOYMENT_FAILURE?
	// project_names_filter[1] "": empty
}

func ExampleFilter_Match() {
	f, err := filter.Compile(&webhook.Webhook{
		Enabled:            true,
		Events:             []webhook.EventType{webhook.DeploymentFailure},
		ProjectNamesFilter: []string{"product*", "[PR]*"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, project := range []string{"Products", "[pr] 128 checkout", "my product"} {
		fmt.Println(project, f.Match(webhook.Event{
			Type:            webhook.DeploymentFailure,
			ProjectName:     project,
			EnvironmentMode: webhook.Production,
		}))
	}
	// Output:
	// Products true
	// [pr] 128 checkout true
	// my product false
}

func ExampleFilter_Explain() {
	f, err := filter.Compile(&webhook.Webhook{
		Enabled:                true,
		Events:                 []webhook.EventType{webhook.DeploymentFailure},
		ProjectNamesFilter:     []string{"product*", "*-api"},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Production},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	x := f.Explain(webhook.Event{
		Type:            webhook.DeploymentFailure,
		ProjectName:     "Checkout-API",
		EnvironmentMode: webhook.Staging,
	})
	fmt.Println(x.Match())
	for _, clause := range x.Clauses {
		fmt.Println(clause)
	}
	if stopped, ok := x.StoppedBy(); ok {
		fmt.Println("stopped by", stopped.Name)
	}
	// Output:
	// false
	// enabled
	// events[0] "DEPLOYMENT_FAILURE" matches "DEPLOYMENT_FAILURE"
	// project_names_filter[1] "*-api" matches "Checkout-API"
	// environment_types_filter does not match "STAGING"
	// stopped by environment_types_filter
}
