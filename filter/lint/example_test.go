package lint_test

import (
	"fmt"

	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

func ExampleCheck() {
	for _, finding := range lint.Check(&webhook.Webhook{
		Enabled:            true,
		Events:             []webhook.EventType{webhook.DeploymentFailure},
		ProjectNamesFilter: []string{"product*", "Product-?", "^shop$"},
	}) {
		fmt.Println(finding.Code, finding.Field)
		fmt.Println(finding)
	}
	// Output:
	// shadowed-entry project_names_filter[1]
	// project_names_filter[1] "Product-?": every name that it matches is matched by project_names_filter[0] "product*" too (shadowed-entry)
	// looks-like-regexp-or-glob project_names_filter[2]
	// project_names_filter[2] "^shop$": "^" may be meant as a regular expression or a glob: here every character but * and ? stands for itself (looks-like-regexp-or-glob)
}
