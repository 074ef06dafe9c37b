package filter_test

import (
	"fmt"
	"math/rand"
	"reflect"
	"slices"
	"testing"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// webhookAndEvent is a test case. The webhook is valid, except in some cases of
// TestFiresAgreesWithOracle.
type webhookAndEvent struct {
	w *webhook.Webhook
	e webhook.Event
}

func (c webhookAndEvent) String() string { return fmt.Sprintf("%v, event %+q", c.w, c.e) }

func (c webhookAndEvent) match() bool { return filtertest.MustCompile(c.w).Match(c.e) }

func drawWebhookAndEvent(r *rand.Rand) webhookAndEvent {
	w := filtertest.Webhook(r)
	return webhookAndEvent{w, filtertest.Event(r, w)}
}

// Rules 1 to 13.
func TestFiresAgreesWithOracle(t *testing.T) {
	var seen, valid filtertest.Verdicts
	filtertest.Check(t, 2000, func(c webhookAndEvent) string {
		f, err := filter.Compile(c.w)
		if valid.Saw(err == nil) != filtertest.ValidLists(c.w) || (f == nil) != (err != nil) {
			return fmt.Sprintf("%v: Compile returned a nil filter: %t, error: %v", c, f == nil, err)
		}
		if seen.Saw(err == nil && f.Match(c.e)) != filtertest.Fires(c.w, c.e) {
			return c.String()
		}
		return ""
	}, func(r *rand.Rand) webhookAndEvent {
		c := drawWebhookAndEvent(r)
		if r.Intn(4) == 0 {
			c.w = filtertest.Spoil(r, c.w)
		}
		return c
	})
	seen.RequireBoth(t)
	valid.RequireBoth(t)
}

// grown is a test case, and its webhook with an element added to one list.
type grown struct {
	webhookAndEvent
	wider *webhook.Webhook
}

func drawGrown(r *rand.Rand) grown {
	c := drawWebhookAndEvent(r)
	wider := *c.w
	switch r.Intn(3) {
	case 0:
		wider.Events = filtertest.Insert(r, c.w.Events, filtertest.Pick(r, webhook.EventTypes()))
	case 1:
		wider.ProjectNamesFilter = filtertest.Insert(r, c.w.ProjectNamesFilter, filtertest.Entry(r))
	default:
		wider.EnvironmentTypesFilter = filtertest.Insert(r, c.w.EnvironmentTypesFilter, filtertest.Pick(r, webhook.EnvironmentModes()))
	}
	return grown{c, &wider}
}

// restricts reports whether the added element is the first one of a filter, which restricted
// nothing without it.
func (g grown) restricts() bool {
	return len(g.wider.ProjectNamesFilter) > 0 && len(g.w.ProjectNamesFilter) == 0 ||
		len(g.wider.EnvironmentTypesFilter) > 0 && len(g.w.EnvironmentTypesFilter) == 0
}

// Rules 2 to 4: an added element widens a list, so every event that fired the webhook still
// does. Only the first element of a filter restricts instead: every event that fires the
// webhook also fired it before.
func TestAddingAnElement(t *testing.T) {
	var restricts, before, after filtertest.Verdicts
	filtertest.Check(t, 2000, func(g grown) string {
		less, more := before.Saw(g.match()), after.Saw(webhookAndEvent{g.wider, g.e}.match())
		if restricts.Saw(g.restricts()) {
			less, more = more, less
		}
		if less && !more {
			return fmt.Sprintf("%v; with an added element: %v", g, g.wider)
		}
		return ""
	}, drawGrown)
	restricts.RequireBoth(t)
	before.RequireBoth(t)
	after.RequireBoth(t)
}

// Rule 5.
func TestOrderAndDuplicatesDoNotMatter(t *testing.T) {
	type reordered struct {
		webhookAndEvent
		other *webhook.Webhook
	}
	var seen, changed filtertest.Verdicts
	filtertest.Check(t, 1000, func(c reordered) string {
		changed.Saw(!slices.Equal(c.w.ProjectNamesFilter, c.other.ProjectNamesFilter))
		if seen.Saw(c.match()) != (webhookAndEvent{c.other, c.e}).match() {
			return fmt.Sprintf("%v; reordered: %v", c, c.other)
		}
		return ""
	}, func(r *rand.Rand) reordered {
		c := drawWebhookAndEvent(r)
		other := *c.w
		other.Events = filtertest.Reorder(r, c.w.Events)
		other.ProjectNamesFilter = filtertest.Reorder(r, c.w.ProjectNamesFilter)
		other.EnvironmentTypesFilter = filtertest.Reorder(r, c.w.EnvironmentTypesFilter)
		return reordered{c, &other}
	})
	seen.RequireBoth(t)
	changed.RequireBoth(t)
}

// evaluateAlone evaluates each clause of c alone: it returns the verdicts of four webhooks
// that each have one clause of c.w.
func evaluateAlone(c webhookAndEvent) [4]bool {
	subscribed := c.e
	subscribed.Type = webhook.DeploymentStarted // for the webhooks that have all event types
	all := webhook.EventTypes()
	return [4]bool{
		webhookAndEvent{&webhook.Webhook{Enabled: c.w.Enabled, Events: all}, subscribed}.match(),
		webhookAndEvent{&webhook.Webhook{Enabled: true, Events: c.w.Events}, c.e}.match(),
		webhookAndEvent{&webhook.Webhook{Enabled: true, Events: all, ProjectNamesFilter: c.w.ProjectNamesFilter}, subscribed}.match(),
		webhookAndEvent{&webhook.Webhook{Enabled: true, Events: all, EnvironmentTypesFilter: c.w.EnvironmentTypesFilter}, subscribed}.match(),
	}
}

func TestVerdictIsConjunctionOfClauses(t *testing.T) {
	var seen filtertest.Verdicts
	var held [4]filtertest.Verdicts
	filtertest.Check(t, 1000, func(c webhookAndEvent) string {
		alone := evaluateAlone(c)
		for i := range held {
			held[i].Saw(alone[i])
		}
		if seen.Saw(c.match()) != (alone == [4]bool{true, true, true, true}) {
			return fmt.Sprintf("%v: clauses alone %v", c, alone)
		}
		return ""
	}, drawWebhookAndEvent)
	seen.RequireBoth(t)
	for i := range held {
		held[i].RequireBoth(t)
	}
}

func TestExplainAgreesWithMatch(t *testing.T) {
	var seen filtertest.Verdicts
	filtertest.Check(t, 1000, func(c webhookAndEvent) string {
		x := filtertest.MustCompile(c.w).Explain(c.e)
		alone := evaluateAlone(c)
		values := [4]string{"", string(c.e.Type), c.e.ProjectName, string(c.e.EnvironmentMode)}
		stopped, ok := x.StoppedBy()
		firstStop := slices.Index(alone[:], false)
		switch {
		case seen.Saw(x.Fires) != c.match():
			return fmt.Sprintf("%v: %v", c, x)
		case ok != (firstStop >= 0), ok && !reflect.DeepEqual(stopped, x.Clauses[firstStop]):
			return fmt.Sprintf("%v: %v, stopped by %v", c, x, stopped)
		}
		for i, clause := range x.Clauses {
			if clause.Holds != alone[i] || clause.Value != values[i] {
				return fmt.Sprintf("%v: %v, clauses alone %v", c, x, alone)
			}
		}
		return wrongEntry(c, x)
	}, drawWebhookAndEvent)
	seen.RequireBoth(t)
}

// wrongEntry describes an Entry of x that is not the first one in c's list that satisfies
// the clause alone. It returns "" if all are right.
func wrongEntry(c webhookAndEvent, x filter.Explanation) string {
	for i, list := range [4][]string{nil, toStrings(c.w.Events), c.w.ProjectNamesFilter, toStrings(c.w.EnvironmentTypesFilter)} {
		first := slices.IndexFunc(list, func(v string) bool {
			single := &webhook.Webhook{}
			switch i {
			case 1:
				single.Events = []webhook.EventType{webhook.EventType(v)}
			case 2:
				single.ProjectNamesFilter = []string{v}
			case 3:
				single.EnvironmentTypesFilter = []webhook.EnvironmentMode{webhook.EnvironmentMode(v)}
			}
			return evaluateAlone(webhookAndEvent{single, c.e})[i]
		})
		entry := x.Clauses[i].Entry
		if (entry == nil) != (first < 0) || entry != nil && *entry != (filter.Entry{Index: first, Value: list[first]}) {
			return fmt.Sprintf("%v: %v, want entry %d of %s", c, x, first, x.Clauses[i].Name)
		}
	}
	return ""
}

func toStrings[S ~string](list []S) []string {
	var converted []string
	for _, v := range list {
		converted = append(converted, string(v))
	}
	return converted
}
