package filter_test

import (
	"math/rand"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// spoilElements changes every element of every list of w, and the lists' spare
// capacity.
func spoilElements(w *webhook.Webhook) {
	fields := reflect.ValueOf(w).Elem()
	for i := range fields.NumField() {
		if list := fields.Field(i); list.Kind() == reflect.Slice {
			for j := range list.Cap() {
				list.Slice(0, list.Cap()).Index(j).SetString("changed*")
			}
		}
	}
}

// spoilFields changes every exported field of w, and then every element of its lists.
func spoilFields(w *webhook.Webhook) {
	fields := reflect.ValueOf(w).Elem()
	for i := range fields.NumField() {
		switch f := fields.Field(i); {
		case !f.CanSet():
		case f.Kind() == reflect.String:
			f.SetString("changed")
		case f.Kind() == reflect.Bool:
			f.SetBool(!f.Bool())
		case f.Type() == reflect.TypeFor[uuid.UUID]():
			f.Set(reflect.ValueOf(uuid.UUID{1}))
		case f.Type() == reflect.TypeFor[time.Time]():
			f.Set(reflect.ValueOf(time.Unix(1, 2)))
		case f.Kind() == reflect.Slice:
			old := f.Slice(0, f.Len())
			f.Set(reflect.AppendSlice(reflect.MakeSlice(f.Type(), 1, 1), old))
			for j := range old.Len() {
				old.Index(j).SetString("")
			}
		default:
			panic("spoilFields cannot change a field of type " + f.Type().String())
		}
	}
	spoilElements(w)
}

// isolation holds two indexes with the same webhooks for the same two organizations.
type isolation struct {
	r        *rand.Rand
	x, y     *filter.Index
	inX, inY model
	ids      []uuid.UUID
	events   []webhook.Event
	versions []*webhook.Webhook // the webhooks that were put; the models have copies
}

func newIsolation(t *testing.T, seed int64) *isolation {
	s := &isolation{r: rand.New(rand.NewSource(seed)), x: filter.NewIndex(), y: filter.NewIndex(), inX: model{}, inY: model{}}
	for range 150 {
		w := filtertest.Webhook(s.r)
		if s.r.Intn(2) == 0 {
			w.ProjectNamesFilter = nil // a match-all webhook, which the index keeps in a list for each tag
		}
		s.ids, s.versions = append(s.ids, w.ID), append(s.versions, w)
		for _, organization := range []uuid.UUID{shop, game} {
			require.NoError(t, s.x.Put(organization, w))
			require.NoError(t, s.y.Put(organization, w))
			s.inX[address{organization, w.ID}] = deepCopy(w)
			s.inY[address{organization, w.ID}] = deepCopy(w)
		}
	}
	for range 20 {
		s.events = append(s.events, drawEventForAny(s.r, s.inX))
	}
	return s
}

func deepCopy(w *webhook.Webhook) *webhook.Webhook {
	c := *w
	c.Events, c.ProjectNamesFilter = slices.Clone(w.Events), slices.Clone(w.ProjectNamesFilter)
	c.EnvironmentTypesFilter = slices.Clone(w.EnvironmentTypesFilter)
	return &c
}

// results returns every webhook that the readers of x return for shop, each once. It
// changes the explanations that they return.
func (s *isolation) results() []*webhook.Webhook {
	results := slices.Collect(s.x.All(shop))
	for _, id := range s.ids {
		if w, ok := s.x.Get(shop, id); ok {
			results = append(results, w)
		}
	}
	for _, e := range s.events {
		results = s.x.AppendMatches(results, shop, e)
		for w, explanation := range s.x.ExplainAll(shop, e) {
			results = append(results, w)
			for i := range explanation.Clauses {
				if entry := explanation.Clauses[i].Entry; entry != nil {
					entry.Value = "changed"
				}
				for j := range explanation.Clauses[i].List {
					explanation.Clauses[i].List[j] = "changed"
				}
			}
		}
	}
	slices.SortFunc(results, func(a, b *webhook.Webhook) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return slices.Compact(results)
}

// A caller that changes a returned webhook affects no other organization and no other
// Index, and every later write takes effect.
func TestIndexIsolation(t *testing.T) {
	for name, spoil := range map[string]func(*webhook.Webhook){
		"nothing is changed": func(*webhook.Webhook) {}, "elements": spoilElements, "fields": spoilFields,
	} {
		for writeName, write := range map[string]func(*testing.T, *isolation){
			"put":     putAll,
			"delete":  deleteAll,
			"replace": replaceAll,
			"mixed":   mixed,
		} {
			t.Run(name+"/"+writeName, func(t *testing.T) {
				s := newIsolation(t, 1)
				for _, w := range s.results() {
					spoil(w)
				}
				both := []uuid.UUID{shop, game}
				require.Empty(t, s.inX.difference(s.x, []uuid.UUID{game}, s.ids, s.events))
				require.Empty(t, s.inY.difference(s.y, both, s.ids, s.events))
				require.Equal(t, byID(s.inY.all(shop)), byID(s.versions))
				write(t, s)
				require.Empty(t, s.inX.difference(s.x, both, s.ids, s.events))
				require.Empty(t, s.inY.difference(s.y, both, s.ids, s.events))
				for _, organization := range both {
					require.NoError(t, s.x.Replace(organization, nil))
				}
				require.Zero(t, s.x.Len())
				require.Empty(t, s.inY.difference(s.y, both, s.ids, s.events))
			})
		}
	}
}

func putAll(t *testing.T, s *isolation) {
	for _, w := range s.versions {
		require.NoError(t, s.x.Put(shop, w))
	}
}

func deleteAll(t *testing.T, s *isolation) {
	for _, id := range s.ids {
		require.True(t, s.x.Delete(shop, id))
		delete(s.inX, address{shop, id})
	}
}

// replaceAll replaces some of the webhooks by others, and deletes the rest.
func replaceAll(t *testing.T, s *isolation) {
	var ws []*webhook.Webhook
	for _, id := range s.ids {
		if s.r.Intn(3) > 0 {
			w := filtertest.Webhook(s.r)
			w.ID = id
			ws = append(ws, w)
		}
	}
	var problems map[int]string
	s.inX, problems = s.inX.replace(shop, ws)
	require.Empty(t, problems)
	require.NoError(t, s.x.Replace(shop, ws))
}

func mixed(t *testing.T, s *isolation) {
	for i, id := range s.ids {
		a := address{shop, id}
		switch w := filtertest.Webhook(s.r); i % 3 {
		case 0:
			w.ID = id
			require.NoError(t, s.x.Put(shop, w))
			s.inX[a] = w
		case 1:
			require.True(t, s.x.Delete(shop, id))
			delete(s.inX, a)
		default:
			require.NoError(t, s.x.Put(shop, s.versions[i]))
		}
	}
}

// If a caller changes a returned webhook and writes it back, the write takes effect.
func TestIndexStoresAChangedResult(t *testing.T) {
	for name, write := range map[string]func(*filter.Index, *webhook.Webhook) error{
		"Put":     func(x *filter.Index, w *webhook.Webhook) error { return x.Put(shop, w) },
		"Replace": func(x *filter.Index, w *webhook.Webhook) error { return x.Replace(shop, []*webhook.Webhook{w}) },
	} {
		for changed, change := range map[string]func(*webhook.Webhook){
			"entry":  func(w *webhook.Webhook) { w.ProjectNamesFilter[0] = "b" },
			"list":   func(w *webhook.Webhook) { w.ProjectNamesFilter = []string{"b", "b*", "*b"} },
			"lists":  func(w *webhook.Webhook) { w.ProjectNamesFilter, w.EnvironmentTypesFilter = nil, nil },
			"events": func(w *webhook.Webhook) { w.Events[0] = "X" },
		} {
			t.Run(name+" of "+changed, func(t *testing.T) {
				x := indexOf(t, indexed("a"))
				w := slices.Collect(x.All(shop))[0]
				change(w)
				want := deepCopy(w)
				require.NoError(t, write(x, w))
				spoilElements(w) // x keeps a copy
				for _, name := range []string{"a", "b"} {
					for _, eventType := range append(webhook.EventTypes(), "X") {
						e := webhook.Event{Type: eventType, ProjectName: name}
						require.Equal(t, filtertest.Fires(want, e), len(x.AppendMatches(nil, shop, e)) == 1, "%+v", e)
					}
				}
				got, ok := x.Get(shop, want.ID)
				require.True(t, ok)
				require.Equal(t, want, got)
			})
		}
	}
}

// Writers do not read the webhooks that readers return. Only the race detector would notice
// such a read.
func TestWritersWhileACallerChangesResults(t *testing.T) {
	x, stop := filter.NewIndex(), make(chan struct{})
	var ws []*webhook.Webhook
	for i := range 40 {
		ws = append(ws, indexed(matchingFilters[i%len(matchingFilters)]...))
		require.NoError(t, x.Put(shop, ws[i]))
	}
	var changing sync.WaitGroup
	changing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			for w := range x.All(shop) {
				spoilFields(w)
			}
			for _, w := range x.AppendMatches(nil, shop, filtertest.Named("checkout")) {
				spoilFields(w)
			}
		}
	})
	for round := range 50 {
		for i, w := range ws {
			switch (round + i) % 4 {
			case 0:
				x.Delete(shop, w.ID)
			case 1:
				assert.NoError(t, x.Replace(shop, ws[:20+i/2]))
			default:
				assert.NoError(t, x.Put(shop, w))
			}
		}
	}
	close(stop)
	changing.Wait()
	require.NoError(t, x.Replace(shop, nil))
	require.Zero(t, x.Len())
}
