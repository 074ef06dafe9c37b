package filter_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// Given a webhook for every set of types and modes, including an undocumented type and mode,
// the Index finds for every event the webhooks that fire by the rules.
func TestIndexOfAllTypesAndModes(t *testing.T) {
	types, modes := append(webhook.EventTypes(), "X"), append(webhook.EnvironmentModes(), "X")
	x := filter.NewIndex()
	ws := make(map[uuid.UUID]*webhook.Webhook)
	for set := range 1 << (len(types) + len(modes)) {
		w := indexed()
		w.Events, w.EnvironmentTypesFilter = subset(types, set), subset(modes, set>>len(types))
		require.NoError(t, x.Put(shop, w))
		ws[w.ID] = w
	}
	for _, e := range types {
		for _, m := range append(modes, "Y") {
			event := webhook.Event{Type: e, ProjectName: "a", EnvironmentMode: m}
			found := make(map[uuid.UUID]bool)
			for _, w := range x.AppendMatches(nil, shop, event) {
				found[w.ID] = true
			}
			for id, w := range ws {
				require.Equal(t, filtertest.Fires(w, event), found[id], "%v for %v", w, event)
			}
		}
	}
}

// The Index preserves the difference between empty and nil lists: in JSON, an empty list is
// [] and a nil list is absent.
func TestIndexKeepsEmptyLists(t *testing.T) {
	empty, absent := indexed(), indexed()
	empty.Events, empty.ProjectNamesFilter, empty.EnvironmentTypesFilter = []webhook.EventType{}, []string{}, []webhook.EnvironmentMode{}
	absent.Events, absent.ProjectNamesFilter, absent.EnvironmentTypesFilter = nil, nil, nil
	x := indexOf(t, empty, absent)
	for _, want := range []*webhook.Webhook{empty, absent} {
		got, ok := x.Get(shop, want.ID)
		require.True(t, ok)
		require.Equal(t, want, got)
	}
}

// subset returns the elements whose bits are set.
func subset[T any](all []T, set int) (some []T) {
	for i, v := range all {
		if set>>i&1 != 0 {
			some = append(some, v)
		}
	}
	return some
}
