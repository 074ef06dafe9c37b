package filter_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// model is a naive implementation of an Index, for comparison in tests. The methods that
// change a model return a changed copy.
type model map[address]*webhook.Webhook

type address struct{ organization, webhook uuid.UUID }

func (m model) put(organization uuid.UUID, w *webhook.Webhook) model {
	m = maps.Clone(m)
	m[address{organization, w.ID}] = w
	return m
}

func (m model) delete(a address) model {
	m = maps.Clone(m)
	delete(m, a)
	return m
}

// storable reports whether Check must accept w.
func storable(w *webhook.Webhook) bool {
	valid := w != nil && w.ID != uuid.Nil && filtertest.ValidLists(w) &&
		utf8.ValidString(string(w.Kind)+"|"+w.TargetURL+"|"+w.Description)
	if valid {
		for _, t := range w.Events {
			valid = valid && utf8.ValidString(string(t))
		}
		for _, m := range w.EnvironmentTypesFilter {
			valid = valid && utf8.ValidString(string(m))
		}
	}
	return valid
}

// replace returns a changed copy, and the problem of each refused webhook by its index in ws.
func (m model) replace(organization uuid.UUID, ws []*webhook.Webhook) (model, map[int]string) {
	m = maps.Clone(m)
	maps.DeleteFunc(m, func(a address, _ *webhook.Webhook) bool { return a.organization == organization })
	problems := make(map[int]string)
	for i, w := range ws {
		for j, later := range ws {
			if w != nil && later != nil && w.ID == later.ID && w.ID != uuid.Nil && j > i {
				problems[i] = fmt.Sprintf("duplicate of webhooks[%d]", j)
			}
		}
		switch {
		case problems[i] != "":
		case !storable(w):
			problems[i] = "invalid"
		default:
			m[address{organization, w.ID}] = w
		}
	}
	return m, problems
}

// problemsOf returns the problems in an error of Index.Replace, in the form of model.replace.
func problemsOf(err error) map[int]string {
	problems := make(map[int]string)
	for _, e := range webhook.FieldErrors(err) {
		var i int
		if n, _ := fmt.Sscanf(e.Field, "webhooks[%d]", &i); n != 1 {
			i = -1
		}
		problems[i] = "invalid"
		if errors.Is(e, webhook.ErrDuplicate) {
			problems[i] = e.Err.Error()
		}
	}
	return problems
}

// drawVersion returns a random webhook, sometimes an invalid one.
func drawVersion(r *rand.Rand, id uuid.UUID) *webhook.Webhook {
	w := filtertest.Webhook(r)
	w.ID = id
	switch r.Intn(12) {
	case 0, 1:
		w = filtertest.Spoil(r, w)
	case 2:
		w.ID = uuid.Nil
	case 3:
		const text = "a\xff"
		filtertest.Pick(r, []func(){
			func() { w.Kind = text }, func() { w.TargetURL = text }, func() { w.Description = text },
			func() { w.Events = filtertest.Insert(r, w.Events, text) },
			func() { w.EnvironmentTypesFilter = filtertest.Insert(r, w.EnvironmentTypesFilter, text) },
		})()
	}
	return w
}

// webhooks returns the webhooks of an organization for which keep returns true.
func (m model) webhooks(organization uuid.UUID, keep func(*webhook.Webhook) bool) []*webhook.Webhook {
	var ws []*webhook.Webhook
	for a, w := range m {
		if a.organization == organization && keep(w) {
			ws = append(ws, w)
		}
	}
	return ws
}

func (m model) all(organization uuid.UUID) []*webhook.Webhook {
	return m.webhooks(organization, func(*webhook.Webhook) bool { return true })
}

func (m model) matches(organization uuid.UUID, e webhook.Event) []*webhook.Webhook {
	return m.webhooks(organization, func(w *webhook.Webhook) bool { return filtertest.Fires(w, e) })
}

// difference compares the results of x for the given organizations, ids and events with m.
// It describes the first difference, or returns "".
func (m model) difference(x *filter.Index, organizations, ids []uuid.UUID, events []webhook.Event) string {
	if x.Len() != len(m) {
		return fmt.Sprintf("Len: got %d, want %d", x.Len(), len(m))
	}
	for _, o := range organizations {
		if got, want := byID(slices.Collect(x.All(o))), byID(m.all(o)); !reflect.DeepEqual(got, want) {
			return fmt.Sprintf("All: got %v, want %v", got, want)
		}
		for _, id := range ids {
			if got, ok := x.Get(o, id); !reflect.DeepEqual(got, m[address{o, id}]) || ok != (got != nil) {
				return fmt.Sprintf("Get: got %v, %t, want %v", got, ok, m[address{o, id}])
			}
		}
		for _, e := range events {
			if got, want := byID(x.AppendMatches(nil, o, e)), byID(m.matches(o, e)); !reflect.DeepEqual(got, want) {
				return fmt.Sprintf("AppendMatches of %+v: got %v, want %v", e, got, want)
			}
		}
	}
	return ""
}

// byID returns the webhooks ordered by id, so that lists in different orders can be compared.
func byID(ws []*webhook.Webhook) []*webhook.Webhook {
	return slices.SortedFunc(slices.Values(ws), func(a, b *webhook.Webhook) int { return slices.Compare(a.ID[:], b.ID[:]) })
}

// drawIDs returns n ids.
func drawIDs(r *rand.Rand, n int) []uuid.UUID {
	ids := make([]uuid.UUID, n)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewRandomFromReader(r))
	}
	return ids
}

// drawEventForAny returns an event that often fires one of the webhooks in m.
func drawEventForAny(r *rand.Rand, m model) webhook.Event {
	ws := slices.Collect(maps.Values(m))
	if len(ws) == 0 {
		return filtertest.Event(r, &webhook.Webhook{})
	}
	return filtertest.Event(r, filtertest.Pick(r, byID(ws)))
}
