package analysis_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/webhook"
)

// organization returns n webhooks with filters of all usual forms.
func organization(n int) (ws hooks) {
	forms := []string{"team-%d-*", "*-service-%d", "service-%d", "*-%d-*", "team-%d-*-eu", "[PR %d]*", "Region %d / *", "v%d.?-*"}
	for i := range n {
		w := names(fmt.Sprintf(forms[i%len(forms)], i), fmt.Sprintf(forms[(i+3)%len(forms)], n+i))
		w.Events = webhook.EventTypes()[i%4:]
		w.EnvironmentTypesFilter = webhook.EnvironmentModes()[i%5:]
		ws = append(ws, w)
	}
	return ws
}

// scope returns a webhook that fires for the failures of some projects in production.
func scope(entries ...string) *webhook.Webhook {
	w := names(entries...)
	w.Events, w.EnvironmentTypesFilter = types(webhook.DeploymentFailure), []webhook.EnvironmentMode{webhook.Production}
	return w
}

// covered returns an organization of n webhooks, one of which fires for all failures of
// projects with a 1 in their names. To prove that each of these failures reaches a webhook, the
// search has to follow the other webhooks too.
func covered(n int) hooks {
	return append(organization(n-1), names("*1*"))
}

func BenchmarkWitness(b *testing.B) {
	org := organization(1000)
	for _, bench := range []struct {
		name          string
		fires, silent hooks
		found         bool
	}{
		{"pair", hooks{names("checkout-*", "payments")}, hooks{names("checkout*", "*-eu")}, true},
		{"pair/proof", hooks{names("checkout-*", "payments-eu")}, hooks{names("checkout*", "*-eu")}, false},
		{"webhooks=1000", hooks{scope("*1*")}, org, true},
		{"webhooks=1000/proof", hooks{scope("*-1*")}, covered(1000), false},
		{"webhooks=300/proof", hooks{scope("*-1*")}, covered(300), false},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, found, err := analysis.Witness(bench.fires, bench.silent)
				require.NoError(b, err)
				require.Equal(b, bench.found, found)
			}
		})
	}
}

// anyDigit returns ten webhooks, which together fire for all names with a digit.
func anyDigit() (ws hooks) {
	for digit := range 10 {
		ws = append(ws, names(fmt.Sprintf("*%d*", digit)))
	}
	return ws
}

// Questions that exceed a limit take the longest: the documentation of Witness states this time.
func BenchmarkTooComplex(b *testing.B) {
	for _, h := range hostile() {
		b.Run(h.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				analysis.Witness(h.fires, h.silent)
			}
		})
	}
}
