package engine

import "github.com/hookfilter/hookfilter/webhook"

// matches caches the names that each webhook fires for. A table has one result for each
// pair of a name and a webhook. An edit changes few of them; the others are reused.
type matches struct {
	names []string
	known map[*hook][]bool // by name index, for webhooks that some event can fire

	before *matches // the previous matches; its own before is nil
	// The numbers of leading and trailing names that before shares.
	first, last int
}

// following returns matches for names, which can reuse the results of m. m may be nil.
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

// of returns for each name whether e with that name fires h. The clauses of h on the type
// and mode of e must hold.
func (m *matches) of(h *hook, e webhook.Event) []bool {
	if results, ok := m.known[h]; ok {
		return results
	}
	results := make([]bool, len(m.names))
	first, last := 0, 0
	if m.before != nil {
		if old, ok := m.before.known[h]; ok {
			first, last = m.first, m.last
			copy(results, old[:first])
			copy(results[len(results)-last:], old[len(old)-last:])
		}
	}
	for n := first; n < len(m.names)-last; n++ {
		e.ProjectName = m.names[n]
		results[n] = h.filter.Match(e)
	}
	m.known[h] = results
	return results
}
