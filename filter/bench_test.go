package filter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

func BenchmarkMatch(b *testing.B) {
	f := filtertest.MustCompile(&webhook.Webhook{
		Enabled:                true,
		Events:                 []webhook.EventType{webhook.DeploymentStarted, webhook.DeploymentFailure},
		ProjectNamesFilter:     []string{"product*", "*-api", "billing"},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Production, webhook.Staging},
	})
	b.ReportAllocs()
	for b.Loop() {
		if !f.Match(filtertest.Named("Checkout-API")) {
			b.Fatal("does not fire")
		}
	}
}

// BenchmarkHostile tests names that consist of the letter a against entries that do not
// match them. The time may grow in proportion to the number of entries and to the length of
// the name.
func BenchmarkHostile(b *testing.B) {
	for _, shape := range []struct {
		name, entry string
		entries     [2]int
	}{
		// The end of the name rules out a match.
		{"*a*a…b", hostile("", "*a", "b"), [2]int{1000, 2000}},
		// The end of the name does not rule out a match, here and below.
		{"*a*a…b?", hostile("", "*a", "b?"), [2]int{10, 20}},
		{"*a*ab?", "*a*ab?", [2]int{10, 20}},
		// Much of the entry may be compared at each position of the name.
		{"*a*aaa…b?*", hostile("*a*", "a", "b?*"), [2]int{1, 2}},
		{"*a?a?…b*", hostile("*", "a?", "b*"), [2]int{1, 2}},
	} {
		for _, entries := range shape.entries {
			for _, length := range []int{10_000, 20_000} {
				b.Run(fmt.Sprintf("entry=%s/entries=%d/name=%dkB", shape.name, entries, length/1000), func(b *testing.B) {
					list := make([]string, entries)
					for i := range list {
						list[i] = shape.entry
					}
					f := filtertest.MustCompile(filtertest.RestrictedTo(list...))
					e := filtertest.Named(strings.Repeat("a", length))
					b.ReportAllocs()
					for b.Loop() {
						if f.Match(e) {
							b.Fatal("fires")
						}
					}
				})
			}
		}
	}
}
