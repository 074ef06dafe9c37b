package filter

import (
	"slices"

	"github.com/hookfilter/hookfilter/webhook"
)

// Filter is the compiled form of what decides whether a webhook fires. It is
// immutable, keeps nothing of the webhook that it was compiled from, and is safe
// for concurrent use. The zero Filter matches nothing.
type Filter struct {
	enabled  bool
	events   []webhook.EventType
	entries  []string // as they were written, for Explain
	patterns []pattern
	simple   bool // no pattern has parts
	modes    []webhook.EnvironmentMode
}

// Compile returns the filter of w. Its error is that of
// [webhook.Webhook.ValidateFilters], with a nil Filter: every fault of the three
// lists, as [*webhook.FieldError] values. The other fields of w do not concern it,
// so it compiles a webhook that has no id, and one that is disabled.
func Compile(w *webhook.Webhook) (*Filter, error) {
	if err := w.ValidateFilters(); err != nil {
		return nil, err
	}
	f := &Filter{
		enabled:  w.Enabled,
		events:   slices.Clone(w.Events),
		entries:  slices.Clone(w.ProjectNamesFilter),
		patterns: make([]pattern, len(w.ProjectNamesFilter)),
		modes:    slices.Clone(w.EnvironmentTypesFilter),
	}
	f.simple = true
	for i, entry := range f.entries {
		f.patterns[i] = newPattern(canonical(entry))
		f.simple = f.simple && f.patterns[i].shape != shapeParts
	}
	return f, nil
}

// Match reports whether the event fires the webhook. In steady state it
// allocates nothing.
//
// Its time grows with the number of entries, and for one entry at worst with the
// length of the entry times the length of the name; an entry with a single *
// costs no more than comparing its characters.
func (f *Filter) Match(e webhook.Event) bool {
	return f.enabled &&
		slices.Contains(f.events, e.Type) &&
		(len(f.modes) == 0 || slices.Contains(f.modes, e.EnvironmentMode)) &&
		(len(f.patterns) == 0 || f.indexName(e.ProjectName) >= 0)
}

// indexName returns the position of the first entry that matches name, or -1.
func (f *Filter) indexName(name string) int {
	if f.simple && len(name) <= shortName {
		var stack [3 * shortName]byte // an invalid byte folds to three
		folded := asString(appendFold(stack[:0], name))
		for i := range f.patterns {
			if f.patterns[i].matchSimple(folded) {
				return i
			}
		}
		return -1
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	folded := s.fold(name)
	for i := range f.patterns {
		if f.patterns[i].match(folded) {
			return i
		}
	}
	return -1
}

// shortName is the longest name, in bytes, that is folded on the stack.
const shortName = 64
