package filter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hookfilter/hookfilter/webhook"
)

// Explanation is the verdict on one event and each clause's part in it. It is a
// value that shares nothing with the Filter. The zero Explanation does not fire.
type Explanation struct {
	// Fires says whether every clause holds.
	Fires bool `json:"fires"`
	// Clauses are the rules 1 to 4 of the package comment, in that order.
	Clauses [4]Clause `json:"clauses"`
}

// Clause is the part of one clause in a verdict. The zero Clause does not hold.
type Clause struct {
	// Name is the webhook's JSON field: "enabled", "events",
	// "project_names_filter" or "environment_types_filter".
	Name string `json:"clause"`
	// Holds says whether the event satisfies the clause.
	Holds bool `json:"holds"`
	// Value is what the clause looked at: the event's type, project name or
	// environment mode. It is empty for "enabled", which looks at no event.
	Value string `json:"value"`
	// Entry is the first list entry that satisfied the clause. It is nil where
	// none did, and where none had to: for "enabled", and for an empty list that
	// restricts nothing.
	Entry *Entry `json:"entry,omitempty"`
	// List is a copy of the list, as the webhook has it, where none of it satisfied
	// the clause. It is for String; in JSON, the webhook itself is the better place.
	List []string `json:"-"`
}

// Entry is an entry of one of a webhook's lists, and where it is there.
type Entry struct {
	Index int    `json:"index"` // position in the list, from 0
	Value string `json:"value"` // as the webhook has it
}

// Explain returns the verdict on e with its reasons, from the same compiled lists
// that Match decides by: Explain(e).Match() is Match(e). Every clause is judged,
// also after one that does not hold.
func (f *Filter) Explain(e webhook.Event) Explanation {
	x := Explanation{Clauses: [4]Clause{
		{Name: "enabled", Holds: f.enabled},
		explain("events", e.Type, f.events, f.event),
		explain("project_names_filter", e.ProjectName, f.entries, f.name),
		explain("environment_types_filter", e.EnvironmentMode, f.modes, f.mode),
	}}
	_, stopped := x.StoppedBy()
	x.Fires = !stopped
	return x
}

// explain returns the clause of a list that rule judges.
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

// Match returns the verdict, x.Fires.
func (x Explanation) Match() bool { return x.Fires }

// StoppedBy returns the first clause that does not hold, and false if all hold.
func (x Explanation) StoppedBy() (Clause, bool) {
	for _, c := range x.Clauses {
		if !c.Holds {
			return c, true
		}
	}
	return Clause{}, false
}

// String returns the explanation as one line for a log.
func (x Explanation) String() string {
	var b strings.Builder
	if x.Fires {
		b.WriteString("fires")
	} else {
		b.WriteString("does not fire")
	}
	sep := ": "
	for _, c := range x.Clauses {
		b.WriteString(sep + c.String())
		sep = "; "
	}
	return b.String()
}

// String returns the clause's part for a person, as in
// `project_names_filter[1] "*-api" matches "Checkout-API"` and
// `project_names_filter ["pay*" "*-api"] does not match "billing"`. What is long is
// cut.
func (c Clause) String() string {
	switch {
	case c.Entry != nil:
		return fmt.Sprintf("%s[%d] %s matches %s", c.Name, c.Entry.Index, quote(c.Entry.Value), quote(c.Value))
	case c.Name == "enabled" && c.Holds:
		return "enabled"
	case c.Name == "enabled":
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
	return b.String()
}

// maxList is how much of a list String shows, in bytes, and the entry that it is in.
const maxList = 200

// quote returns s, or the first 80 characters of it, in quotes.
func quote(s string) string {
	if short := fmt.Sprintf("%.80s", s); short != s {
		return fmt.Sprintf("%q…", short)
	}
	return strconv.Quote(s)
}
