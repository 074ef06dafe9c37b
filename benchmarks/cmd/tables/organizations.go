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

// shapes lists numbers of organizations, and of webhooks per organization.
var shapes = []struct{ organizations, webhooks int }{
	{1_000_000, 1}, {300_000, 1}, {300_000, 3}, {100_000, 10}, {1, 10}, {10_000, 100},
}

// organizations prints the cost of many organizations with few webhooks each.
func (r *report) organizations() error {
	r.table("Many organizations, events of random ones", "organizations × webhooks", "matches", "Index",
		"loop over Filters", "Index ÷ loop", "Get", "Index ÷ Get", "total (bytes/webhook)")
	for _, shape := range shapes {
		n := shape.organizations
		if n > 1 {
			n = r.size(n)
		}
		p, err := newPlatform(n, shape.webhooks)
		if err != nil {
			return err
		}
		medians := r.Medians(measure.Each(events, p.find), measure.Each(events, p.loop), measure.Each(events, p.get))
		r.row(measure.Count(n)+" × "+measure.Count(shape.webhooks), measure.Number(measure.Matches(events, p.find)),
			measure.Duration(medians[0]), measure.Duration(medians[1]), times(medians[0], medians[1]),
			measure.Duration(medians[2]), times(medians[0], medians[2]), measure.Number(p.bytes))
	}
	return nil
}

// events is the number of distinct events. Each is of a random organization: the data
// of many organizations does not fit in a cache.
const events = 1 << 16

// platform holds the webhooks of many organizations, in an Index and in slices.
type platform struct {
	index         *filter.Index
	bytes         float64 // of the index, per webhook
	filters       map[uuid.UUID][]compiled
	organizations []uuid.UUID // by event
	webhooks      []uuid.UUID // by event, a random webhook of its organization
	sample        []webhook.Event
}

type compiled struct {
	*filter.Filter
	webhook *webhook.Webhook
}

func newPlatform(organizations, webhooks int) (*platform, error) {
	g := workload.New(seed, workload.Wide)
	p := &platform{filters: make(map[uuid.UUID][]compiled)}
	ids := make([]uuid.UUID, organizations)
	for i := range ids {
		ids[i] = g.ID()
	}
	var err error
	p.index, p.bytes = measure.Grown(func() *filter.Index {
		x := filter.NewIndex()
		// Put one webhook of each organization at a time, so that memory is laid out as in production.
		for range webhooks {
			for _, id := range ids {
				err = errors.Join(err, x.Put(id, g.Webhook()))
			}
		}
		return x
	})
	p.bytes /= float64(p.index.Len())
	g = workload.New(seed, workload.Wide)
	for range organizations {
		g.ID()
	}
	for range webhooks {
		for _, id := range ids {
			w := g.Webhook()
			f, compileErr := filter.Compile(w)
			err = errors.Join(err, compileErr)
			p.filters[id] = append(p.filters[id], compiled{f, w})
		}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for range events {
		id := ids[random.IntN(len(ids))]
		p.organizations = append(p.organizations, id)
		p.webhooks = append(p.webhooks, p.filters[id][random.IntN(webhooks)].webhook.ID)
	}
	p.sample = measure.Events(g, events)
	return p, err
}

func (p *platform) find(dst []*webhook.Webhook, i int) []*webhook.Webhook {
	return p.index.AppendMatches(dst, p.organizations[i], p.sample[i])
}

// loop is like find, without an Index.
func (p *platform) loop(dst []*webhook.Webhook, i int) []*webhook.Webhook {
	for _, f := range p.filters[p.organizations[i]] {
		if f.Match(p.sample[i]) {
			dst = append(dst, f.webhook)
		}
	}
	return dst
}

func (p *platform) get(dst []*webhook.Webhook, i int) []*webhook.Webhook {
	w, _ := p.index.Get(p.organizations[i], p.webhooks[i])
	return append(dst, w)
}
