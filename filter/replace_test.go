package filter_test

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"strconv"
	"strings"
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
	unchanged, old, deleted, added := indexed("a"), indexed("b"), indexed("c"), indexed("d*")
	x := indexOf(t, unchanged, old, deleted)
	require.NoError(t, x.Put(game, deleted))
	before, _ := x.Get(shop, unchanged.ID)
	changed := *old
	changed.ProjectNamesFilter = []string{"e"}
	err := x.Replace(shop, []*webhook.Webhook{added, unchanged, old, &changed})
	require.EqualError(t, err, fmt.Sprintf(`webhooks[2].id (webhook %s) "%[1]s": duplicate of webhooks[3]`, old.ID))
	require.Equal(t, byID([]*webhook.Webhook{unchanged, &changed, added}), byID(slices.Collect(x.All(shop))))
	require.Equal(t, 4, x.Len())
	for name, want := range map[string][]*webhook.Webhook{"a": {unchanged}, "b": nil, "c": nil, "D": {added}, "e": {&changed}} {
		require.Equal(t, want, x.AppendMatches(nil, shop, filtertest.Named(name)), name)
	}
	after, _ := x.Get(shop, unchanged.ID)
	require.Same(t, before, after, "an unchanged webhook is not copied again")
	require.Equal(t, []*webhook.Webhook{deleted}, slices.Collect(x.All(game)))

	require.NoError(t, x.Replace(shop, nil))
	require.Equal(t, []uuid.UUID{game}, slices.Collect(x.Organizations()))
	require.Equal(t, 1, x.Len())
}

// An invalid webhook replaces the valid version before it, and affects no other
// webhook.
func TestIndexReplaceWithInvalidWebhooks(t *testing.T) {
	valid, deleted, other := indexed("a"), indexed("b"), indexed("c")
	x := indexOf(t, valid, deleted)
	invalid := *valid
	invalid.ProjectNamesFilter, invalid.Events = []string{"x", ""}, []webhook.EventType{""}
	newInvalid := indexed("")
	err := x.Replace(shop, []*webhook.Webhook{&invalid, nil, other, newInvalid, {}, {}})
	require.Equal(t, []*webhook.Webhook{other}, slices.Collect(x.All(shop)))
	require.Equal(t, 1, x.Len())
	require.Empty(t, x.AppendMatches(nil, shop, filtertest.Named("a")))
	_, ok := x.Get(shop, valid.ID)
	require.False(t, ok)
	_, ok = x.Explain(shop, valid.ID, filtertest.Named("a"))
	require.False(t, ok)

	require.EqualError(t, err, strings.Join([]string{
		fmt.Sprintf(`webhooks[0].events[0] (webhook %s): empty`, valid.ID),
		fmt.Sprintf(`webhooks[0].project_names_filter[1] (webhook %s): empty`, valid.ID),
		`webhooks[1]: required`,
		fmt.Sprintf(`webhooks[3].project_names_filter[0] (webhook %s): empty`, newInvalid.ID),
		`webhooks[4].id: required`,
		`webhooks[5].id: required`,
	}, "; "))
	require.Equal(t, valid.ID, webhook.FieldErrors(err)[0].WebhookID)
}

// If several webhooks have the same id, the last one counts, even if it is invalid.
func TestIndexReplaceWithDuplicates(t *testing.T) {
	valid, next := indexed("a"), indexed("b")
	invalid, second := *valid, *next
	invalid.Events = []webhook.EventType{""}
	second.ProjectNamesFilter = []string{"b", "c"}
	x := indexOf(t, valid, next)
	err := x.Replace(shop, []*webhook.Webhook{valid, next, valid, &second, &invalid})
	require.Equal(t, []*webhook.Webhook{&second}, slices.Collect(x.All(shop)))
	var fields []string
	for _, e := range webhook.FieldErrors(err) {
		fields = append(fields, e.Field+": "+e.Err.Error())
		require.NotEqual(t, uuid.Nil, e.WebhookID)
	}
	require.Equal(t, []string{
		"webhooks[0].id: duplicate of webhooks[4]", "webhooks[1].id: duplicate of webhooks[3]",
		"webhooks[2].id: duplicate of webhooks[4]", "webhooks[4].events[0]: empty",
	}, fields)
	require.ErrorIs(t, err, webhook.ErrDuplicate)

	// If the last one is valid, it is kept.
	require.Error(t, x.Replace(shop, []*webhook.Webhook{&invalid, &second, valid}))
	require.Equal(t, byID([]*webhook.Webhook{valid, &second}), byID(slices.Collect(x.All(shop))))
}

func TestIndexRefusesNilIDAndNilWebhook(t *testing.T) {
	x := filter.NewIndex()
	for _, err := range []error{x.Put(uuid.Nil, indexed("a")), x.Replace(uuid.Nil, []*webhook.Webhook{indexed("a")})} {
		require.EqualError(t, err, "organization_id: required")
	}
	require.EqualError(t, x.Put(shop, nil), "webhook: required")
	require.Zero(t, x.Len())
	require.Empty(t, slices.Collect(x.Organizations()))
	_, err := filter.Compile(nil)
	require.EqualError(t, err, "webhook: required")
	require.ErrorIs(t, err, webhook.ErrRequired)
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

// ExplainAll agrees with Explain about each webhook, and with AppendMatches about the
// webhooks that fire.
func TestIndexExplainAll(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	x, m := filter.NewIndex(), model{}
	for range 200 {
		w := filtertest.Webhook(r)
		require.NoError(t, x.Put(shop, w))
		m[address{shop, w.ID}] = w
	}
	for range 50 {
		e := drawEventForAny(r, m)
		var all, fire []*webhook.Webhook
		for w, got := range x.ExplainAll(shop, e) {
			want, ok := x.Explain(shop, w.ID, e)
			require.True(t, ok)
			require.Equal(t, want, got)
			all = append(all, w)
			if got.Fires {
				fire = append(fire, w)
			}
		}
		require.Equal(t, byID(slices.Collect(x.All(shop))), byID(all))
		require.Equal(t, byID(x.AppendMatches(nil, shop, e)), byID(fire))
	}
	for range x.ExplainAll(shop, filtertest.Named("a")) {
		break
	}
	for range x.ExplainAll(game, filtertest.Named("a")) {
		t.Error("a webhook of another organization")
	}
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

// A reader sees either all old or all new versions.
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
				var explained []*webhook.Webhook
				for w, explanation := range x.ExplainAll(shop, filtertest.Named("Checkout")) {
					if reflect.DeepEqual(filtertest.MustCompile(w).Explain(filtertest.Named("Checkout")), explanation) {
						explained = append(explained, w)
					}
				}
				if len(found) != webhooks || len(all) != webhooks || len(explained) != webhooks {
					t.Errorf("AppendMatches found %d, All %d and ExplainAll %d webhooks, want %d", len(found), len(all), len(explained), webhooks)
					return
				}
				for _, ws := range [][]*webhook.Webhook{found, all, explained} {
					first, _ := strconv.Atoi(ws[0].Description)
					for _, w := range ws {
						if w.Description != ws[0].Description || first < last {
							t.Errorf("one read found versions %s and %s, after version %d", ws[0].Description, w.Description, last)
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
