package filter_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

var (
	shop = uuid.MustParse("8f36c487-4e75-4da9-a5bc-d7916f1acda0")
	game = uuid.MustParse("3868b794-7f24-4988-ab3f-753f7a978802")
)

// indexed returns a webhook with a new id that filters only by the entries.
func indexed(entries ...string) *webhook.Webhook {
	w := filtertest.RestrictedTo(entries...)
	w.ID = uuid.New()
	return w
}

// indexOf returns an Index that has the webhooks for shop.
func indexOf(t testing.TB, ws ...*webhook.Webhook) *filter.Index {
	x := filter.NewIndex()
	for _, w := range ws {
		require.NoError(t, x.Put(shop, w))
	}
	return x
}

func TestIndexFindsByEveryKindOfEntry(t *testing.T) {
	for _, test := range []struct{ name, entry, hit, miss string }{
		{"exact name", "Checkout", "cHECKOUT", "checkout-"},
		{"prefix", "check*", "CHECKout", "chec"},
		{"suffix", "*-API", "x-api", "api-"},
		{"contained", "*-api-*", "my-API-2", "my-api2"},
		{"both ends", "a*z", "abz", "az "},
		{"one character", "?at", "日AT", "at"},
		{"exactly three characters", "???", "日本-", "日本"},
		{"at least two characters", "?*?", "日本", "日"},
		{"any name", "*", "", ""},
		{"any name, several stars", "***", "x", ""},
		{"short literals", "a?b*c", "aXbc", "abbd"},
		{"a literal asterisk in the name", "a*b", "a*b", "a*c"},
		{"prefix of 200 bytes", strings.Repeat("ab", 100) + "*", strings.Repeat("AB", 100) + "x", strings.Repeat("ab", 99) + "a"},
		{"suffix of 64 bytes", "*" + strings.Repeat("x", 64), strings.Repeat("X", 65), strings.Repeat("x", 63)},
		{"longest prefix", strings.Repeat("x", webhook.MaxProjectNamesFilterEntry-1) + "*", strings.Repeat("x", 2000), strings.Repeat("x", 1018)},
		{"letters that shrink when folded", "*\u212a\u212a*", "xkKx", "xkx"},
		{"U+FFFD", "a\ufffd*", "a\xff", "a\ufffe"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := indexed(test.entry)
			x := indexOf(t, indexed("other", "o*", "*r"), w)
			require.Equal(t, []*webhook.Webhook{w}, x.AppendMatches(nil, shop, filtertest.Named(test.hit)))
			if test.miss != "" {
				require.Empty(t, x.AppendMatches(nil, shop, filtertest.Named(test.miss)))
			}
			require.True(t, x.Delete(shop, w.ID))
			require.Empty(t, x.AppendMatches(nil, shop, filtertest.Named(test.hit)))
		})
	}
}

func TestIndexFindsEachWebhookOnce(t *testing.T) {
	w := indexed("checkout", "check*", "*out", "*eck*", "ch*ut", "c?eckout", "CHECKOUT", "*heck*", "?*")
	other := indexed("check*", "*out")
	x := indexOf(t, w, other)
	require.ElementsMatch(t, []*webhook.Webhook{w, other}, x.AppendMatches(nil, shop, filtertest.Named("Checkout")))
}

// Two webhooks share thousands of entries, some of which have the same canonical form.
func TestIndexOfWebhooksWithManyEntries(t *testing.T) {
	var entries []string
	for i := range 20_000 {
		entries = append(entries, fmt.Sprintf("%d*", i), fmt.Sprintf("%d**", i), fmt.Sprintf("*-%d", i))
	}
	first, second := indexed(entries...), indexed(entries...)
	x := indexOf(t, first, second)
	event := filtertest.Named("19999-7")
	require.ElementsMatch(t, []*webhook.Webhook{first, second}, x.AppendMatches(nil, shop, event))
	require.NoError(t, x.Put(shop, first))
	require.True(t, x.Delete(shop, second.ID))
	require.Equal(t, []*webhook.Webhook{first}, x.AppendMatches(nil, shop, event))
	require.True(t, x.Delete(shop, first.ID))
	require.Empty(t, x.AppendMatches(nil, shop, event))
}

