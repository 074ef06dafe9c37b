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

// webhookAndEvent is a case of one webhook, which is valid unless the property
// says otherwise, and one event.
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
			return fmt.Sprintf("%v: compiled %v", c, err)
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

// grown is a case, and the same with one element more in one list.
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

// first reports whether the element more is the first of a list that restricted
// nothing without it.
func (g grown) first() bool {
	return len(g.wider.ProjectNamesFilter) > 0 && len(g.w.ProjectNamesFilter) == 0 ||
		len(g.wider.EnvironmentTypesFilter) > 0 && len(g.w.EnvironmentTypesFilter) == 0
}

// Rules 2 to 4: an element more lets more through, except for the first one, which
// lets less through.
func TestAddingAnElement(t *testing.T) {
	var first, before, after filtertest.Verdicts
	filtertest.Check(t, 2000, func(g grown) string {
		less, more := before.Saw(g.match()), after.Saw(webhookAndEvent{g.wider, g.e}.match())
		if first.Saw(g.first()) {
			less, more = more, less
		}
		if less && !more {
			return fmt.Sprintf("%v; one more: %v", g, g.wider)
		}
		return ""
	}, drawGrown)
	first.RequireBoth(t)
	before.RequireBoth(t)
	after.RequireBoth(t)
}

// Rule 5.
func TestOrderAndDuplicatesDecideNothing(t *testing.T) {
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

// judgeAlone returns what each clause of c says on its own: the verdicts of four
// webhooks that each have only that clause of w.
func judgeAlone(c webhookAndEvent) [4]bool {
	subscribed := c.e
	subscribed.Type = webhook.DeploymentStarted // for those that have no events of w
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
		alone := judgeAlone(c)
		for i := range held {
			held[i].Saw(alone[i])
		}
		if seen.Saw(c.match()) != (alone == [4]bool{true, true, true, true}) {
			return fmt.Sprintf("%v: alone %v", c, alone)
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
		alone := judgeAlone(c)
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
		return badEntry(c, x)
	}, drawWebhookAndEvent)
	seen.RequireBoth(t)
}

// badEntry says which entry of x is not the first of c's list that satisfies its
// clause by itself, or is missing.
func badEntry(c webhookAndEvent, x filter.Explanation) string {
	for i, list := range [4][]string{nil, texted(c.w.Events), c.w.ProjectNamesFilter, texted(c.w.EnvironmentTypesFilter)} {
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
			return judgeAlone(webhookAndEvent{single, c.e})[i]
		})
		entry := x.Clauses[i].Entry
		if (entry == nil) != (first < 0) || entry != nil && *entry != (filter.Entry{Index: first, Value: list[first]}) {
			return fmt.Sprintf("%v: %v, want entry %d of %s", c, x, first, x.Clauses[i].Name)
		}
	}
	return ""
}

func texted[S ~string](list []S) []string {
	var texts []string
	for _, v := range list {
		texts = append(texts, string(v))
	}
	return texts
}
