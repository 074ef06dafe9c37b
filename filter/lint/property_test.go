package lint_test

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

// linted is a webhook that usually has findings, and events that often fire it.
type linted struct {
	w      *webhook.Webhook
	events []webhook.Event
}

func (c linted) String() string { return fmt.Sprintf("%v, events %+q", c.w, c.events) }

func drawLinted(r *rand.Rand) linted {
	c := linted{w: filtertest.Webhook(r)}
	c.w.Enabled = true
	for range r.Intn(5) {
		entry := filtertest.Entry(r)
		if len(c.w.ProjectNamesFilter) > 0 {
			entry = vary(r, filtertest.Pick(r, c.w.ProjectNamesFilter))
		}
		c.w.ProjectNamesFilter = filtertest.Insert(r, c.w.ProjectNamesFilter, entry)
	}
	if r.Intn(2) == 0 { // all modes, or all but one
		c.w.EnvironmentTypesFilter = filtertest.Reorder(r, webhook.EnvironmentModes()[r.Intn(2):])
	}
	for range 10 {
		c.events = append(c.events, filtertest.Event(r, c.w))
	}
	return c
}

// vary returns a variation of entry: in random case, and often with another wildcard.
func vary(r *rand.Rand, entry string) string {
	characters := []rune(entry)
	at := r.Intn(len(characters))
	switch r.Intn(4) {
	case 0:
		characters[at] = filtertest.Pick(r, []rune("*?"))
	case 1:
		characters = slices.Insert(characters, at, filtertest.Pick(r, []rune("*?")))
	case 2:
		characters = append(characters, '*')
	}
	return filtertest.Recase(r, string(characters))
}

// without returns w without the elements that the findings are about.
func without(w *webhook.Webhook, findings ...lint.Finding) *webhook.Webhook {
	reduced := *w
	reduced.Events = remaining("events", w.Events, findings)
	reduced.ProjectNamesFilter = remaining("project_names_filter", w.ProjectNamesFilter, findings)
	reduced.EnvironmentTypesFilter = remaining("environment_types_filter", w.EnvironmentTypesFilter, findings)
	return &reduced
}

func remaining[T any](name string, list []T, findings []lint.Finding) []T {
	var left []T
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", name, i)
		if !slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.Field == at }) {
			left = append(left, v)
		}
	}
	return left
}

// superfluous returns the findings whose elements can be removed without changing a verdict,
// as the doc of Check says.
func superfluous(w *webhook.Webhook) []lint.Finding {
	return slices.DeleteFunc(lint.Check(w), func(f lint.Finding) bool {
		return f.Code != lint.DuplicateValue && f.Code != lint.ShadowedEntry && f.Code != lint.CoveredEntry
	})
}

func TestSuperfluousElementsCanBeRemoved(t *testing.T) {
	var seen filtertest.Verdicts
	var removed, removedTogether int
	filtertest.Check(t, 1000, func(c linted) string {
		findings := superfluous(c.w)
		whole := filtertest.MustCompile(c.w)
		reduced := []*filter.Filter{filtertest.MustCompile(without(c.w, findings...))}
		for _, f := range findings {
			reduced = append(reduced, filtertest.MustCompile(without(c.w, f)))
		}
		removed += len(findings)
		if len(findings) > 1 {
			removedTogether++
		}
		for _, e := range c.events {
			want := seen.Saw(whole.Match(e))
			for _, f := range reduced {
				if f.Match(e) != want {
					return fmt.Sprintf("%v: %+q fires %t; findings %v", c.w, e, want, findings)
				}
			}
		}
		return ""
	}, drawLinted)
	seen.RequireBoth(t)
	require.Greater(t, removed, 1000)
	require.Greater(t, removedTogether, 100)
}

// Check agrees with the automata about the shadowed entries of whole lists, and the entry
// that shadows another one is not shadowed itself.
func TestShadowsAgreeWithAutomata(t *testing.T) {
	seen := map[bool]int{}
	filtertest.Check(t, 1000, func(c linted) string {
		entries := c.w.ProjectNamesFilter
		want := shadowedByAutomata(entries)
		shadow := make([]string, len(entries))
		findings := superfluous(c.w)
		for i := range entries {
			at := fmt.Sprintf("project_names_filter[%d]", i)
			for _, f := range findings {
				if f.Field == at && f.Code == lint.ShadowedEntry {
					shadow[i] = f.Other
				}
			}
			if seen[want[i]]++; want[i] != (shadow[i] != "") {
				return fmt.Sprintf("%+q: [%d] is shadowed: %t, want %t", entries, i, !want[i], want[i])
			}
			if slices.ContainsFunc(findings, func(f lint.Finding) bool { return f.Field == shadow[i] && f.Code != lint.CoveredEntry }) {
				return fmt.Sprintf("%+q: %s shadows [%d] and is superfluous", entries, shadow[i], i)
			}
		}
		return ""
	}, drawLinted)
	require.Greater(t, min(seen[true], seen[false]), 200)
}

