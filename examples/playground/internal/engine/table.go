package engine

import (
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Table says which webhooks fire for each name.
type Table struct {
	// Broken is true if the text cannot be read at all. Then there is one note and no
	// Webhooks.
	Broken bool   `json:"broken"`
	Notes  []Note `json:"notes"` // in the order of the text
	// MoreNotes and MoreNames are the numbers of notes and names that are left out because
	// there are too many.
	MoreNotes int `json:"more_notes"`
	MoreNames int `json:"more_names"`
	// Compared is true if the baseline has webhooks.
	Compared bool     `json:"compared"`
	Names    []string `json:"names"`    // the rows, as shown
	Webhooks []Column `json:"webhooks"` // in the order of the text, then the webhooks that only the baseline has
	// Events is the number of pairs of a type and a mode.
	Events int `json:"events"`
	// Unknown is the number of names that no pasted project has, and Absent the number of
	// names whose project has no environment of a chosen mode.
	Unknown int `json:"unknown"`
	Absent  int `json:"absent"`
	// Deliveries is the number of deliveries. A delivery is an event that fires a webhook: each
	// combination of a name, type, mode and webhook counts once. Added and Removed are the numbers of
	// deliveries that the edit adds and removes.
	Deliveries int `json:"deliveries"`
	Added      int `json:"added"`
	Removed    int `json:"removed"`
	// Firing is the number of names with a delivery.
	Firing int `json:"firing"`
}

// Column is a webhook of the table.
type Column struct {
	Label string `json:"label"`
	ID    string `json:"id"`
	// Start is its offset in the text, in UTF-16 code units; -1 if only the baseline has it.
	Start int `json:"start"`
	// State is "duplicate" if a later webhook has the same id, and "ambiguous" if another
	// webhook without an id has the same description; "unreadable", "invalid" or "disabled"
	// if the webhook fires for nothing for that reason; "removed" if only the baseline has
	// it; and otherwise empty.
	State string `json:"state"`
	// Events is the number of pairs of a type and a mode for which all clauses other than the
	// clause on names hold.
	Events int `json:"events"`
	// Cells has one character per name: '0' plus none, some, all or absent, plus added and
	// removed.
	Cells string `json:"cells"`
}

// Codes of a cell: none, some or all of the chosen events fire, or the name can have none of
// them; plus the changes since the baseline.
const (
	none    = 0
	some    = 1
	all     = 2
	absent  = 3
	added   = 4
	removed = 8
)

// columns returns pairs of a webhook now and before. One of a pair may be nil. Webhooks with
// the same id are a pair; if several webhooks have one id, the last ones are a pair, then the
// ones before, and so on. Other webhooks are a pair if they have the same index and one of
// them has no id.
func (e *Engine) columns() (columns [][2]*hook) {
	earlier := e.baseline.hooks
	byID := make(map[uuid.UUID][]int)
	for i, h := range earlier {
		if h.id != uuid.Nil {
			byID[h.id] = append(byID[h.id], i)
		}
	}
	paired := make([]bool, len(earlier))
	columns = make([][2]*hook, len(e.webhooks.hooks))
	for i, h := range slices.Backward(e.webhooks.hooks) {
		columns[i][0] = h
		if same := byID[h.id]; len(same) > 0 {
			last := same[len(same)-1]
			columns[i][1], paired[last], byID[h.id] = earlier[last], true, same[:len(same)-1]
		}
	}
	for i := range min(len(columns), len(earlier)) {
		if c := &columns[i]; c[1] == nil && !paired[i] && (c[0].id == uuid.Nil || earlier[i].id == uuid.Nil) {
			c[1], paired[i] = earlier[i], true
		}
	}
	for i, h := range earlier {
		if !paired[i] {
			columns = append(columns, [2]*hook{nil, h})
		}
	}
	return columns
}

func (e *Engine) table(names []string, types []webhook.EventType, modes []webhook.EnvironmentMode) *Table {
	t := &Table{
		Broken:   e.webhooks.broken != nil,
		Compared: e.compares(),
		Names:    make([]string, len(names)),
		Webhooks: []Column{},
		Events:   len(types) * len(modes),
	}
	t.Notes, t.MoreNotes = e.webhooks.allNotes()
	for i, name := range names {
		t.Names[i] = jsonvalue.Printable(name)
	}
	if t.Broken {
		return t
	}
	groups, groupOf := e.existing.groups(names, len(types), modes)
	for n, name := range names {
		if e.existing.isUnknown(name) {
			t.Unknown++
		}
		if t.Events > 0 && groups[groupOf[n]].events == 0 {
			t.Absent++
		}
	}
	e.matches = e.matches.following(names)
	fires := make([]bool, len(names))
	at := position{text: e.webhooks.text}
	for i, pair := range e.columns() {
		now := e.matches.verdicts(pair[0], types, modes)
		before := now
		if t.Compared {
			before = e.matches.verdicts(pair[1], types, modes)
		} else if pair[0] == nil {
			continue
		}
		shown := pair[0]
		c := Column{Events: len(now.events)}
		if shown == nil {
			shown, c.State = pair[1], "removed"
		} else {
			c.State = shown.state
		}
		c.Start = -1
		if pair[0] != nil {
			at.advance(e.webhooks.starts[i])
			c.Start = at.units
		}
		c.Label, c.ID = shown.label(i), shown.id.String()
		counts := make([]count, len(groups))
		for i, g := range groups {
			counts[i] = g.count(now.events, before.events)
		}
		cells := make([]byte, len(names))
		for n := range names {
			cell, more, less := byte(none), 0, 0
			row := counts[groupOf[n]]
			switch {
			case now.names[n] && before.names[n]:
				more, less = row.added, row.removed
			case now.names[n]:
				more = row.now
			case before.names[n]:
				less = row.before
			}
			switch {
			case row.events == 0 && t.Events > 0:
				cell = absent
			case now.names[n] && row.now > 0:
				cell = all
				if row.now < row.events {
					cell = some
				}
				t.Deliveries += row.now
				fires[n] = true
			}
			if more > 0 {
				cell += added
			}
			if less > 0 {
				cell += removed
			}
			t.Added, t.Removed = t.Added+more, t.Removed+less
			cells[n] = '0' + cell
		}
		c.Cells = string(cells)
		t.Webhooks = append(t.Webhooks, c)
	}
	for _, f := range fires {
		if f {
			t.Firing++
		}
	}
	return t
}

// compares reports whether there is a baseline to compare with.
func (e *Engine) compares() bool { return len(e.baseline.hooks) > 0 && e.baseline.broken == nil }

// verdicts are the verdicts of one webhook. The webhook fires for an event if names is true for
// the event's name and events contains the event's type and mode.
type verdicts struct {
	events []int // for which the other clauses hold: index of the type * number of modes + index of the mode
	names  []bool
}

// verdicts returns the verdicts of h. A nil h fires for nothing. The clauses are
// independent, so each name is matched only once, with any event for which the other
// clauses hold.
func (m *matches) verdicts(h *hook, types []webhook.EventType, modes []webhook.EnvironmentMode) verdicts {
	v := verdicts{names: make([]bool, len(m.names))}
	if h == nil {
		return v
	}
	var candidate webhook.Event
	for i, t := range types {
		for j, mode := range modes {
			e := webhook.Event{Type: t, EnvironmentMode: mode}
			if otherClausesHold(h.filter.Explain(e)) {
				v.events = append(v.events, i*len(modes)+j)
				candidate = e
			}
		}
	}
	if len(v.events) > 0 {
		v.names = m.of(h, candidate)
	}
	return v
}

// otherClausesHold reports whether every clause other than the clause on names holds.
func otherClausesHold(x filter.Explanation) bool {
	return !slices.ContainsFunc(x.Clauses, func(c filter.Clause) bool { return !c.Holds && c.Name != filter.ClauseProjectNames })
}

// difference returns the number of elements of a that are not in b. Both must be sorted.
func difference(a, b []int) (n int) {
	for _, v := range a {
		for len(b) > 0 && b[0] < v {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != v {
			n++
		}
	}
	return n
}
