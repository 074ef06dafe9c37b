package filter

import (
	"slices"

	"github.com/hookfilter/hookfilter/webhook"
)

// combo is a combination of an event type and an environment mode. All modes that
// the API does not document are one, since no valid list tells them apart.
type combo uint32

// combos is the number of combinations. A set of them is the low bits of a uint32.
const combos = 4 * (4 + 1)

var (
	types = newKnown(webhook.EventTypes())
	modes = newKnown(webhook.EnvironmentModes())
)

// comboOf returns the combination of e, and false if no valid webhook fires for
// its type.
func comboOf(e webhook.Event) (combo, bool) {
	t := slices.Index(types.values, e.Type)
	m := slices.Index(modes.values, e.EnvironmentMode)
	if m < 0 {
		m = len(modes.values)
	}
	return combo(t*(len(modes.values)+1) + m), t >= 0
}

// comboSet returns the combinations that fire a valid webhook, names aside.
func comboSet(w *webhook.Webhook) uint32 {
	if !w.Enabled {
		return 0
	}
	modeSet := modes.set(w.EnvironmentTypesFilter)
	if len(w.EnvironmentTypesFilter) == 0 {
		modeSet = 1<<(len(modes.values)+1) - 1
	}
	set := uint32(0)
	for t := range types.values {
		if types.set(w.Events)>>t&1 != 0 {
			set |= modeSet << (t * (len(modes.values) + 1))
		}
	}
	return set
}

// known are the documented values of a list, and a list of each set of them in
// their order.
type known[T comparable] struct {
	values []T
	lists  [][]T
}

func newKnown[T comparable](values []T) known[T] {
	k := known[T]{values: values}
	for set := range 1 << len(values) {
		var list []T
		for i, v := range values {
			if set>>i&1 != 0 {
				list = append(list, v)
			}
		}
		k.lists = append(k.lists, slices.Clip(list))
	}
	return k
}

// set returns the set of the values that are in list.
func (k *known[T]) set(list []T) uint32 {
	set := uint32(0)
	for i, v := range k.values {
		if slices.Contains(list, v) {
			set |= 1 << i
		}
	}
	return set
}

// copyOf returns a copy of list, for reading only: all lists that have the same
// values in their documented order share one, and so take no memory.
func (k *known[T]) copyOf(list []T) []T {
	if shared := k.lists[k.set(list)]; len(list) > 0 && slices.Equal(list, shared) {
		return shared
	}
	return slices.Clone(list)
}
