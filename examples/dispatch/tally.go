package main

import "fmt"

// tally counts events, events that fire a webhook, deliveries, and malformed lines.
type tally struct {
	events, fired, deliveries, malformed int
}

// count counts an event and the webhooks that it fires.
func (t *tally) count(deliveries int) {
	t.events++
	t.deliveries += deliveries
	if deliveries > 0 {
		t.fired++
	}
}

// summary returns the last line of the output. invalid is the number of invalid webhooks.
func (t *tally) summary(invalid int) []byte {
	return fmt.Appendf(nil, "events %d, fired %d, deliveries %d, malformed lines %d, invalid webhooks %d\n",
		t.events, t.fired, t.deliveries, t.malformed, invalid)
}
