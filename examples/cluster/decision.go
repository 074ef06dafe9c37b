package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// decision is a record of the stream DECISIONS: events that one dispatcher decided at one
// revision, or rejected. It is stored after their deliveries and before their
// acknowledgement, so an event that is acknowledged has a record. An event that was
// decided twice has two.
type decision struct {
	// Events are ranges of sequences in EVENTS. Both ends belong to a range.
	Events [][2]uint64 `json:"events"`
	// First and Last are the times at which the oldest and the newest of these events were
	// stored in EVENTS. They distinguish the events from others with the same sequences:
	// sequences restart if the stream is recreated.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	// Result is decided or rejected. REJECTED has the reason of a rejected event.
	Result string `json:"result"`
	// Revision is the revision of the bucket at which the events were decided; 0 if they
	// were rejected. The dispatcher knew all changes up to it.
	Revision   uint64    `json:"revision,omitempty"`
	At         time.Time `json:"at"`
	Dispatcher string    `json:"dispatcher"`
}

// decided is the result of a record whose events were decided; their deliveries are stored.
// The other result is rejected.
const decided = "decided"

// eventsPerSubject is the number of sequences that share a subject of DECISIONS. A reader
// of the records of one event reads one subject.
const eventsPerSubject = 10_000

// decisionSubject returns the subject of the records of an event.
func decisionSubject(seq uint64) string {
	return "decisions." + strconv.FormatUint(seq/eventsPerSubject, 10)
}

// has reports whether the record is about the event with a sequence and a time in EVENTS.
func (d *decision) has(seq uint64, at time.Time) bool {
	return !at.Before(d.First) && !at.After(d.Last) &&
		slices.ContainsFunc(d.Events, func(r [2]uint64) bool { return r[0] <= seq && seq <= r[1] })
}

// decisionsOf returns the records of the event with a sequence and a time in EVENTS, in the
// order in which they were stored. It returns none if the event is not decided yet.
func decisionsOf(ctx context.Context, js jetstream.JetStream, seq uint64, stored time.Time) (records []decision, err error) {
	subject := decisionSubject(seq)
	stream, err := findStream(ctx, js, decisionsStream)
	if stream == nil || err != nil { // nil: no dispatcher has run yet
		return nil, err
	}
	last, err := stream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var invalid error
	err = read(ctx, stream, jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject}}, last.Sequence, func(m jetstream.Msg, at uint64) {
		var d decision
		if err := json.Unmarshal(m.Data(), &d); err != nil {
			invalid = fmt.Errorf("%s: message %d: %w", decisionsStream, at, err)
		} else if d.has(seq, stored) {
			records = append(records, d)
		}
	})
	return records, cmp.Or(err, invalid)
}
