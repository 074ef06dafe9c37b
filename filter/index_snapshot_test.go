package filter_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// A writer replaces the webhooks in turn, so that the sum of their versions is the number of
// writes. Each read must return the state after some number of writes: at least the number
// that had completed, or that a reader had seen, when the read began, and at most the number
// that had begun when the read ended.
func TestIndexReadsOneSnapshot(t *testing.T) {
	const webhooks, rounds = 9, 50_000
	x := filter.NewIndex()
	var ws []*webhook.Webhook
	for i := range webhooks {
		ws = append(ws, indexed(matchingFilters[i]...))
		ws[i].Description = "0"
		require.NoError(t, x.Put(shop, ws[i]))
	}
	var begun, completed, seen atomic.Int64
	var group sync.WaitGroup
	group.Go(func() {
		for round := range rounds {
			w := *ws[round%webhooks]
			w.ProjectNamesFilter = matchingFilters[round%len(matchingFilters)]
			w.Description = strconv.Itoa(round/webhooks + 1)
			begun.Add(1)
			if err := x.Put(shop, &w); err != nil {
				t.Error(err)
			}
			completed.Add(1)
		}
	})
	for range 3 {
		group.Go(func() {
			for completed.Load() < rounds {
				least := max(completed.Load(), seen.Load())
				found := versions(t, x)
				most := begun.Load()
				sum := int64(0)
				for i, w := range ws {
					version, ok := found[w.ID.String()]
					first := found[ws[0].ID.String()]
					if !ok || version > first || version < first-1 || i > 0 && version > found[ws[i-1].ID.String()] {
						t.Errorf("webhook %d: found: %t, in version %d; webhook 0 in version %d", i, ok, version, first)
						return
					}
					sum += int64(version)
				}
				if sum < least || sum > most {
					t.Errorf("read the state after %d writes, want %d to %d", sum, least, most)
					return
				}
				for old := seen.Load(); old < sum && !seen.CompareAndSwap(old, sum); old = seen.Load() {
				}
			}
		})
	}
	group.Wait()
}
