package filter

import (
	"slices"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
	"github.com/hookfilter/hookfilter/webhook"
)

// Filter decides whether an event fires one webhook. It is immutable, shares no slice
// with the webhook that it was compiled from, and is safe for concurrent use. The zero
// Filter matches nothing.
type Filter struct {
	clauses
	entries []string // not folded, for Explain
	names   wildcard.List
}

// Compile returns the filter of w, or a nil Filter and the error of
// [webhook.Webhook.ValidateFilters]: every invalid element of the three lists, as
// [*webhook.FieldError] values. It does not look at the other fields of w, so it
// compiles a webhook without an id, and a disabled one. For a nil w the error is a
// [*webhook.FieldError] with the Field "webhook".
func Compile(w *webhook.Webhook) (*Filter, error) {
	if w == nil {
		return nil, required("webhook")
	}
	if err := w.ValidateFilters(); err != nil {
		return nil, err
	}
	c := clausesOf(w)
	c.events, c.modes = slices.Clone(c.events), slices.Clone(c.modes)
	return &Filter{c, slices.Clone(w.ProjectNamesFilter), wildcard.CompileList(w.ProjectNamesFilter)}, nil
}

// This fails to compile if a valid entry may be too long for wildcard.Compile.
const _ = uint(wildcard.MaxEntry - webhook.MaxProjectNamesFilterEntry)

// Match reports whether the event fires the webhook. In steady state it
// allocates nothing.
//
// Its time grows with the number of entries. One entry takes at worst time proportional
// to the length of the entry times the length of the name; an entry with a single * costs
// no more than comparing its characters.
func (f *Filter) Match(e webhook.Event) bool {
	if !f.admits(e.Type, e.EnvironmentMode) {
		return false
	}
	_, named := f.name(e.ProjectName)
	return named
}

// name applies rule 3. It returns the position of the first entry that matches, or -1,
// and reports whether the rule holds.
func (f *Filter) name(project string) (int, bool) {
	if len(f.entries) == 0 {
		return -1, true
	}
	i := f.names.Index(project)
	return i, i >= 0
}
