package analysis_test

import (
	"fmt"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/webhook"
)

func ExampleWitness() {
	failures := func(modes []webhook.EnvironmentMode, names ...string) *webhook.Webhook {
		return &webhook.Webhook{
			Enabled:                true,
			Events:                 []webhook.EventType{webhook.DeploymentFailure},
			ProjectNamesFilter:     names,
			EnvironmentTypesFilter: modes,
		}
	}
	ask := func(question string, fires, silent []*webhook.Webhook) {
		switch e, found, err := analysis.Witness(fires, silent); {
		case err != nil:
			fmt.Println(question, err)
		case found:
			fmt.Printf("%s %s of %q in %s\n", question, e.Type, e.ProjectName, e.EnvironmentMode)
		default:
			fmt.Println(question, "no event")
		}
	}
	type list = []*webhook.Webhook
	production := []webhook.EnvironmentMode{webhook.Production}

	before := failures(production, "checkout-*", "payments")
	after := failures(production, "checkout*")
	ask("The edit adds:", list{after}, list{before})
	ask("The edit removes:", list{before}, list{after})

	reordered := failures(production, "PAYMENTS", "Checkout-*")
	ask("Before, and not when reordered:", list{before}, list{reordered})
	ask("When reordered, and not before:", list{reordered}, list{before})

	pager := failures(nil, "*-eu")
	ask("Fires both:", list{before, pager}, nil)

	shop := failures(production, "shop*")
	bare, tail := failures(nil, "shop"), failures(nil, "shop?*")
	ask("Not covered by two others:", list{shop}, list{bare, tail})
	ask("Not covered by one of them:", list{shop}, list{tail})

	ask("A failure in production that reaches no webhook:", list{failures(production)}, list{before, pager, shop})

	ask("Can fire:", list{pager}, nil)
	ask("Can fire without events:", list{{Enabled: true}}, nil)
	// Output:
	// The edit adds: DEPLOYMENT_FAILURE of "checkout" in PRODUCTION
	// The edit removes: DEPLOYMENT_FAILURE of "payments" in PRODUCTION
	// Before, and not when reordered: no event
	// When reordered, and not before: no event
	// Fires both: DEPLOYMENT_FAILURE of "checkout-eu" in PRODUCTION
	// Not covered by two others: no event
	// Not covered by one of them: DEPLOYMENT_FAILURE of "shop" in PRODUCTION
	// A failure in production that reaches no webhook: DEPLOYMENT_FAILURE of "a" in PRODUCTION
	// Can fire: DEPLOYMENT_FAILURE of "-eu" in DEVELOPMENT
	// Can fire without events: no event
}
