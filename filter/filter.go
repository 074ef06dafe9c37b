package filter

import (
	"slices"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
	"github.com/hookfilter/hookfilter/webhook"
)

// Filter is the compiled form of what decides whether a webhook fires. It is
// immutable, keeps nothing of the webhook that it was compiled from, and is safe
// for concurrent use. The zero Filter matches nothing.
type Filter struct {
	clauses
	entries []string // as they were written, for Explain
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

// It does not compile if an entry may be valid and too long for wildcard.Compile.
const _ = uint(wildcard.MaxEntry - webhook.MaxProjectNamesFilterEntry)

// Match reports whether the event fires the webhook. In steady state it
// allocates nothing.
//
// Its time grows with the number of entries, and for one entry at worst with the
// length of the entry times the length of the name; an entry with a single *
// costs no more than comparing its characters.
func (f *Filter) Match(e webhook.Event) bool {
	if !f.admits(e.Type, e.EnvironmentMode) {
		return false
	}
	_, named := f.name(e.ProjectName)
	return named
}

// name is rule 3: whether it holds, and the position of the entry that matches, or
// -1.
func (f *Filter) name(project string) (int, bool) {
	if len(f.entries) == 0 {
		return -1, true
	}
	i := f.names.Index(project)
	return i, i >= 0
}
