package filter_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestIndexReplace(t *testing.T) {
	stays, changes, goes, comes := indexed("a"), indexed("b"), indexed("c"), indexed("d*")
	x := indexOf(t, stays, changes, goes)
	require.NoError(t, x.Put(game, goes))
	kept, _ := x.Get(shop, stays.ID)
	changed := *changes
	changed.ProjectNamesFilter = []string{"e"}
	require.NoError(t, x.Replace(shop, []*webhook.Webhook{comes, stays, changes, &changed}))
	require.Equal(t, byID([]*webhook.Webhook{stays, &changed, comes}), byID(slices.Collect(x.All(shop))))
	require.Equal(t, 4, x.Len())
	for name, want := range map[string][]*webhook.Webhook{"a": {stays}, "b": nil, "c": nil, "D": {comes}, "e": {&changed}} {
		require.Equal(t, want, x.AppendMatches(nil, shop, filtertest.Named(name)), name)
	}
	same, _ := x.Get(shop, stays.ID)
	require.Same(t, kept, same, "what did not change is left as it was")
	require.Equal(t, []*webhook.Webhook{goes}, slices.Collect(x.All(game)))

	require.NoError(t, x.Replace(shop, nil))
	require.Equal(t, []uuid.UUID{game}, slices.Collect(x.Organizations()))
	require.Equal(t, 1, x.Len())
}

// One bad webhook stops no other, and a version of it that is there stays.
func TestIndexReplaceWithFaults(t *testing.T) {
	spoiled, goes, other := indexed("a"), indexed("b"), indexed("c")
	x := indexOf(t, spoiled, goes)
	bad := *spoiled
	bad.ProjectNamesFilter, bad.Events = []string{"x", ""}, []webhook.EventType{""}
	stranger := indexed("")
	err := x.Replace(shop, []*webhook.Webhook{&bad, nil, other, stranger, {}})
	require.ElementsMatch(t, []*webhook.Webhook{spoiled, other}, slices.Collect(x.All(shop)))
	require.EqualError(t, err, fmt.Sprintf(`webhooks[0].events[0] (webhook %s) "": empty
webhooks[0].project_names_filter[1] (webhook %[1]s) "": empty
webhooks[1]: filter: the webhook is nil
webhooks[3].project_names_filter[0] (webhook %s) "": empty
webhooks[4].id: required`, spoiled.ID, stranger.ID))
	require.Len(t, webhook.FieldErrors(err), 4)
}

func TestIndexRefusesNothingness(t *testing.T) {
	x := filter.NewIndex()
	require.ErrorContains(t, x.Put(shop, nil), "nil")
	for _, err := range []error{x.Put(uuid.Nil, indexed("a")), x.Replace(uuid.Nil, []*webhook.Webhook{indexed("a")})} {
		require.ErrorIs(t, err, webhook.ErrRequired)
		require.Equal(t, "organization_id", webhook.FieldErrors(err)[0].Field)
	}
	require.Zero(t, x.Len())
	require.Empty(t, slices.Collect(x.Organizations()))
	_, err := filter.Compile(nil)
	require.ErrorContains(t, err, "nil")
}

func TestIndexExplain(t *testing.T) {
	w := indexed("checkout*", "*-api")
	x := indexOf(t, w)
	for _, name := range []string{"Checkout", "billing"} {
		got, ok := x.Explain(shop, w.ID, filtertest.Named(name))
		require.True(t, ok)
		require.Equal(t, filtertest.MustCompile(w).Explain(filtertest.Named(name)), got)
	}
	_, ok := x.Explain(game, w.ID, filtertest.Named("checkout"))
	require.False(t, ok)
}

func TestIndexOrganizations(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	x, want := filter.NewIndex(), drawIDs(r, 3000)
	for i, id := range want {
		require.NoError(t, x.Put(id, indexed("a")))
		if i == 10 {
			require.ElementsMatch(t, want[:11], slices.Collect(x.Organizations()))
		}
	}
	require.ElementsMatch(t, want, slices.Collect(x.Organizations()))
	for range x.Organizations() {
		break
	}
	n := 0
	for id := range x.Organizations() {
		n++
		require.NoError(t, x.Replace(id, nil))
	}
	require.Equal(t, len(want), n)
	require.Empty(t, slices.Collect(x.Organizations()))
}

// A reader sees all of the old or all of the new, however many they are.
func TestIndexReplaceIsAtomic(t *testing.T) {
	const webhooks, rounds = 400, 60
	x := filter.NewIndex()
	ids := drawIDs(rand.New(rand.NewSource(1)), webhooks)
	version := func(n int) (ws []*webhook.Webhook) {
		for i, id := range ids {
			w := filtertest.RestrictedTo(matchingFilters[(i+n)%len(matchingFilters)]...)
			w.ID, w.Description = id, strconv.Itoa(n)
			ws = append(ws, w)
		}
		return ws
	}
	require.NoError(t, x.Replace(shop, version(0)))
	var done atomic.Bool
	var reading sync.WaitGroup
	for range 2 {
		reading.Go(func() {
			for last := 0; !done.Load(); {
				found := x.AppendMatches(nil, shop, filtertest.Named("Checkout"))
				all := slices.Collect(x.All(shop))
				if len(found) != webhooks || len(all) != webhooks {
					t.Errorf("found %d of %d webhooks, and %d in all", len(found), webhooks, len(all))
					return
				}
				for _, ws := range [][]*webhook.Webhook{found, all} {
					first, _ := strconv.Atoi(ws[0].Description)
					for _, w := range ws {
						if w.Description != ws[0].Description || first < last {
							t.Errorf("versions %s and %s after %d at once", ws[0].Description, w.Description, last)
							return
						}
					}
					last = first
				}
			}
		})
	}
	for n := range rounds {
		require.NoError(t, x.Replace(shop, version(n+1)))
	}
	done.Store(true)
	reading.Wait()
}
