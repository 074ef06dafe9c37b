package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// why is the command that prints what was decided about one event and one webhook. A
// verdict is a pure function of the event and a version of the webhook, so verdicts are not
// stored: DECISIONS has the revision of each decision, and the bucket has the versions.
func (c *command) why(ctx context.Context) error {
	webhookID, err := webhook.ParseID(c.webhook)
	if err != nil {
		return fmt.Errorf("-webhook: not a UUID: %.80q", c.webhook)
	}
	if c.seq == 0 {
		return errors.New("-event: want the sequence of an event, from 1")
	}
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	if err := checkBucket(ctx, js); err != nil {
		return err
	}
	stream, err := findStream(ctx, js, eventsStream)
	if err != nil {
		return err
	}
	if stream == nil {
		return errNoEvents
	}
	m, err := stream.GetMsg(ctx, c.seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("event %d is not stored: events are kept for %v, and the last is %d", c.seq, keptFor, stream.CachedInfo().State.LastSeq)
	}
	if err != nil {
		return err
	}
	e, invalid := readEvent(m.Header, m.Data)
	if invalid != nil {
		fmt.Fprintf(c.stdout, "event %d at %s: invalid: %v\n", c.seq, stamp(m.Time), invalid)
	} else {
		fmt.Fprintf(c.stdout, "event %d of %s at %s: %s of %s in %s\n", c.seq, e.organizationID, stamp(m.Time),
			jsonvalue.Printable(string(e.event.Type)), jsonvalue.Printable(e.event.ProjectName), jsonvalue.Printable(string(e.event.EnvironmentMode)))
	}
	if e.after > 0 {
		fmt.Fprintf(c.stdout, "not decided before revision %d\n", e.after)
	}
	records, err := decisionsOf(ctx, js, c.seq, m.Time)
	if err != nil {
		return err
	}
	versions, err := versionsOf(ctx, js, natsfeed.Key(e.organizationID, webhookID))
	if err != nil {
		return err
	}
	var last decision // the one at the highest revision
	rejections := 0
	for _, d := range records {
		if d.Result != decided {
			rejections++
			continue
		}
		if d.Revision >= last.Revision {
			last = d
		}
		fmt.Fprintf(c.stdout, "decided at %s by %s, at revision %d: %s\n", stamp(d.At), jsonvalue.Printable(d.Dispatcher), d.Revision,
			versions.verdict(d, webhookID, e.event))
	}
	if _, later := versions.split(last); last.Revision > 0 && len(later) > 0 {
		fmt.Fprintf(c.stdout, "changes of the webhook after that, which did not count: %d, the first at revision %d\n", len(later), later[0].Revision())
	}
	reasons, err := reasonsOf(ctx, js, c.seq, m.Time)
	if err != nil {
		return err
	}
	for _, reason := range reasons {
		fmt.Fprintf(c.stdout, "rejected, and stored in %s: %s\n", rejectedStream, jsonvalue.Printable(reason))
	}
	switch {
	case rejections > 0 && len(reasons) == 0:
		fmt.Fprintf(c.stdout, "rejected, but %s does not have it any more\n", rejectedStream)
	case len(records) > 0 || len(reasons) > 0:
	default:
		state, err := undecided(ctx, js, c.seq, e.after, versions.last)
		if err != nil {
			return err
		}
		fmt.Fprintln(c.stdout, state)
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// undecided returns the state of an event without a record. last is the bucket's revision.
func undecided(ctx context.Context, js jetstream.JetStream, seq, after, last uint64) (string, error) {
	if after > last {
		return fmt.Sprintf("not decided yet: the event waits for revision %d, and the last is %d", after, last), nil
	}
	acknowledged := false
	err := retry(ctx, func(ctx context.Context) error {
		consumer, err := js.Consumer(ctx, eventsStream, consumerName)
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			return nil // no dispatcher has run yet
		}
		if err == nil {
			acknowledged = consumer.CachedInfo().AckFloor.Stream >= seq
		}
		return err
	})
	if acknowledged {
		return fmt.Sprintf("unknown: the consumer is past the event, but %s has no record of it", decisionsStream), err
	}
	return "not decided yet", err
}

// reasonsOf returns why the event with a sequence and a time in EVENTS was rejected. There
// are none if it was not, and several if it was rejected again after the duplicates window.
func reasonsOf(ctx context.Context, js jetstream.JetStream, seq uint64, at time.Time) (reasons []string, err error) {
	stream, err := findStream(ctx, js, rejectedStream)
	if stream == nil || err != nil {
		return nil, err
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 || state.LastTime.Before(at) {
		return nil, nil
	}
	text := strconv.FormatUint(seq, 10)
	from := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &at, HeadersOnly: true}
	err = read(ctx, stream, from, state.LastSeq, func(m jetstream.Msg, _ uint64) {
		if m.Headers().Get(seqHeader) == text {
			reasons = append(reasons, m.Headers().Get(reasonHeader))
		}
	})
	return reasons, err
}