func TestIndexAppends(t *testing.T) {
	x := indexOf(t, indexed("a"), indexed("*"))
	before := []*webhook.Webhook{indexed("before")}
	dst := slices.Grow(slices.Clone(before), 8)
	dst = x.AppendMatches(dst, shop, filtertest.Named("a"))
	require.Len(t, dst, 3)
	require.Equal(t, before, dst[:1])
	require.Equal(t, before, x.AppendMatches(before, game, filtertest.Named("a")))
}

func TestIndexKeepsOrganizationsApart(t *testing.T) {
	w := indexed("*")
	x := indexOf(t, w)
	other := *w
	other.Description = "other"
	require.NoError(t, x.Put(game, &other))
	require.Equal(t, 2, x.Len())
	require.Equal(t, []*webhook.Webhook{w}, x.AppendMatches(nil, shop, filtertest.Named("a")))
	require.Equal(t, []*webhook.Webhook{&other}, slices.Collect(x.All(game)))
	require.True(t, x.Delete(shop, w.ID))
	require.False(t, x.Delete(shop, w.ID))
	got, ok := x.Get(game, w.ID)
	require.True(t, ok)
	require.Equal(t, &other, got)
	require.Empty(t, x.AppendMatches(nil, shop, filtertest.Named("a")))
	require.Empty(t, slices.Collect(x.All(shop)))
}

func TestIndexPutThatFailsChangesNothing(t *testing.T) {
	w := indexed("a")
	x := indexOf(t, w)
	for _, test := range []struct {
		name   string
		change func(*webhook.Webhook)
		field  string
		err    error
	}{
		{"no id", func(w *webhook.Webhook) { w.ID = uuid.Nil }, "id", webhook.ErrRequired},
		{"empty type", func(w *webhook.Webhook) { w.Events = append(w.Events, "") }, "events[4]", webhook.ErrEmpty},
		{"empty entry", func(w *webhook.Webhook) { w.ProjectNamesFilter = []string{"b", ""} }, "project_names_filter[1]", webhook.ErrEmpty},
		{"empty mode", func(w *webhook.Webhook) { w.EnvironmentTypesFilter = []webhook.EnvironmentMode{""} }, "environment_types_filter[0]", webhook.ErrEmpty},
	} {
		t.Run(test.name, func(t *testing.T) {
			changed := *w
			changed.Events = webhook.EventTypes()
			test.change(&changed)
			err := x.Put(shop, &changed)
			var fieldErr *webhook.FieldError
			require.ErrorAs(t, err, &fieldErr)
			require.Equal(t, test.field, fieldErr.Field)
			require.ErrorIs(t, err, test.err)
			require.Error(t, x.Put(game, &changed))
			require.Equal(t, 1, x.Len())
			require.Equal(t, []*webhook.Webhook{w}, x.AppendMatches(nil, shop, filtertest.Named("a")))
			require.Empty(t, slices.Collect(x.All(game)))
		})
	}
}

func TestIndexKeepsDisabledWebhooks(t *testing.T) {
	w := indexed("*")
	w.Enabled = false
	x := indexOf(t, w)
	got, ok := x.Get(shop, w.ID)
	require.True(t, ok)
	require.Equal(t, w, got)
	require.Empty(t, x.AppendMatches(nil, shop, filtertest.Named("a")))
	w.Enabled = true
	require.NoError(t, x.Put(shop, w))
	require.Equal(t, []*webhook.Webhook{w}, x.AppendMatches(nil, shop, filtertest.Named("a")))
}

func TestIndexKeepsACopy(t *testing.T) {
	w := indexed("a", "b*")
	w.EnvironmentTypesFilter = webhook.EnvironmentModes()
	x := indexOf(t, w)
	first, _ := x.Get(shop, w.ID)
	want := *w
	want.Events, want.ProjectNamesFilter = slices.Clone(w.Events), slices.Clone(w.ProjectNamesFilter)
	want.EnvironmentTypesFilter = slices.Clone(w.EnvironmentTypesFilter)

	w.Enabled, w.Description = false, "changed"
	w.Events[0], w.ProjectNamesFilter[0], w.EnvironmentTypesFilter[0] = "X", "c", "X"
	require.Equal(t, &want, first)
	require.Equal(t, []*webhook.Webhook{&want}, x.AppendMatches(nil, shop, filtertest.Named("a")))

	// A returned webhook does not change when it is replaced in the Index.
	require.NoError(t, x.Put(shop, &webhook.Webhook{ID: w.ID}))
	require.Equal(t, &want, first)
}

