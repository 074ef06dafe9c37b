package main

import (
	"errors"
	"math/rand/v2"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// churn prints the memory and the speed of an index after many replacements. At the end, the
// index has its original webhooks again, and is compared with an index in which no webhook
// was replaced.
func (r *report) churn() error {
	n, replacements := r.size(100_000), r.replacements/r.divisor
	fresh := &churned{ids: make([]uuid.UUID, n)}
	restored := &churned{ids: make([]uuid.UUID, n)}
	var heaps []float64
	for _, change := range []func() error{
		fresh.putOriginals,
		func() error { return errors.Join(restored.putOriginals(), restored.putOthers(replacements)) },
		restored.putOriginals,
	} {
		err, grown := measure.Grown(change)
		if err != nil {
			return err
		}
		heaps = append(heaps, grown)
	}
	heaps[2] += heaps[1]

	const events = 1024
	sample := measure.Events(workload.New(seed, workload.Narrow), events)
	find := func(x *churned) measure.Find {
		return func(dst []*webhook.Webhook, i int) []*webhook.Webhook {
			return x.index.AppendMatches(dst, organization, sample[i])
		}
	}
	medians := r.Medians(measure.Each(events, find(fresh)), measure.Each(events, find(restored)))

	r.table("Replacing random webhooks "+measure.Count(replacements)+" times", "", "webhooks", "heap", "matches", "time per event")
	heap := func(i int) string { return measure.Number(heaps[i]/1e6) + " MB" }
	r.row("without replacements", measure.Count(fresh.index.Len()), heap(0),
		measure.Number(measure.Matches(events, find(fresh))), measure.Duration(medians[0]))
	r.row("after the replacements", measure.Count(n), heap(1), "", "")
	r.row("after restoring the original webhooks", measure.Count(restored.index.Len()), heap(2),
		measure.Number(measure.Matches(events, find(restored))), measure.Duration(medians[1]))
	return nil
}

// churned is an index of webhooks that are replaced.
type churned struct {
	index filter.Index
	ids   []uuid.UUID
}

// putOriginals puts the original webhooks and sets x.ids.
func (x *churned) putOriginals() error {
	g := workload.New(seed, workload.Narrow)
	for i := range x.ids {
		w := g.Webhook()
		x.ids[i] = w.ID
		if err := x.index.Put(organization, w); err != nil {
			return err
		}
	}
	return nil
}

// putOthers replaces a random webhook by one with other entries, n times.
func (x *churned) putOthers(n int) error {
	random := rand.New(rand.NewPCG(seed, 0))
	var g *workload.Generator
	for i := range n {
		if i%len(x.ids) == 0 {
			g = workload.New(uint64(seed+1+i/len(x.ids)), workload.Narrow)
		}
		w := g.Webhook()
		w.ID = x.ids[random.IntN(len(x.ids))]
		if err := x.index.Put(organization, w); err != nil {
			return err
		}
	}
	return nil
}
