// Package benchmarks_test has the benchmarks that guide the design of filter.Index. They use
// the same workload as the tables. To run them:
//
//	go -C benchmarks test -run '^$' -bench . -benchmem .
//
// To compare two versions, build a test binary of each (go test -c) and run them in alternation.
package benchmarks_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/benchmarks/internal/measure"
	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

const seed = 1

var organization = uuid.UUID{1}

// draw returns the next n webhooks of g.
func draw(g *workload.Generator, n int) []*webhook.Webhook {
	return slices.Collect(measure.Webhooks(g, n))
}

// workloads are one with match-all webhooks and one without.
var workloads = map[string]measure.Workload{
	"all": {Projects: workload.Wide}, "named": {Projects: workload.Wide, Named: true},
}

// BenchmarkAppendMatches finds the webhooks of one organization that an event fires.
func BenchmarkAppendMatches(b *testing.B) {
	for name, load := range workloads {
		for _, n := range []int{1, 10, 100, 1000, 10_000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/webhooks=%d", name, n), func(b *testing.B) {
				g := load.New()
				x := filter.NewIndex()
				if err := x.Replace(organization, draw(g, n)); err != nil {
					b.Fatal(err)
				}
				events := measure.Events(g, 1024)
				runtime.GC()
				find := measure.Each(len(events), func(dst []*webhook.Webhook, i int) []*webhook.Webhook {
					return x.AppendMatches(dst, organization, events[i])
				})
				find(len(events)) // grow dst
				b.ReportAllocs()
				b.ResetTimer()
				find(b.N)
			})
		}
	}
}

// shapes lists numbers of organizations, and of webhooks per organization.
var shapes = []struct{ organizations, webhooks int }{
	{1_000_000, 1}, {300_000, 3}, {100_000, 10}, {1, 10}, {10_000, 100},
}

// BenchmarkOrganizations finds the webhooks of a random organization that an event fires, with
// an Index and with a loop over the organization's Filters.
func BenchmarkOrganizations(b *testing.B) {
	for _, s := range shapes {
		b.Run(fmt.Sprintf("%dx%d", s.organizations, s.webhooks), func(b *testing.B) {
			type compiled struct {
				*filter.Filter
				webhook *webhook.Webhook
			}
			g := workload.New(seed, workload.Wide)
			x, filters := filter.NewIndex(), make(map[uuid.UUID][]compiled)
			ids := make([]uuid.UUID, s.organizations)
			for i := range ids {
				ids[i] = g.ID()
			}
			for range s.webhooks { // put one webhook of each organization at a time, so that memory is laid out as in production
				for _, id := range ids {
					w := g.Webhook()
					f, err := filter.Compile(w)
					if err == nil {
						err = x.Put(id, w)
					}
					if err != nil {
						b.Fatal(err)
					}
					filters[id] = append(filters[id], compiled{f, w})
				}
			}
			random := rand.New(rand.NewPCG(seed, 0))
			organizations := make([]uuid.UUID, 1<<16)
			for i := range organizations {
				organizations[i] = ids[random.IntN(len(ids))]
			}
			events := measure.Events(g, len(organizations))
			runtime.GC()
			for name, find := range map[string]measure.Find{
				"index": func(dst []*webhook.Webhook, i int) []*webhook.Webhook {
					return x.AppendMatches(dst, organizations[i], events[i])
				},
				"loop": func(dst []*webhook.Webhook, i int) []*webhook.Webhook {
					for _, f := range filters[organizations[i]] {
						if f.Match(events[i]) {
							dst = append(dst, f.webhook)
						}
					}
					return dst
				},
			} {
				b.Run(name, func(b *testing.B) { measure.Each(len(events), find)(b.N) })
			}
		})
	}
}

// BenchmarkPut replaces random webhooks of one organization.
func BenchmarkPut(b *testing.B) {
	for _, n := range []int{1, 10, 1000, 100_000} {
		b.Run(fmt.Sprintf("webhooks=%d", n), func(b *testing.B) {
			g := workload.New(seed, workload.Narrow)
			ws := draw(g, n)
			x := filter.NewIndex()
			if err := x.Replace(organization, ws); err != nil {
				b.Fatal(err)
			}
			others := draw(g, 10_000)
			random := rand.New(rand.NewPCG(seed, 0))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				w := *others[i%len(others)]
				w.ID = ws[random.IntN(n)].ID
				if err := x.Put(organization, &w); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReplace loads all webhooks of all organizations, compared with compiling them.
func BenchmarkReplace(b *testing.B) {
	for _, s := range []struct{ organizations, webhooks int }{{1, 200_000}, {2000, 100}, {200_000, 1}} {
		g := workload.New(seed, workload.Wide)
		lists := make(map[uuid.UUID][]*webhook.Webhook)
		for range s.organizations {
			lists[g.ID()] = draw(g, s.webhooks)
		}
		n := s.organizations * s.webhooks
		replace := func(b *testing.B, x *filter.Index) {
			for id, ws := range lists {
				if err := x.Replace(id, ws); err != nil {
					b.Fatal(err)
				}
			}
		}
		for _, c := range []struct {
			name string
			load func(*testing.B) any
		}{
			{"compile", func(b *testing.B) any {
				filters := make([]*filter.Filter, 0, n)
				for _, ws := range lists {
					for _, w := range ws {
						f, err := filter.Compile(w)
						if err != nil {
							b.Fatal(err)
						}
						filters = append(filters, f)
					}
				}
				return filters
			}},
			{"new", func(b *testing.B) any {
				x := filter.NewIndex()
				replace(b, x)
				return x
			}},
			{"put", func(b *testing.B) any {
				x := filter.NewIndex()
				for id, ws := range lists {
					for _, w := range ws {
						if err := x.Put(id, w); err != nil {
							b.Fatal(err)
						}
					}
				}
				return x
			}},
		} {
			b.Run(fmt.Sprintf("%dx%d/%s", s.organizations, s.webhooks, c.name), func(b *testing.B) {
				var loaded any
				before := measure.Heap()
				b.ReportAllocs()
				b.ResetTimer()
				for range b.N {
					loaded = c.load(b)
				}
				b.StopTimer()
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/webhook")
				b.ReportMetric((measure.Heap()-before)/float64(n), "B/webhook")
				runtime.KeepAlive(loaded)
			})
		}
		b.Run(fmt.Sprintf("%dx%d/unchanged", s.organizations, s.webhooks), func(b *testing.B) {
			x := filter.NewIndex()
			replace(b, x)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				replace(b, x)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/webhook")
		})
	}
}
