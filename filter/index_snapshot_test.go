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

// TestIndexShowsOneMoment has a writer replace some webhooks in turn, so that the
// sum of their versions tells the time. What a reader finds must be how things
// were at one time, which is not before what had ended or any reader had seen when
// it began, and not after what had begun when it ended.
func TestIndexShowsOneMoment(t *testing.T) {
	const webhooks, rounds = 9, 50_000
	x := filter.NewIndex()
	var ws []*webhook.Webhook
	for i := range webhooks {
		ws = append(ws, indexed(matchingFilters[i]...))
		ws[i].Description = "0"
		require.NoError(t, x.Put(shop, ws[i]))
	}
	var begun, ended, seen atomic.Int64
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
			ended.Add(1)
		}
	})
	for range 3 {
		group.Go(func() {
			for ended.Load() < rounds {
				least := max(ended.Load(), seen.Load())
				found := versions(t, x)
				most := begun.Load()
				sum := int64(0)
				for i, w := range ws {
					version, ok := found[w.ID.String()]
					first := found[ws[0].ID.String()]
					if !ok || version > first || version < first-1 || i > 0 && version > found[ws[i-1].ID.String()] {
						t.Errorf("webhook %d in version %d, the first in %d", i, version, first)
						return
					}
					sum += int64(version)
				}
				if sum < least || sum > most {
					t.Errorf("at %d, not from %d to %d", sum, least, most)
					return
				}
				for old := seen.Load(); old < sum && !seen.CompareAndSwap(old, sum); old = seen.Load() {
				}
			}
		})
	}
	group.Wait()
}
