package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

// The worst pair of entries: the time grows with the square of their length.
func BenchmarkLintWorstPair(b *testing.B) {
	for _, length := range []int{webhook.MaxProjectNamesFilterEntry / 2, webhook.MaxProjectNamesFilterEntry} {
		b.Run(fmt.Sprintf("length=%d", length), func(b *testing.B) {
			w := filtertest.RestrictedTo("*"+strings.Repeat("a", length/2)+"b*", strings.Repeat("a", length))
			b.ReportAllocs()
			for b.Loop() {
				lint.Check(w)
			}
		})
	}
}

// Lists of entries that do not start with * and lists of entries that do: the time grows
// with the square of the number of entries.
func BenchmarkLintEntries(b *testing.B) {
	for _, shape := range []string{"team-%d-*", "*-team-%d-*"} {
		for _, n := range []int{100, 1000} {
			b.Run(fmt.Sprintf("entry=%s/entries=%d", shape, n), func(b *testing.B) {
				entries := make([]string, n)
				for i := range entries {
					entries[i] = fmt.Sprintf(shape, i)
				}
				w := filtertest.RestrictedTo(entries...)
				b.ReportAllocs()
				for b.Loop() {
					lint.Check(w)
				}
			})
		}
	}
}
