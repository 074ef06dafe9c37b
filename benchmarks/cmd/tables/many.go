package main

import (
	"slices"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
)

// many prints the cost of finding the webhooks that an event fires.
func (r *report) many() error {
	for _, w := range []measure.Workload{
		{Projects: workload.Wide, Named: true}, {Projects: workload.Wide}, {Projects: workload.Narrow},
	} {
		columns := append([]string{"webhooks", "matches"}, measure.Contenders()...)
		for _, name := range measure.Contenders()[1:] {
			columns = append(columns, name+" ÷ hookfilter")
		}
		which := ""
		if w.Named {
			which = ", no match-all webhooks"
		}
		r.table("Many webhooks of one organization, "+measure.Count(w.Projects)+" project names"+which,
			append(columns, "hookfilter ÷ copying the result", "overhead (bytes/webhook)", "total (bytes/webhook)")...)
		last := 0
		for _, size := range []int{1, 10, 100, 1000, 10_000, 100_000, 1_000_000} {
			n := max(1, size/r.divisor)
			if n == last {
				continue
			}
			last = n
			if err := r.manyRow(n, w); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *report) manyRow(n int, w measure.Workload) error {
	m, err := r.Many(n, w)
	if err != nil {
		return err
	}
	cells := []string{measure.Count(m.Webhooks), measure.Number(m.Matches)}
	for _, t := range m.Times {
		cells = append(cells, measure.Duration(measure.Median(t)))
	}
	for _, t := range m.Times[1:] {
		cells = append(cells, spread(t, m.Times[0]))
	}
	copying := m.Times[len(m.Times)-1]
	r.row(append(cells, spread(m.Times[0], copying), measure.Number(m.Overhead), measure.Number(m.Bytes))...)
	return nil
}

// spread returns the lowest and the highest ratio of a to b among the runs.
func spread(a, b []float64) string {
	var ratios []float64
	for i := range a {
		ratios = append(ratios, a[i]/b[i])
	}
	return measure.Number(slices.Min(ratios)) + " to " + measure.Number(slices.Max(ratios)) + " ×"
}
