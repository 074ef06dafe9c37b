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

// organizations prints what many organizations of few webhooks cost.
func (r *report) organizations() error {
	const webhooks, events = 100, 1 << 16
	g := workload.New(seed)
	ids := make([]uuid.UUID, r.size(10_000))
	for i := range ids {
		ids[i] = g.ID()
	}
	var err error
	x, bytes := measure.Grown(func() *filter.Index {
		x := filter.NewIndex()
		for _, id := range ids {
			for w := range measure.Webhooks(g, webhooks) {
				err = errors.Join(err, x.Put(id, w))
			}
		}
		return x
	})
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(seed, 0))
	organizations := make([]uuid.UUID, events)
	for i := range organizations {
		organizations[i] = ids[random.IntN(len(ids))]
	}
	sample := measure.Events(g, events)
	find := func(dst []*webhook.Webhook, i int) []*webhook.Webhook {
		return x.AppendMatches(dst, organizations[i], sample[i])
	}
	median := r.Medians(measure.Each(events, find))[0]
	r.table("Many organizations, random ones and events", "organizations", "webhooks of each", "matches", "time an event", "bytes a webhook in all")
	r.row(measure.Count(len(ids)), measure.Count(webhooks), measure.Number(measure.Matches(events, find)), measure.Duration(median), measure.Number(bytes/float64(x.Len())))
	return nil
}
