package filter_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// linted is a webhook with findings more often than not, and events near it.
type linted struct {
	w      *webhook.Webhook
	events []webhook.Event
}

func (c linted) String() string { return fmt.Sprintf("%v, events %+q", c.w, c.events) }

func drawLinted(r *rand.Rand) linted {
	c := linted{w: drawWebhook(r)}
	c.w.Enabled = true
	for range r.Intn(5) {
		entry := drawEntry(r)
		if len(c.w.ProjectNamesFilter) > 0 {
			entry = vary(r, pick(r, c.w.ProjectNamesFilter))
		}
		c.w.ProjectNamesFilter = insert(r, c.w.ProjectNamesFilter, entry)
	}
	if r.Intn(2) == 0 { // all modes, or all but one
		c.w.EnvironmentTypesFilter = reorder(r, webhook.EnvironmentModes()[r.Intn(2):])
	}
	for range 10 {
		c.events = append(c.events, drawEvent(r, c.w))
	}
	return c
}

// vary returns an entry like the one given: often the same, in another case, or
// with a wildcard more.
func vary(r *rand.Rand, entry string) string {
	characters := []rune(entry)
	at := r.Intn(len(characters))
	switch r.Intn(4) {
	case 0:
		characters[at] = pick(r, []rune("*?"))
	case 1:
		characters = slices.Insert(characters, at, pick(r, []rune("*?")))
	case 2:
		characters = append(characters, '*')
	}
	return recase(r, string(characters))
}

// without returns w without the elements that the findings are about.
func without(w *webhook.Webhook, findings ...filter.Finding) *webhook.Webhook {
	reduced := *w
	reduced.Events = leave("events", w.Events, findings)
	reduced.ProjectNamesFilter = leave("project_names_filter", w.ProjectNamesFilter, findings)
	reduced.EnvironmentTypesFilter = leave("environment_types_filter", w.EnvironmentTypesFilter, findings)
	return &reduced
}

func leave[T any](name string, list []T, findings []filter.Finding) []T {
	var left []T
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", name, i)
		if !slices.ContainsFunc(findings, func(f filter.Finding) bool { return f.Field == at }) {
			left = append(left, v)
		}
	}
	return left
}

// superfluous returns the findings whose element the doc of Lint says can go.
func superfluous(w *webhook.Webhook) []filter.Finding {
	return slices.DeleteFunc(filter.Lint(w), func(f filter.Finding) bool {
		return f.Code != filter.DuplicateValue && f.Code != filter.ShadowedEntry
	})
}

func TestSuperfluousElementsDecideNothing(t *testing.T) {
	var seen verdicts
	var removed, removedTogether int
	check(t, 1000, func(c linted) string {
		findings := superfluous(c.w)
		whole := mustCompile(c.w)
		reduced := []*filter.Filter{mustCompile(without(c.w, findings...))}
		for _, f := range findings {
			reduced = append(reduced, mustCompile(without(c.w, f)))
		}
		removed += len(findings)
		if len(findings) > 1 {
			removedTogether++
		}
		for _, e := range c.events {
			want := seen.saw(whole.Match(e))
			for _, f := range reduced {
				if f.Match(e) != want {
					return fmt.Sprintf("%v: %+q fires %t; findings %v", c.w, e, want, findings)
				}
			}
		}
		return ""
	}, drawLinted)
	seen.requireBoth(t)
	require.Greater(t, removed, 1000)
	require.Greater(t, removedTogether, 100)
}

// Lint reports exactly what the automata say, in whole lists, and what it names as
// the shadow stays.
func TestShadowsAreThoseOfTheAutomata(t *testing.T) {
	seen := map[bool]int{}
	check(t, 1000, func(c linted) string {
		entries := c.w.ProjectNamesFilter
		want := shadowedByAutomata(entries)
		shadow := make([]string, len(entries))
		findings := superfluous(c.w)
		for i := range entries {
			at := fmt.Sprintf("project_names_filter[%d]", i)
			for _, f := range findings {
				if f.Field == at && f.Code == filter.ShadowedEntry {
					shadow[i] = f.Other
				}
			}
			if seen[want[i]]++; want[i] != (shadow[i] != "") {
				return fmt.Sprintf("%+q: [%d] shadowed: %t", entries, i, want[i])
			}
			if slices.ContainsFunc(findings, func(f filter.Finding) bool { return f.Field == shadow[i] }) {
				return fmt.Sprintf("%+q: %s shadows [%d] and is superfluous", entries, shadow[i], i)
			}
		}
		return ""
	}, drawLinted)
	require.Greater(t, min(seen[true], seen[false]), 200)
}

