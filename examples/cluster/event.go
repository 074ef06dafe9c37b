package main

import (
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/webhook"
)

// storedEvent is what a message of EVENTS holds.
type storedEvent struct {
	organizationID uuid.UUID
	event          webhook.Event
	after          uint64 // minimum revision of the webhooks that decide it, or 0
}

// readEvent reads a message of EVENTS. If it returns an error, a dispatcher rejects the
// message, and try skips it.
func readEvent(header nats.Header, data []byte) (e storedEvent, err error) {
	if after := header.Get(afterHeader); after != "" {
		if e.after, err = strconv.ParseUint(after, 10, 64); err != nil {
			return e, fmt.Errorf("%s: not a revision: %.80q", afterHeader, after)
		}
	}
	e.organizationID, e.event, err = events.Parse(data)
	return e, err
}
