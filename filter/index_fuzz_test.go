package filter_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// FuzzIndex decodes calls of an Index from bytes, and compares the Index with a model after
// the calls.
func FuzzIndex(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("P\x00\x21a*\x00P\x00\x22*b\x00P\x01\x21?a\x00D\x00\x01P\x00\x22b\x00"))
	f.Add([]byte("P\x00\x21\xe2\x84\xaa\x00P\x00\x21s*k?\x00P\x00\x23\xc5\xbf*\x00P\x00\x24*\x00D\x00\x04"))
	f.Add([]byte("P\x00\x21a*\x00P\x00\x22b\x00W\x00\x21c\x00W\x00\x22\x00W\x00\x21d*\x00W\x00\x22b\x00U\x00\x00W\x00\x22\x00U\x00\x00"))
	f.Add([]byte("P\x00\x21a*a\x00P\x00\x22a?a\x00P\x00\x23??\x00P\x00\x24*a*\x00P\x00\x22*\xff\x00P\x00\x21\x00"))
	f.Fuzz(func(t *testing.T, calls []byte) {
		x, m := filter.NewIndex(), model{}
		organizations := []uuid.UUID{shop, game}
		var ids []uuid.UUID
		for id := range 8 {
			ids = append(ids, uuid.UUID{15: byte(id + 1)})
		}
		next := func() byte {
			if len(calls) == 0 {
				return 0
			}
			b := calls[0]
			calls = calls[1:]
			return b
		}
		var names []string
		var list []*webhook.Webhook // for the next Replace
		for len(calls) > 0 {
			what, o, options := next()%8, next(), next()
			a := address{organizations[o%2], ids[options%8]}
			switch what {
			case 4:
				require.Equal(t, m[a] != nil, x.Delete(a.organization, a.webhook))
				delete(m, a)
				continue
			case 5:
				var problems map[int]string
				m, problems = m.replace(a.organization, list)
				require.Equal(t, problems, problemsOf(x.Replace(a.organization, list)))
				list = nil
				continue
			}
			w := &webhook.Webhook{ID: a.webhook, Enabled: options&8 == 0, Events: webhook.EventTypes()[:1+o%4]}
			if options&16 != 0 {
				w.EnvironmentTypesFilter = webhook.EnvironmentModes()[:1+o>>2%4]
			}
			for range options >> 5 % 4 {
				var entry []byte
				for b := next(); b != 0; b = next() {
					entry = append(entry, b)
				}
				w.ProjectNamesFilter = append(w.ProjectNamesFilter, string(entry))
				names = append(names, string(entry))
			}
			if what > 5 {
				list = append(list, w)
			} else if err := x.Put(a.organization, w); storable(w) {
				require.NoError(t, err)
				m[a] = w
			} else {
				require.Error(t, err)
			}
		}
		var events []webhook.Event
		for i, name := range append(names, "", "a") {
			events = append(events, webhook.Event{
				Type:            webhook.EventTypes()[i%4],
				ProjectName:     name,
				EnvironmentMode: append(webhook.EnvironmentModes(), "OTHER")[i%5],
			})
		}
		require.Empty(t, m.difference(x, organizations, ids, events))
	})
}