func TestShadowedEntryMatchesNothingOfItsOwn(t *testing.T) {
	type shadowed struct {
		linted
		names map[string][]string // by entry
	}
	matched := 0
	check(t, 1000, func(c shadowed) string {
		for _, f := range filter.Lint(c.w) {
			if f.Code != filter.ShadowedEntry {
				continue
			}
			var other int
			if _, err := fmt.Sscanf(f.Other, "project_names_filter[%d]", &other); err != nil {
				return err.Error()
			}
			entry, shadow := mustCompile(restrictedTo(f.Value)), mustCompile(restrictedTo(c.w.ProjectNamesFilter[other]))
			for _, name := range c.names[f.Value] {
				if !entry.Match(named(name)) {
					continue
				}
				if matched++; !shadow.Match(named(name)) {
					return fmt.Sprintf("%v: not %+q", f, name)
				}
			}
		}
		return ""
	}, func(r *rand.Rand) shadowed {
		c := shadowed{drawLinted(r), make(map[string][]string)}
		for _, entry := range c.w.ProjectNamesFilter {
			for range 10 {
				c.names[entry] = append(c.names[entry], drawNameFor(r, entry))
			}
		}
		return c
	})
	require.Greater(t, matched, 1000)
}

// A list that is reported as idle may be emptied, and added to, and nothing
// changes: for all-modes, as long as the event's mode is a documented one.
func TestIdleListsDecideNothing(t *testing.T) {
	type grown struct {
		linted
		entry string
		mode  webhook.EnvironmentMode
	}
	var names, modes verdicts
	unknown := 0
	check(t, 2000, func(c grown) string {
		whole := mustCompile(c.w)
		for _, f := range filter.Lint(c.w) {
			emptied, added := *c.w, *c.w
			switch f.Code {
			case filter.AllNames:
				emptied.ProjectNamesFilter = nil
				added.ProjectNamesFilter = append([]string{c.entry}, c.w.ProjectNamesFilter...)
			case filter.AllModes:
				emptied.EnvironmentTypesFilter = nil
				added.EnvironmentTypesFilter = append([]webhook.EnvironmentMode{c.mode}, c.w.EnvironmentTypesFilter...)
			default:
				continue
			}
			for _, e := range c.events {
				fires := whole.Match(e)
				if mustCompile(&added).Match(e) != fires {
					return fmt.Sprintf("%v: %v: fires %t for %+q, and not with more", c.w, f, fires, e)
				}
				if f.Code == filter.AllModes && !slices.Contains(webhook.EnvironmentModes(), e.EnvironmentMode) {
					if unknown++; fires {
						return fmt.Sprintf("%v: fires for %+q", c.w, e)
					}
					continue
				}
				if mustCompile(&emptied).Match(e) != fires {
					return fmt.Sprintf("%v: %v: fires %t for %+q, and not when empty", c.w, f, fires, e)
				}
				if f.Code == filter.AllNames {
					names.saw(fires)
				} else {
					modes.saw(fires)
				}
			}
		}
		return ""
	}, func(r *rand.Rand) grown {
		c := grown{drawLinted(r), drawEntry(r), pick(r, webhook.EnvironmentModes())}
		if r.Intn(2) == 0 {
			c.w.ProjectNamesFilter = insert(r, c.w.ProjectNamesFilter, pick(r, []string{"*", "**", "?*"}))
		}
		return c
	})
	names.requireBoth(t)
	modes.requireBoth(t)
	require.Greater(t, unknown, 100)
}

// Whatever the webhook, a finding is about an element that is there, and there is
// none about one that does not compile.
func TestFindingsAreAboutTheWebhook(t *testing.T) {
	var valid verdicts
	check(t, 1000, func(w *webhook.Webhook) string {
		findings := filter.Lint(w)
		if !valid.saw(validLists(w)) && findings != nil {
			return fmt.Sprintf("%v: %v", w, findings)
		}
		elements := map[string]string{"": "", "events": "", "environment_types_filter": ""}
		for i, v := range w.Events {
			elements[fmt.Sprintf("events[%d]", i)] = string(v)
		}
		for i, v := range w.ProjectNamesFilter {
			elements[fmt.Sprintf("project_names_filter[%d]", i)] = v
		}
		for i, v := range w.EnvironmentTypesFilter {
			elements[fmt.Sprintf("environment_types_filter[%d]", i)] = string(v)
		}
		for _, f := range findings {
			value, ok := elements[f.Field]
			if _, other := elements[f.Other]; !ok || !other || value != f.Value || f.Field == "" || f.Message == "" {
				return fmt.Sprintf("%v: %#v", w, f)
			}
		}
		return ""
	}, func(r *rand.Rand) *webhook.Webhook {
		w := drawLinted(r).w
		if r.Intn(3) == 0 {
			w = spoil(r, w)
		}
		return w
	})
	valid.requireBoth(t)
}
