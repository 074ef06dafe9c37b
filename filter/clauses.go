package filter

import (
	"slices"

	"github.com/hookfilter/hookfilter/webhook"
)

// clauses are the rules 1, 2 and 4, for Filter and Index alike.
type clauses struct {
	enabled bool
	events  []webhook.EventType
	modes   []webhook.EnvironmentMode
}

// clausesOf returns the clauses of w, which share its lists.
func clausesOf(w *webhook.Webhook) clauses {
	return clauses{w.Enabled, w.Events, w.EnvironmentTypesFilter}
}

// admits reports whether the clauses hold for an event of that type and mode.
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

// event is rule 2: whether it holds, and the position of the element that matches,
// or -1.
func (c *clauses) event(t webhook.EventType) (int, bool) {
	i := slices.Index(c.events, t)
	return i, i >= 0
}

// mode is rule 4, like event.
func (c *clauses) mode(m webhook.EnvironmentMode) (int, bool) {
	i := slices.Index(c.modes, m)
	return i, i >= 0 || len(c.modes) == 0
}
