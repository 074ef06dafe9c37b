package filter_test

import (
	"encoding/json"
	"fmt"
	"log"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// This example decides whether a deployment event fires a webhook in the JSON of the API.
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
		log.Fatal(err) // each invalid element with its field and value
	}
	event := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "Checkout-API", EnvironmentMode: webhook.Staging}
	fmt.Println(f.Match(event))
	names, _ := f.Explain(event).Clause(filter.ClauseProjectNames)
	fmt.Println(names)
	// Output:
	// true
	// project_names_filter[1] "*-api" matches "Checkout-API"
}

func ExampleCompile() {
	_, err := filter.Compile(&webhook.Webhook{
		Events:             []webhook.EventType{webhook.DeploymentFailure, ""},
		ProjectNamesFilter: []string{"product*", ""},
	})
	fmt.Println(err)
	// Output:
	// events[1]: empty; project_names_filter[1]: empty
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
	fmt.Println(x.Fires)
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
	// environment_types_filter ["PRODUCTION"] does not match "STAGING"
	// stopped by environment_types_filter
}

func ExampleIndex() {
	organization := uuid.MustParse("8f36c487-4e75-4da9-a5bc-d7916f1acda0")
	x := filter.NewIndex()
	for name, entry := range map[string]string{"everything": "*", "checkout team": "checkout*", "pull requests": "[PR]*"} {
		err := x.Put(organization, &webhook.Webhook{
			ID:                 uuid.New(),
			Description:        name,
			Enabled:            true,
			Events:             []webhook.EventType{webhook.DeploymentFailure},
			ProjectNamesFilter: []string{entry},
		})
		if err != nil {
			log.Fatal(err) // each invalid element with its field and value
		}
	}
	var matches []*webhook.Webhook
	for _, project := range []string{"Checkout-API", "billing"} {
		matches = x.AppendMatches(matches[:0], organization, webhook.Event{
			Type:            webhook.DeploymentFailure,
			ProjectName:     project,
			EnvironmentMode: webhook.Production,
		})
		for _, w := range matches {
			fmt.Println(project, "fires", w.Description)
		}
	}
	// Unordered output:
	// Checkout-API fires everything
	// Checkout-API fires checkout team
	// billing fires everything
}

// This example finds out why an event does not fire a webhook.
func ExampleIndex_Explain() {
	organization := uuid.MustParse("8f36c487-4e75-4da9-a5bc-d7916f1acda0")
	w := &webhook.Webhook{
		ID:                 uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a"),
		Enabled:            true,
		Events:             []webhook.EventType{webhook.DeploymentFailure},
		ProjectNamesFilter: []string{"product*", "*-api"},
	}
	x := filter.NewIndex()
	if err := x.Put(organization, w); err != nil {
		fmt.Println(err)
		return
	}
	event := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "billing", EnvironmentMode: webhook.Production}
	if explanation, ok := x.Explain(organization, w.ID, event); ok {
		clause, _ := explanation.StoppedBy()
		fmt.Println(clause)
	}
	// Output:
	// project_names_filter ["product*" "*-api"] does not match "billing": "*-api" expects "-" after "billing", the name ends
}
