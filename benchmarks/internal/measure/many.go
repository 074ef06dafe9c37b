package measure

import (
	"iter"
	"slices"

	"github.com/hookfilter/hookfilter/benchmarks/peers"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/webhook"
)

// Many is the cost of finding the webhooks that an event fires.
type Many struct {
	Webhooks int
	Matches  float64     // mean per event
	Times    [][]float64 // nanoseconds per event, by contender and run
	// Bytes is the index's memory per webhook. Overhead excludes the size of a bare copy of
	// the webhook.
	Bytes, Overhead float64
}

// Contenders returns the names of the measured alternatives: the finders, and copying the
// pointers of the result, which is a lower bound.
func Contenders() []string {
	var names []string
	for _, f := range peers.Many() {
		names = append(names, f.Name)
	}
	return append(names, "copying the result")
}

// Workload describes the webhooks and events to measure with.
type Workload struct {
	Projects int  // project names
	Named    bool // every webhook has a names filter
}

// New returns a new generator of the workload. Each new generator generates the same values.
func (w Workload) New() *workload.Generator {
	g := workload.New(seed, w.Projects)
	if w.Named {
		g.Named()
	}
	return g
}

const (
	seed    = 1
	events  = 1024 // enough that caches do not hold the results
	checked = 16   // events to check; few, because the loops are slow
)

// Many measures each contender with n webhooks of a workload. It first checks that the finders
// agree.
func (o Options) Many(n int, w Workload) (Many, error) {
	g := w.New()
	bare := make([]*webhook.Webhook, n)
	_, without := Grown(func() error {
		for i := range bare {
			bare[i] = copyOf(g.Webhook())
		}
		return nil
	})
	sample := Events(g, events)

	m := Many{Webhooks: n}
	var finders []peers.AppendMatches
	for i, f := range peers.Many() {
		webhooks := slices.Values(bare)
		if i == 0 {
			// The index copies webhooks, the loops retain them.
			webhooks = Webhooks(w.New(), n)
		}
		var err error
		find, with := Grown(func() (find peers.AppendMatches) {
			find, err = f.Compile(webhooks)
			return find
		})
		if err != nil {
			return Many{}, err
		}
		finders = append(finders, find)
		if i == 0 {
			m.Bytes, m.Overhead = with/float64(n), (with-without)/float64(n)
		} else if err := peers.CheckMany(f.Name, find, finders[0], sample[:checked]); err != nil {
			return Many{}, err
		}
	}

	results := make([][]*webhook.Webhook, len(sample))
	for i, e := range sample {
		results[i] = slices.Clip(finders[0](nil, e))
	}
	var calls []func(int)
	for _, find := range finders {
		calls = append(calls, Each(events, func(dst []*webhook.Webhook, i int) []*webhook.Webhook {
			return find(dst, sample[i])
		}))
	}
	floor := func(dst []*webhook.Webhook, i int) []*webhook.Webhook { return append(dst, results[i]...) }
	m.Matches = Matches(events, floor)
	m.Times = o.Times(append(calls, Each(events, floor))...)
	return m, nil
}

// Find appends the webhooks that an event fires. Events are numbered from 0.
type Find = func(dst []*webhook.Webhook, number int) []*webhook.Webhook

// Each returns a function that calls find n times in total, cycling through the events, and
// reuses dst.
func Each(events int, find Find) func(n int) {
	var dst []*webhook.Webhook
	i := 0
	return func(n int) {
		for range n {
			dst = find(dst[:0], i)
			i = (i + 1) % events
		}
	}
}

// Matches returns the mean number of webhooks that an event fires.
func Matches(events int, find Find) float64 {
	found := 0
	for i := range events {
		found += len(find(nil, i))
	}
	return float64(found) / float64(events)
}

// Webhooks returns an iterator over the next n webhooks of g.
func Webhooks(g *workload.Generator, n int) iter.Seq[*webhook.Webhook] {
	return func(yield func(*webhook.Webhook) bool) {
		for range n {
			if !yield(g.Webhook()) {
				return
			}
		}
	}
}

// Events returns the next n events of g.
func Events(g *workload.Generator, n int) []webhook.Event {
	var events []webhook.Event
	for range n {
		events = append(events, g.Event())
	}
	return events
}

// copyOf returns a copy of w that shares its strings.
func copyOf(w *webhook.Webhook) *webhook.Webhook {
	c := *w
	c.Events = slices.Clone(w.Events)
	c.ProjectNamesFilter = slices.Clone(w.ProjectNamesFilter)
	c.EnvironmentTypesFilter = slices.Clone(w.EnvironmentTypesFilter)
	return &c
}