func TestShadowedEntryMatchesNoOtherNames(t *testing.T) {
	type shadowed struct {
		linted
		names map[string][]string // by entry
	}
	matched := 0
	filtertest.Check(t, 1000, func(c shadowed) string {
		for _, f := range lint.Check(c.w) {
			if f.Code != lint.ShadowedEntry {
				continue
			}
			var other int
			if _, err := fmt.Sscanf(f.Other, "project_names_filter[%d]", &other); err != nil {
				return err.Error()
			}
			entry, shadow := filtertest.MustCompile(filtertest.RestrictedTo(f.Value)), filtertest.MustCompile(filtertest.RestrictedTo(c.w.ProjectNamesFilter[other]))
			for _, name := range c.names[f.Value] {
				if !entry.Match(filtertest.Named(name)) {
					continue
				}
				if matched++; !shadow.Match(filtertest.Named(name)) {
					return fmt.Sprintf("%v: the other entry does not match %+q", f, name)
				}
			}
		}
		return ""
	}, func(r *rand.Rand) shadowed {
		c := shadowed{drawLinted(r), make(map[string][]string)}
		for _, entry := range c.w.ProjectNamesFilter {
			for range 10 {
				c.names[entry] = append(c.names[entry], filtertest.NameFor(r, entry))
			}
		}
		return c
	})
	require.Greater(t, matched, 1000)
}

// An AllNames list, and an AllModes list for events with a documented mode, can be emptied
// or extended without changing a verdict.
func TestListsThatRestrictNothingCanBeEmptied(t *testing.T) {
	type grown struct {
		linted
		entry string
		mode  webhook.EnvironmentMode
	}
	var names, modes filtertest.Verdicts
	unknown := 0
	filtertest.Check(t, 2000, func(c grown) string {
		whole := filtertest.MustCompile(c.w)
		for _, f := range lint.Check(c.w) {
			emptied, added := *c.w, *c.w
			switch f.Code {
			case lint.AllNames:
				emptied.ProjectNamesFilter = nil
				added.ProjectNamesFilter = append([]string{c.entry}, c.w.ProjectNamesFilter...)
			case lint.AllModes:
				emptied.EnvironmentTypesFilter = nil
				added.EnvironmentTypesFilter = append([]webhook.EnvironmentMode{c.mode}, c.w.EnvironmentTypesFilter...)
			default:
				continue
			}
			for _, e := range c.events {
				fires := whole.Match(e)
				if filtertest.MustCompile(&added).Match(e) != fires {
					return fmt.Sprintf("%v: %v: fires %t for %+q, but %t with an added element", c.w, f, fires, e, !fires)
				}
				if f.Code == lint.AllModes && !slices.Contains(webhook.EnvironmentModes(), e.EnvironmentMode) {
					if unknown++; fires {
						return fmt.Sprintf("%v: %v: fires for %+q, whose mode is undocumented", c.w, f, e)
					}
					continue
				}
				if filtertest.MustCompile(&emptied).Match(e) != fires {
					return fmt.Sprintf("%v: %v: fires %t for %+q, but %t with an empty list", c.w, f, fires, e, !fires)
				}
				if f.Code == lint.AllNames {
					names.Saw(fires)
				} else {
					modes.Saw(fires)
				}
			}
		}
		return ""
	}, func(r *rand.Rand) grown {
		c := grown{drawLinted(r), filtertest.Entry(r), filtertest.Pick(r, webhook.EnvironmentModes())}
		if r.Intn(2) == 0 {
			c.w.ProjectNamesFilter = filtertest.Insert(r, c.w.ProjectNamesFilter, filtertest.Pick(r, []string{"*", "**", "?*"}))
		}
		return c
	})
	names.RequireBoth(t)
	modes.RequireBoth(t)
	require.Greater(t, unknown, 100)
}

// Every finding is about an existing element, and a webhook that does not compile has no
// findings.
func TestFindingsAreAboutTheWebhook(t *testing.T) {
	var valid filtertest.Verdicts
	filtertest.Check(t, 1000, func(w *webhook.Webhook) string {
		findings := lint.Check(w)
		if !valid.Saw(filtertest.ValidLists(w)) && findings != nil {
			return fmt.Sprintf("%v does not compile, but has findings: %v", w, findings)
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
				return fmt.Sprintf("%v: the field, value, message or other of a finding is wrong: %#v", w, f)
			}
		}
		return ""
	}, func(r *rand.Rand) *webhook.Webhook {
		w := drawLinted(r).w
		if r.Intn(3) == 0 {
			w = filtertest.Spoil(r, w)
		}
		return w
	})
	valid.RequireBoth(t)
}
