package engine

import (
	"slices"

	"github.com/hookfilter/hookfilter/webhook"
)

// group is a set of names with the same possible events, which are the events of a chosen type
// and mode that can happen.
type group struct {
	events int    // the number of possible events
	modes  []bool // whether each of the chosen modes is possible; nil if all are
}

// count has numbers of events of a name in a column: the possible events, the ones that fire
// now, the ones that fired in the baseline, and the ones that the edit added and removed.
type count struct{ events, now, before, added, removed int }

// groups returns groups of names, and for each name the index of its group.
func (x *existing) groups(names []string, types int, modes []webhook.EnvironmentMode) (groups []group, groupOf []int) {
	groups = []group{{events: types * len(modes)}}
	groupOf = make([]int, len(names))
	known := make(map[string]int) // index of a group; the key has a y or an n for each mode
	for n, name := range names {
		own, ok := x.ownModes(name)
		if !ok {
			continue
		}
		g, key := group{modes: make([]bool, len(modes))}, make([]byte, len(modes))
		for i, m := range modes {
			key[i] = 'n'
			if g.modes[i] = slices.Contains(own, m); g.modes[i] {
				key[i] = 'y'
				g.events += types
			}
		}
		i, ok := known[string(key)]
		if !ok {
			i = len(groups)
			known[string(key)], groups = i, append(groups, g)
		}
		groupOf[n] = i
	}
	return groups, groupOf
}

// of returns events, which are as in verdicts, without the ones that the names of g cannot
// have.
func (g group) of(events []int) []int {
	if g.modes == nil {
		return events
	}
	return slices.DeleteFunc(slices.Clone(events), func(e int) bool { return !g.modes[e%len(g.modes)] })
}

// count compares the events that fire now with the ones that fired before.
func (g group) count(now, before []int) count {
	now, before = g.of(now), g.of(before)
	return count{g.events, len(now), len(before), difference(now, before), difference(before, now)}
}