func TestIndexAll(t *testing.T) {
	x := filter.NewIndex()
	require.Empty(t, slices.Collect(x.All(shop)))
	var ws []*webhook.Webhook
	for range 100 {
		ws = append(ws, indexed("a*", "b"))
		require.NoError(t, x.Put(shop, ws[len(ws)-1]))
	}
	require.Equal(t, byID(ws), byID(slices.Collect(x.All(shop))))
	for range x.All(shop) {
		break
	}
	// The loop may change the webhooks that it iterates over.
	n := 0
	for w := range x.All(shop) {
		n++
		require.NoError(t, x.Put(shop, w))
		require.True(t, x.Delete(shop, w.ID))
	}
	require.Equal(t, 100, n)
	require.Zero(t, x.Len())
}

// The zero Index is ready for use.
func TestZeroIndex(t *testing.T) {
	var x filter.Index
	require.Zero(t, x.Len())
	require.False(t, x.Delete(shop, game))
	require.Empty(t, x.AppendMatches(nil, shop, filtertest.Named("a")))
	_, ok := x.Get(shop, game)
	require.False(t, ok)
	w := indexed("a")
	require.NoError(t, x.Put(shop, w))
	require.Equal(t, []*webhook.Webhook{w}, x.AppendMatches(nil, shop, filtertest.Named("a")))
}

// TestIndexOverTime makes many random changes to a few hundred webhooks, so that tables and
// lists grow, shrink and are rebuilt. It compares the Index with a model after each phase.
func TestIndexOverTime(t *testing.T) {
	seed := rand.Int63()
	t.Log("seed", seed)
	r := rand.New(rand.NewSource(seed))
	x, m := filter.NewIndex(), model{}
	organizations, ids := drawIDs(r, 2), drawIDs(r, 200)
	for phase := range 8 {
		for range 1000 {
			a := address{filtertest.Pick(r, organizations), filtertest.Pick(r, ids)}
			// In every other phase there are more deletions than additions.
			if r.Intn(4) < 1+2*(phase%2) {
				require.Equal(t, m[a] != nil, x.Delete(a.organization, a.webhook))
				delete(m, a)
				continue
			}
			w := filtertest.Webhook(r)
			w.ID = a.webhook
			require.NoError(t, x.Put(a.organization, w))
			m[a] = w
		}
		var events []webhook.Event
		for range 50 {
			events = append(events, drawEventForAny(r, m))
		}
		require.Empty(t, m.difference(x, organizations, ids, events))
	}
}

// AppendMatches does not write to dst beyond the returned slice.
func TestAppendMatchesWritesOnlyTheResult(t *testing.T) {
	w := indexed("a", "*")
	w.Events, w.EnvironmentTypesFilter = []webhook.EventType{"A", webhook.DeploymentStarted}, []webhook.EnvironmentMode{"M", webhook.Staging}
	x, sentinel := indexOf(t, w), indexed()
	for _, e := range []webhook.Event{
		{Type: "B", ProjectName: "a", EnvironmentMode: "M"},
		{Type: "A", ProjectName: "a", EnvironmentMode: "N"},
		{Type: "A", ProjectName: "a", EnvironmentMode: "M"},
		{Type: webhook.DeploymentStarted, ProjectName: "a", EnvironmentMode: webhook.Preview},
	} {
		buffer := []*webhook.Webhook{sentinel, sentinel}
		found := x.AppendMatches(buffer[:0], shop, e)
		if fires := e.EnvironmentMode == "M" && e.Type == "A"; fires {
			require.Equal(t, []*webhook.Webhook{w}, found)
		} else {
			require.Empty(t, found)
			require.Same(t, sentinel, buffer[0])
		}
		require.Same(t, sentinel, buffer[1])
	}
}
