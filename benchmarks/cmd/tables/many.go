package main

import "github.com/hookfilter/hookfilter/benchmarks/internal/measure"

// many prints what it costs to find the webhooks that an event fires.
func (r *report) many() error {
	columns := []string{"webhooks", "matches"}
	for _, name := range measure.Contenders() {
		columns = append(columns, name)
	}
	for _, name := range measure.Contenders()[1:] {
		columns = append(columns, name+", to ours")
	}
	r.table("Many webhooks of one organization, one event", append(columns, "bytes a webhook beyond itself", "in all")...)
	for _, n := range []int{1000, 10_000, 100_000, 1_000_000} {
		m, err := r.Many(r.size(n))
		if err != nil {
			return err
		}
		cells := []string{measure.Count(m.Webhooks), measure.Number(m.Matches)}
		for _, t := range m.Times {
			cells = append(cells, measure.Duration(t))
		}
		for _, t := range m.Times[1:] {
			cells = append(cells, times(t, m.Times[0]))
		}
		r.row(append(cells, measure.Number(m.Beyond), measure.Number(m.Bytes))...)
	}
	return nil
}
