package filter

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/hookfilter/hookfilter/webhook"
)

// Explanation is the verdict on one event, with the result of each clause. It shares no
// memory except strings with the Filter. The zero Explanation is not a verdict: it has no
// clauses, and prints as "no verdict".
type Explanation struct {
	// Fires reports whether every clause holds.
	Fires bool `json:"fires"`
	// Clauses holds the results of rules 1 to 4 of the package comment, in that order.
	Clauses []Clause `json:"clauses"`
}

// The names of the clauses: the webhook's JSON fields.
const (
	ClauseEnabled      = "enabled"                  // rule 1
	ClauseEvents       = "events"                   // rule 2
	ClauseProjectNames = "project_names_filter"     // rule 3
	ClauseModes        = "environment_types_filter" // rule 4
)

// Clause is the result of one clause for an event. The zero Clause does not hold.
type Clause struct {
	// Name is one of the constants above.
	Name string `json:"clause"`
	// Holds reports whether the event satisfies the clause.
	Holds bool `json:"holds"`
	// Value is the value of the event that the clause compares: the type, project name or
	// environment mode. It is empty for ClauseEnabled, which does not depend on the event.
	Value string `json:"value"`
	// Entry is the first list entry that satisfies the clause. It is nil if no entry does,
	// for ClauseEnabled, and for an empty list that restricts nothing.
	Entry *Entry `json:"entry,omitempty"`
	// List is a copy of the webhook's list if the clause does not hold, and nil otherwise.
	// String shows it; the JSON does not contain it.
	List []string `json:"-"`
}

// Entry is an entry of one of a webhook's lists, and its position.
type Entry struct {
	Index int    `json:"index"` // from 0
	Value string `json:"value"` // the entry itself, not folded
}

// Explain returns the verdict on e with its reasons. It uses the same compiled lists as
// Match, so Explain(e).Fires equals Match(e). It evaluates every clause, even after one
// that does not hold.
func (f *Filter) Explain(e webhook.Event) Explanation {
	x := Explanation{Clauses: []Clause{
		{Name: ClauseEnabled, Holds: f.enabled},
		explain(ClauseEvents, e.Type, f.events, f.event),
		explain(ClauseProjectNames, e.ProjectName, f.entries, f.name),
		explain(ClauseModes, e.EnvironmentMode, f.modes, f.mode),
	}}
	x.Fires = !slices.ContainsFunc(x.Clauses, func(c Clause) bool { return !c.Holds })
	return x
}

// explain returns the result of the named clause. The function rule evaluates the clause for
// value: it returns the position in list of the first element that matches, or -1, and
// whether the clause holds.
func explain[S ~string](name string, value S, list []S, rule func(S) (int, bool)) Clause {
	i, holds := rule(value)
	c := Clause{Name: name, Value: string(value), Holds: holds}
	if i >= 0 {
		c.Entry = &Entry{Index: i, Value: string(list[i])}
	}
	if !holds {
		for _, v := range list {
			c.List = append(c.List, string(v))
		}
	}
	return c
}

// Clause returns the clause with the given name: ClauseEnabled, ClauseEvents,
// ClauseProjectNames or ClauseModes. It returns false if x has no such clause.
func (x Explanation) Clause(name string) (Clause, bool) {
	i := slices.IndexFunc(x.Clauses, func(c Clause) bool { return c.Name == name })
	if i < 0 {
		return Clause{}, false
	}
	return x.Clauses[i], true
}

// StoppedBy returns the first clause that does not hold and true, or the zero Clause and
// false if x fires. For the zero Explanation it returns the zero Clause and true.
func (x Explanation) StoppedBy() (Clause, bool) {
	for _, c := range x.Clauses {
		if !c.Holds {
			return c, true
		}
	}
	return Clause{}, !x.Fires
}

// String returns one line with the verdict and the result of each clause, as in
// `does not fire: not enabled; events[0] "DEPLOYMENT_FAILURE" matches "DEPLOYMENT_FAILURE"; …`.
func (x Explanation) String() string {
	var b strings.Builder
	switch {
	case len(x.Clauses) == 0:
		return "no verdict"
	case x.Fires:
		b.WriteString("fires")
	default:
		b.WriteString("does not fire")
	}
	sep := ": "
	for _, c := range x.Clauses {
		b.WriteString(sep + c.String())
		sep = "; "
	}
	return b.String()
}

// LogValue implements [slog.LogValuer]. It returns a group with "fires" and, under the
// name of each clause, the result of [Clause.String]. Project names and entries are not
// redacted. For the zero Explanation it returns the string "no verdict".
func (x Explanation) LogValue() slog.Value {
	if len(x.Clauses) == 0 {
		return slog.StringValue(x.String())
	}
	attrs := []slog.Attr{slog.Bool("fires", x.Fires)}
	for _, c := range x.Clauses {
		attrs = append(attrs, slog.String(c.Name, c.String()))
	}
	return slog.GroupValue(attrs...)
}

// String describes the result in one line, as in
// `project_names_filter[1] "*-api" matches "Checkout-API"` and
// `project_names_filter ["pay-*" "*-api"] does not match "pay_eu": "pay-*" expects "-"
// after "pay", the name has "_"`, where the last part is from [Clause.Nearest]. Long values
// and lists are truncated. Names and entries are not redacted, even if they are URLs. The
// zero Clause is "no clause".
func (c Clause) String() string {
	switch {
	case c.Name == "":
		return "no clause"
	case c.Entry != nil:
		return fmt.Sprintf("%s[%d] %s matches %s", c.Name, c.Entry.Index, quote(c.Entry.Value), quote(c.Value))
	case c.Name == ClauseEnabled && c.Holds:
		return "enabled"
	case c.Name == ClauseEnabled:
		return "not enabled"
	case c.Holds:
		return c.Name + " is empty and restricts nothing"
	case len(c.List) == 0:
		return c.Name + " is empty and matches nothing"
	}
	var b strings.Builder
	b.WriteString(c.Name + " [")
	for i, v := range c.List {
		if b.Len() > maxList {
			fmt.Fprintf(&b, " and %d more", len(c.List)-i)
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(quote(v))
	}
	fmt.Fprintf(&b, "] does not match %s", quote(c.Value))
	if m, ok := c.Nearest(); ok {
		b.WriteString(": " + m.String())
	}
	return b.String()
}

// maxList is the length of the text, in bytes, above which String only counts the remaining
// entries of a list.
const maxList = 200

// quote returns s, or the first 80 characters of it, in quotes.
func quote(s string) string {
	if short := fmt.Sprintf("%.80s", s); short != s {
		return fmt.Sprintf("%q…", short)
	}
	return strconv.Quote(s)
}
