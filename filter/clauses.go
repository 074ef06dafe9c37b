package filter

import (
	"slices"

	"github.com/hookfilter/hookfilter/webhook"
)

// clauses implements rules 1, 2 and 4 for Filter and Index.
type clauses struct {
	enabled bool
	events  []webhook.EventType
	modes   []webhook.EnvironmentMode
}

// clausesOf returns the clauses of w, which share its lists.
func clausesOf(w *webhook.Webhook) clauses {
	return clauses{w.Enabled, w.Events, w.EnvironmentTypesFilter}
}

// admits reports whether the clauses hold for an event of type t and mode m.
func (c *clauses) admits(t webhook.EventType, m webhook.EnvironmentMode) bool {
	return c.enabled && c.subscribed(t) && c.inMode(m)
}

func (c *clauses) subscribed(t webhook.EventType) bool {
	_, ok := c.event(t)
	return ok
}

func (c *clauses) inMode(m webhook.EnvironmentMode) bool {
	_, ok := c.mode(m)
	return ok
}

// event applies rule 2. It returns the position of the element that matches, or -1, and
// reports whether the rule holds.
func (c *clauses) event(t webhook.EventType) (int, bool) {
	i := slices.Index(c.events, t)
	return i, i >= 0
}

// mode applies rule 4. It returns the position of the element that matches, or -1, and
// reports whether the rule holds.
func (c *clauses) mode(m webhook.EnvironmentMode) (int, bool) {
	i := slices.Index(c.modes, m)
	return i, i >= 0 || len(c.modes) == 0
}
