package engine

import "github.com/hookfilter/hookfilter/webhook"

// matches says which of some names webhooks fire for. A table has as many answers
// as names times webhooks, of which an edit changes few: those that were there
// before are taken over.
type matches struct {
	names []string
	known map[*hook][]bool // for each name, of webhooks that let some event through

	before *matches // without one before it
	// The first names and the last that before has too.
	first, last int
}

// following returns the matches for names, which may know m's answers. m may be nil.
func (m *matches) following(names []string) *matches {
	next := &matches{names: names, known: make(map[*hook][]bool)}
	if m == nil {
		return next
	}
	next.before = &matches{names: m.names, known: m.known}
	least := min(len(names), len(m.names))
	for next.first < least && names[next.first] == m.names[next.first] {
		next.first++
	}
	for next.last < least-next.first && names[len(names)-1-next.last] == m.names[len(m.names)-1-next.last] {
		next.last++
	}
	return next
}

// of returns for each name whether h fires for it, with an event of a type and mode
// that h lets through.
func (m *matches) of(h *hook, e webhook.Event) []bool {
	if answers, ok := m.known[h]; ok {
		return answers
	}
	answers := make([]bool, len(m.names))
	first, last := 0, 0
	if m.before != nil {
		if old, ok := m.before.known[h]; ok {
			first, last = m.first, m.last
			copy(answers, old[:first])
			copy(answers[len(answers)-last:], old[len(old)-last:])
		}
	}
	for n := first; n < len(m.names)-last; n++ {
		e.ProjectName = m.names[n]
		answers[n] = h.filter.Match(e)
	}
	m.known[h] = answers
	return answers
}
