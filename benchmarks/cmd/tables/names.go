package main

import (
	"strings"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// names prints the cost of an event with a long name that repeats every trigram of the
// index.
func (r *report) names() error {
	x := filter.NewIndex()
	var filters []*filter.Filter
	for i, entry := range []string{"*abc*", "*bca*", "*cab*"} {
		w := &webhook.Webhook{Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: []string{entry}}
		w.ID[0] = byte(i + 1)
		f, err := filter.Compile(w)
		if err == nil {
			err = x.Put(organization, w)
		}
		if err != nil {
			return err
		}
		filters = append(filters, f)
	}
	r.table("Long names, `abcabc…` against `*abc*`, `*bca*` and `*cab*`", "bytes", "Index", "growth", "three calls of Match", "Index ÷ Match")
	last := 0.
	for n := 8 << 10; n <= 1<<20/r.divisor || n == 8<<10; n *= 2 {
		e := webhook.Event{Type: webhook.DeploymentStarted, ProjectName: strings.Repeat("abc", n/3), EnvironmentMode: webhook.Production}
		find := func(dst []*webhook.Webhook, _ int) []*webhook.Webhook { return x.AppendMatches(dst, organization, e) }
		loop := func(n int) {
			for range n {
				for _, f := range filters {
					f.Match(e)
				}
			}
		}
		medians := r.Medians(measure.Each(1, find), loop)
		growth := ""
		if last > 0 {
			growth = times(medians[0], last)
		}
		last = medians[0]
		r.row(measure.Count(n), measure.Duration(medians[0]), growth, measure.Duration(medians[1]), times(medians[0], medians[1]))
	}
	return nil
}
