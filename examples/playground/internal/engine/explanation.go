package engine

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Explanation explains one cell of the table.
type Explanation struct {
	Webhook string `json:"webhook"`
	State   string `json:"state"` // as in Column
	Name    string `json:"name"`
	// NameParts is Name in three parts, if [filter.Clause.Nearest] returns the place where
	// it stops matching the nearest entry of project_names_filter: the part before that
	// place, the character there, which is empty if the entry expects more characters, and
	// the rest. Otherwise it is nil.
	NameParts []string `json:"name_parts"`
	// Fires are the events that fire now, and Before the events that fired in the
	// baseline, each as "TYPE in MODE". Events is the number of chosen events that the
	// name can have.
	Fires  []string `json:"fires"`
	Before []string `json:"before"`
	Events int      `json:"events"`
	// Project is "unknown" if no pasted project has the name, "absent" if the project has
	// no environment of a chosen mode, and otherwise empty.
	Project string `json:"project"`
	// Clauses are the clauses of filter.Explanation, in its order. The clauses of the type
	// and the mode are repeated for each chosen value that the name can have. Clauses is empty
	// if State is neither empty nor "disabled".
	Clauses []Clause `json:"clauses"`
	// Entries are the first entries of project_names_filter, and MoreEntries is the number
	// of the others.
	Entries     []Entry `json:"entries"`
	MoreEntries int     `json:"more_entries"`
	// Notes are the first notes on the webhook, without places, and MoreNotes is the number
	// of the others.
	Notes     []Note `json:"notes"`
	MoreNotes int    `json:"more_notes"`
}

// Clause is the JSON form of a filter.Clause.
type Clause struct {
	Holds bool   `json:"holds"`
	Text  string `json:"text"`
}

// Entry is an entry of project_names_filter, and whether and how it matches the name.
type Entry struct {
	filter.Entry
	Matches bool   `json:"matches"`
	Parts   []Part `json:"parts"` // if it matches
}

// Part is a part of a name and the part of an entry that matched it.
type Part struct {
	Name     string `json:"name"`
	Entry    string `json:"entry"`
	Wildcard bool   `json:"wildcard"`
}

func (e *Engine) explain(q *Request, names []string) (*Explanation, error) {
	if e.webhooks.broken != nil {
		return nil, errors.New("no cell to explain: the webhooks cannot be read")
	}
	columns := e.columns()
	if q.Webhook < 0 || q.Webhook >= len(columns) || q.Name < 0 || q.Name >= len(names) {
		return nil, fmt.Errorf("no cell at webhook %d and name %d: the table has %d webhooks and %d names", q.Webhook, q.Name, len(columns), len(names))
	}
	now, before := columns[q.Webhook][0], columns[q.Webhook][1]
	name := names[q.Name]
	modes := e.existing.modesOf(name, q.Modes)
	x := &Explanation{Name: jsonvalue.Printable(name), Events: len(q.Types) * len(modes),
		Fires: now.firing(name, q.Types, modes), Clauses: []Clause{}, Entries: []Entry{}, Notes: []Note{}, Before: []string{}}
	switch {
	case e.existing.isUnknown(name):
		x.Project = "unknown"
	case len(modes) == 0 && len(q.Modes) > 0:
		x.Project = "absent"
	}
	if e.compares() {
		x.Before = before.firing(name, q.Types, modes)
	}
	if now == nil {
		x.Webhook, x.State = before.label(q.Webhook), "removed"
		return x, nil
	}
	x.Webhook, x.State = now.label(q.Webhook), now.state
	shown, more := cut(now.notes, maxNotes)
	x.Notes, x.MoreNotes = append(x.Notes, shown...), more
	if now.w == nil {
		return x, nil
	}
	entries, more := cut(now.w.ProjectNamesFilter, maxEntries)
	x.MoreEntries = more
	for i, entry := range entries {
		x.Entries = append(x.Entries, entryOf(i, entry, name))
	}
	if now.state == "invalid" || now.state == "duplicate" || now.state == "ambiguous" {
		return x, nil
	}
	add := func(clause string, t webhook.EventType, m webhook.EnvironmentMode) {
		c, _ := now.filter.Explain(webhook.Event{Type: t, ProjectName: name, EnvironmentMode: m}).Clause(clause)
		x.Clauses = append(x.Clauses, Clause{c.Holds, c.String()})
		if m, ok := c.Nearest(); ok {
			x.NameParts = partsOf(name, m.Start, m.End)
		}
	}
	add(filter.ClauseEnabled, "", "")
	for _, t := range q.Types {
		add(filter.ClauseEvents, t, "")
	}
	add(filter.ClauseProjectNames, "", "")
	for _, m := range modes {
		add(filter.ClauseModes, "", m)
	}
	return x, nil
}

// partsOf returns the printable form of a name in three parts.
func partsOf(name string, start, end int) []string {
	parts := []string{name[:start], name[start:end], name[end:]}
	if jsonvalue.Printable(name) != name {
		for i, part := range parts {
			quoted := strconv.Quote(part)
			parts[i] = quoted[1 : len(quoted)-1]
		}
		parts[0], parts[2] = `"`+parts[0], parts[2]+`"`
	}
	return parts
}

// firing returns the events of a project name, the types and the modes that fire h.
func (h *hook) firing(name string, types []webhook.EventType, modes []webhook.EnvironmentMode) []string {
	fires := []string{}
	for _, t := range types {
		for _, m := range modes {
			if h != nil && h.filter.Match(webhook.Event{Type: t, ProjectName: name, EnvironmentMode: m}) {
				fires = append(fires, jsonvalue.Printable(string(t))+" in "+jsonvalue.Printable(string(m)))
			}
		}
	}
	return fires
}

// entryOf compares one entry with a name.
func entryOf(index int, entry, name string) Entry {
	e := Entry{Entry: filter.Entry{Index: index, Value: entry}, Parts: []Part{}}
	f, err := filter.Compile(&webhook.Webhook{Enabled: true, ProjectNamesFilter: []string{entry}})
	if err != nil {
		return e
	}
	c, _ := f.Explain(webhook.Event{ProjectName: name}).Clause(filter.ClauseProjectNames)
	e.Matches = c.Holds
	tokens := tokensOf(entry)
	for i, s := range c.Spans() {
		e.Parts = append(e.Parts, Part{name[s.Start:s.End], tokens[i], s.Wildcard != 0})
	}
	return e
}

// tokensOf splits an entry into its wildcards and the literals between them, one for each
// span that Spans returns.
func tokensOf(entry string) (tokens []string) {
	for entry != "" {
		n := strings.IndexAny(entry, "*?")
		switch {
		case n < 0:
			n = len(entry)
		case n == 0:
			n = 1
		}
		tokens, entry = append(tokens, entry[:n]), entry[n:]
	}
	return slices.Clip(tokens)
}
