package filter

import (
	"slices"

	"github.com/hookfilter/hookfilter/filter/internal/live"
	"github.com/hookfilter/hookfilter/webhook"
)

// A webhook has one tag for each pair of a type and a mode that it accepts. If it accepts a type
// in every mode, it has a single tag for that type instead, TYPE×every. An event tests two tags:
// its pair, and its TYPE×every. A webhook has at most one of the two.
//
//	webhook, events [STARTED], no modes            STARTED×every
//	webhook, events [STARTED FAILURE], [STAGING]   STARTED×STAGING FAILURE×STAGING
//	event, STARTED in STAGING                      STARTED×every STARTED×STAGING
//
// All types that the API does not document count as one type here, and all undocumented modes
// as one mode. For an event of an undocumented type or mode, the webhooks found by tags are only
// candidates: AppendMatches tests that clause again.
const (
	typeTags  = 5 // each type with a tag of its own, and one for the others
	modeTags  = 5 // each mode with a tag of its own, and one for the others
	everyMode = modeTags
)

// This fails to compile if there are more tags than live.MaxTags.
const _ = uint(live.MaxTags - typeTags*(modeTags+1))

var (
	types = newKnown(webhook.EventTypes(), typeTags-1)
	modes = newKnown(webhook.EnvironmentModes(), modeTags-1)
)

func tag(t, m int) live.Tags { return 1 << (t*(modeTags+1) + m) }

// tagsOf returns the tags of a webhook.
func tagsOf(w *webhook.Webhook) (tags live.Tags) {
	c := clausesOf(w)
	// tag(t, m) is the tag of the type ts[t] and the mode ms[m]. Each slice ends with a value of w
	// that has no tag of its own, or with "" if w has none. Both slices stay on the stack.
	ts := append(append(make([]webhook.EventType, 0, typeTags), types...), types.other(w.Events))
	ms := append(append(make([]webhook.EnvironmentMode, 0, modeTags), modes...), modes.other(w.EnvironmentTypesFilter))
	for t := range ts {
		for m := range ms {
			if c.admits(ts[t], ms[m]) {
				tags |= tag(t, m)
			}
		}
	}
	for t := range typeTags {
		row := tag(t, everyMode) - tag(t, 0) // the tags of t with each single mode
		if tags&row == row {
			tags ^= row | tag(t, everyMode)
		}
	}
	return tags
}

// queryOf returns the two tags that e tests, and whether its type and its mode have tags of
// their own. A webhook with one of the tags is enabled. It subscribes to the type if
// knownType is true, and admits the mode if knownMode is true.
func queryOf(e webhook.Event) (tags live.Tags, knownType, knownMode bool) {
	t, m := types.index(e.Type), modes.index(e.EnvironmentMode)
	return tag(t, m) | tag(t, everyMode), t < len(types), m < len(modes)
}

// known lists the values that have a tag of their own.
type known[T comparable] []T

// newKnown returns the first n of the values, or all if there are fewer.
func newKnown[T comparable](values []T, n int) known[T] { return values[:min(len(values), n)] }

// index returns the position of v, or the number of values if v is not one of them.
func (k known[T]) index(v T) int {
	if i := slices.Index(k, v); i >= 0 {
		return i
	}
	return len(k)
}

// other returns the first value in list without a tag of its own, or the zero value.
func (k known[T]) other(list []T) (v T) {
	for _, v := range list {
		if !slices.Contains(k, v) {
			return v
		}
	}
	return v
}
