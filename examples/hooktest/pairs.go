package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// deliveriesOf is a group of deliveries to one webhook: one delivery for each combination of a type in
// EventTypes and a pair in Pairs.
type deliveriesOf struct {
	EventTypes []webhook.EventType `json:"event_types"`
	Pairs      []*projects.Pair    `json:"pairs"`
	types      uint                // a set of indexes in webhook.EventTypes
}

// pairs returns the existing pairs that an organization has in either folder, sorted, each once.
func (f folders) pairs(organizationID uuid.UUID) []projects.Pair {
	all := slices.Concat(f.existing[organizationID].pairs, f.before[organizationID].pairs)
	slices.SortFunc(all, projects.Pair.Compare)
	return slices.Compact(all)
}

// comparePairs sets the AddedPairs and RemovedPairs of the changes of an organization. A webhook
// without a change has none, because it fires for the same events as before.
func comparePairs(changes []change, pairs []projects.Pair) {
	if len(changes) == 0 || len(pairs) == 0 {
		return
	}
	var now, old []hook.Hook
	for _, c := range changes {
		now, old = append(now, c.now), append(old, c.old)
	}
	fires, fired := newMatcher(webhooks(now)), newMatcher(webhooks(old))
	sets := make([]struct{ fires, fired uint }, len(changes)) // of event types, for one pair
	types := webhook.EventTypes()
	for p := range pairs {
		clear(sets)
		for t, eventType := range types {
			e := pairs[p].Event(eventType)
			for i := range fires.matches(e) {
				sets[i].fires |= 1 << t
			}
			for i := range fired.matches(e) {
				sets[i].fired |= 1 << t
			}
		}
		for i, set := range sets {
			c := &changes[i]
			c.AddedPairs = appendPair(c.AddedPairs, set.fires&^set.fired, &pairs[p])
			c.RemovedPairs = appendPair(c.RemovedPairs, set.fired&^set.fires, &pairs[p])
		}
	}
}

// appendPair adds the deliveries of a set of event types for a pair.
func appendPair(all []deliveriesOf, types uint, pair *projects.Pair) []deliveriesOf {
	if types == 0 {
		return all
	}
	i := slices.IndexFunc(all, func(d deliveriesOf) bool { return d.types == types })
	if i < 0 {
		i = len(all)
		all = append(all, deliveriesOf{types: types})
		for t, eventType := range webhook.EventTypes() {
			if types&(1<<t) != 0 {
				all[i].EventTypes = append(all[i].EventTypes, eventType)
			}
		}
	}
	all[i].Pairs = append(all[i].Pairs, pair)
	return all
}

// addPairs adds the numbers of existing pairs, and of their deliveries in the changes.
func (s *summary) addPairs(in folders, changes []change) {
	ids := make(map[uuid.UUID]bool)
	for _, known := range []map[uuid.UUID]existing{in.existing, in.before} {
		for id := range known {
			ids[id] = true
		}
	}
	if len(ids) == 0 {
		return
	}
	s.Existing = new(existingSummary)
	for id := range ids {
		s.Existing.Pairs += len(in.pairs(id))
	}
	for _, c := range changes {
		for _, d := range c.AddedPairs {
			s.Existing.Added += len(d.EventTypes) * len(d.Pairs)
		}
		for _, d := range c.RemovedPairs {
			s.Existing.Removed += len(d.EventTypes) * len(d.Pairs)
		}
	}
}

// maxPairs is the maximum number of pairs in a line of text.
const maxPairs = 5

// String returns d as part of a line.
func (d deliveriesOf) String() string {
	var types, pairs []string
	for _, t := range d.EventTypes {
		types = append(types, jsonvalue.Quote(string(t)))
	}
	for _, p := range d.Pairs[:min(len(d.Pairs), maxPairs)] {
		pairs = append(pairs, jsonvalue.Quote(p.ProjectName)+" in "+jsonvalue.Quote(string(p.EnvironmentMode)))
	}
	if more := len(d.Pairs) - maxPairs; more > 0 {
		pairs = append(pairs, fmt.Sprintf("and %d more", more))
	}
	return fmt.Sprintf("%s of existing projects: %s", strings.Join(types, ", "), strings.Join(pairs, ", "))
}
