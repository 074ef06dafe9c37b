package main

import (
	"encoding/binary"
	"iter"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// matcher finds which of many webhooks an event fires. The webhooks are known by their index in
// a list, because in two folders their ids may differ.
type matcher struct {
	index *filter.Index
	found []*webhook.Webhook // reused
}

// newMatcher returns a matcher of a list of webhooks that compile. An element may be nil.
func newMatcher(webhooks []*webhook.Webhook) *matcher {
	var indexed []*webhook.Webhook
	for i, w := range webhooks {
		if w == nil {
			continue
		}
		var id uuid.UUID
		binary.BigEndian.PutUint64(id[8:], uint64(i)+1) // not uuid.Nil
		indexed = append(indexed, &webhook.Webhook{ID: id, Enabled: w.Enabled, Events: w.Events,
			ProjectNamesFilter: w.ProjectNamesFilter, EnvironmentTypesFilter: w.EnvironmentTypesFilter})
	}
	m := &matcher{index: filter.NewIndex()}
	_ = m.index.Replace(uuid.Max, indexed) // its errors are about webhooks that do not compile
	return m
}

// matches returns the indexes of the webhooks that e fires.
func (m *matcher) matches(e webhook.Event) iter.Seq[int] {
	m.found = m.index.AppendMatches(m.found[:0], uuid.Max, e)
	return func(yield func(int) bool) {
		for _, w := range m.found {
			if !yield(int(binary.BigEndian.Uint64(w.ID[8:]) - 1)) {
				return
			}
		}
	}
}

// fires reports whether e fires a webhook.
func (m *matcher) fires(e webhook.Event) bool {
	for range m.matches(e) {
		return true
	}
	return false
}
