package filter_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// matchingFilters lists filters that match "checkout". Their entries have every kind of key in an
// Index; "*" and nil have no key, since they match every name.
var matchingFilters = [][]string{
	{"checkout"}, {"check*"}, {"*out"}, {"*eck*"}, {"ch*t"}, {"c?eckout"}, {"*"}, nil,
	{"checkout", "check*"}, {"*kout", "c*", "no"}, {"?*", "*heckou*"},
}

// While webhooks are replaced by versions that also match, a reader finds every webhook exactly
// once, and never an older version after a newer one.
func TestIndexConcurrentReplacement(t *testing.T) {
	const replaced, unchanged, writers, readers, rounds = 12, 20, 2, 3, 1500
	x := filter.NewIndex()
	var ws []*webhook.Webhook
	for i := range replaced + unchanged {
		ws = append(ws, indexed(matchingFilters[i%len(matchingFilters)]...))
		ws[i].Description = "0"
		require.NoError(t, x.Put(shop, ws[i]))
	}
	var writing, reading sync.WaitGroup
	var done atomic.Bool
	for n := range writers {
		writing.Go(func() {
			// One webhook is added and deleted repeatedly, so that others move in the index.
			temporary := indexed("ch*", "*ut")
			for round := range rounds {
				i := n + writers*(round%(replaced/writers))
				w := *ws[i]
				w.ProjectNamesFilter = matchingFilters[(round+i)%len(matchingFilters)]
				w.Description = strconv.Itoa(round + 1)
				assert.NoError(t, x.Put(shop, &w))
				if round%2 == 0 {
					assert.NoError(t, x.Put(shop, temporary))
				} else {
					assert.True(t, x.Delete(shop, temporary.ID))
				}
				// A writer sees its own write.
				assert.Equal(t, round+1, versions(t, x)[w.ID.String()])
			}
		})
	}
	for range readers {
		reading.Go(func() {
			last := make(map[string]int)
			for !done.Load() {
				found := versions(t, x)
				for _, w := range ws {
					id := w.ID.String()
					version, ok := found[id]
					if !ok || version < last[id] {
						t.Errorf("webhook %s: found: %t, in version %d after version %d", id, ok, version, last[id])
						return
					}
					last[id] = version
				}
			}
		})
	}
	writing.Wait()
	done.Store(true)
	reading.Wait()
}

// versions returns the versions of the webhooks that x finds. It reports an error if x finds
// a webhook twice, or overwrites an element of dst.
func versions(t *testing.T, x *filter.Index) map[string]int {
	found := make(map[string]int)
	before := []*webhook.Webhook{filtertest.RestrictedTo("before")}
	after := x.AppendMatches(before[:1:1], shop, filtertest.Named("Checkout"))
	if after[0] != before[0] {
		t.Errorf("AppendMatches changed dst[0] to %v, want %v", after[0], before[0])
	}
	for _, w := range after[1:] {
		id := w.ID.String()
		if version, twice := found[id]; twice {
			t.Errorf("webhook %s was found in versions %d and %s", id, version, w.Description)
		}
		found[id], _ = strconv.Atoi(w.Description)
	}
	return found
}

// Goroutines call all methods at once, for the race detector. The organization appears and
// disappears repeatedly.
func TestIndexConcurrentUse(t *testing.T) {
	x := filter.NewIndex()
	var group sync.WaitGroup
	for n := range 4 {
		group.Go(func() {
			w := indexed()
			for round := range 500 {
				// New entries in every round make the Index remove old ones.
				w.ProjectNamesFilter = []string{"?b", fmt.Sprintf("a*%d?%d", n, round), fmt.Sprintf("%d?*", round)}
				assert.NoError(t, x.Put(shop, w))
				got, ok := x.Get(shop, w.ID)
				assert.True(t, ok)
				assert.Equal(t, w, got)
				assert.Contains(t, x.AppendMatches(nil, shop, filtertest.Named("ab")), w)
				for w := range x.All(shop) {
					assert.NotNil(t, w)
				}
				assert.LessOrEqual(t, x.Len(), 4)
				assert.True(t, x.Delete(shop, w.ID))
				_, ok = x.Get(shop, w.ID)
				assert.False(t, ok)
			}
		})
	}
	group.Wait()
	require.Zero(t, x.Len())
}

// A writer repeatedly deletes all webhooks but one, so that readers search tables that have just
// become empty.
func TestIndexShrinksDuringReads(t *testing.T) {
	kept, deleted := indexed("ab"), indexed()
	x := indexOf(t, kept)
	var writing, reading sync.WaitGroup
	var done atomic.Bool
	writing.Go(func() {
		for round := range 10_000 {
			deleted.ProjectNamesFilter = []string{fmt.Sprintf("?%d?*x", round), fmt.Sprintf("%d*", round), fmt.Sprintf("*%d", round)}
			assert.NoError(t, x.Put(shop, deleted))
			assert.True(t, x.Delete(shop, deleted.ID))
		}
	})
	for range 2 {
		reading.Go(func() {
			var found []*webhook.Webhook
			for !done.Load() {
				found = x.AppendMatches(found[:0], shop, filtertest.Named("AB"))
				if len(found) != 1 || found[0].ID != kept.ID {
					t.Errorf("found %v, want %v", found, kept)
					return
				}
			}
		})
	}
	writing.Wait()
	done.Store(true)
	reading.Wait()
}
