package engine

import "github.com/hookfilter/hookfilter/webhook"

// matches caches which names each webhook fires for. A table has an answer for each pair
// of a name and a webhook, and an edit changes few of them, so the others are reused.
type matches struct {
	names []string
	known map[*hook][]bool // by name index, for webhooks that let some event through

	before *matches // the previous matches; its own before is nil
	// The number of leading and trailing names that before shares.
	first, last int
}

// following returns matches for names that can reuse m's answers. m may be nil.
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
