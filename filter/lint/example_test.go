package lint_test

import (
	"fmt"

	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

func ExampleCheck() {
	for _, finding := range lint.Check(&webhook.Webhook{
		Enabled:            true,
		Events:             []webhook.EventType{webhook.DeploymentFailure, "DEPLOYMENT_CANCELED"},
		ProjectNamesFilter: []string{"product*", "Product-1", "^shop$", "*-api"},
	}) {
		fmt.Println(finding.Code, finding.Field)
		fmt.Println(finding)
	}
	// Output:
	// unknown-value events[1]
	// events[1] "DEPLOYMENT_CANCELED": unknown value, did you mean DEPLOYMENT_CANCELLED? (unknown-value)
	// shadowed-entry project_names_filter[1]
	// project_names_filter[1] "Product-1": every name that it matches is also matched by project_names_filter[0] "product*" (shadowed-entry)
	// looks-like-regexp-or-glob project_names_filter[2]
	// project_names_filter[2] "^shop$": "^" may be meant as a regular expression or a glob: here every character except * and ? stands for itself (looks-like-regexp-or-glob)
	// undocumented-wildcard project_names_filter[3]
	// project_names_filter[3] "*-api": the API documents only a * at the end: the vendor's own engine may treat ? and any other * differently (undocumented-wildcard)
}
