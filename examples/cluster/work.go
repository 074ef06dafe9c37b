package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/webhook"
)

const (
	// firstWait is how long an event waits for its revision until it is looked at again.
	// Each further wait is 4 times as long, up to longestWait.
	firstWait   = 50 * time.Millisecond
	longestWait = 10 * time.Second
	// maxWaiting is the age at which an event that still waits is rejected. It has been
	// looked at minLooks times by then, over 14 s, which is longer than a feed may
	// lag behind. So a dispatcher with a wrong clock rejects no event whose revision
	// the feed is about to reach.
	maxWaiting = time.Minute
	minLooks   = 6
	// maxAhead is how far a revision may be above both the feed's revision and the event's
	// time in microseconds (the revisions of a new bucket begin with the time in
	// microseconds). It is one change per microsecond for a day, so a higher revision cannot
	// come.
	maxAhead = uint64(24 * time.Hour / time.Microsecond)

	// firstRetry is how long after a failure an event is redelivered. Each further delay is
	// twice as long, up to longestRetry.
	firstRetry   = 100 * time.Millisecond
	longestRetry = 5 * time.Second

	// deliveryHeaders and rejectedHeaders are upper bounds of the sizes of a message's headers.
	deliveryHeaders = 512
	rejectedHeaders = 2048
	maxReason       = 1000 // bytes of the reason of a rejected event
	maxTraceparent  = 128  // bytes; version 00 has 55
)

// work is the state of one event while it is handled.
type work struct {
	message   jetstream.Msg
	seq       uint64
	time      time.Time // in EVENTS
	delivered uint64    // number of times that the event was delivered to a dispatcher
	id        string    // of the event, for the ids of its deliveries
	storedEvent
	result     string // fired, none or rejected; empty while it waits for its revision
	revision   uint64 // at which it was decided
	deliveries []delivery
	messages   []*nats.Msg              // one for each delivery, or one for a rejected event
	futures    []jetstream.PubAckFuture // of the messages, if they were sent one by one
	err        error                    // why the event is not finished
	failed     string                   // the operation that failed with err
	done       bool                     // its acknowledgement was confirmed
}

// outcome returns the result in the event's record.
func (w *work) outcome() string {
	if w.result == rejected {
		return rejected
	}
	return decided
}

// newWork reads an event. If that fails, the field err has the reason.
func newWork(m jetstream.Msg) *work {
	w := &work{message: m}
	meta, err := m.Metadata()
	if err != nil {
		w.err = err
		return w
	}
	// The id includes the time, because sequences restart if the stream is recreated.
	w.seq, w.time, w.delivered = meta.Sequence.Stream, meta.Timestamp, meta.NumDelivered
	w.id = strconv.FormatUint(w.seq, 10) + "-" + strconv.FormatInt(w.time.UnixNano(), 36)
	w.storedEvent, w.err = readEvent(m.Headers(), m.Data())
	return w
}

// decide builds the messages of the deliveries to the webhooks that the event fires at a
// revision. If a delivery is larger than the servers accept, the event is rejected.
func (w *work) decide(fires []*webhook.Webhook, revision uint64, l limits) {
	w.result, w.revision = none, revision
	slices.SortFunc(fires, func(a, b *webhook.Webhook) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	trace := traceparent(w.message.Headers())
	for _, hook := range fires {
		one := delivery{w.seq, w.organizationID, hook.ID, revision, w.event}
		data, err := json.Marshal(one)
		if err != nil {
			w.reject(err, l)
			return
		}
		if len(data)+deliveryHeaders > l.delivery {
			w.reject(fmt.Errorf("too large: a delivery takes %d bytes, and up to %d more for headers: want at most %d in total, which the servers accept",
				len(data), deliveryHeaders, l.delivery), l)
			return
		}
		m := &nats.Msg{Subject: "deliveries." + one.OrganizationID.String() + "." + one.WebhookID.String(),
			Header: nats.Header{nats.MsgIdHdr: {w.id + "-" + one.WebhookID.String()}}, Data: data}
		if trace != "" {
			m.Header[traceHeader] = []string{trace}
		}
		w.result = fired
		w.deliveries, w.messages = append(w.deliveries, one), append(w.messages, m)
	}
}

// traceparent returns the header of that name, which some clients write as Traceparent.
func traceparent(header nats.Header) string {
	for name, values := range header {
		if strings.EqualFold(name, traceHeader) && len(values) > 0 && len(values[0]) <= maxTraceparent {
			return values[0]
		}
	}
	return ""
}

// reject builds the message of the event for the stream REJECTED. It cuts the event's
// content to what fits into a message.
func (w *work) reject(reason error, l limits) {
	text := reason.Error()
	if len(text) > maxReason {
		text = strings.ToValidUTF8(text[:maxReason], "")
	}
	m := nats.NewMsg("rejected")
	m.Header.Set(reasonHeader, text)
	m.Header.Set(seqHeader, strconv.FormatUint(w.seq, 10))
	m.Header.Set(nats.MsgIdHdr, w.id)
	m.Data = w.message.Data()
	if most := max(l.rejected-rejectedHeaders, 0); len(m.Data) > most {
		m.Header.Set(sizeHeader, strconv.Itoa(len(m.Data)))
		m.Data = m.Data[:most]
	}
	w.result, w.err, w.revision = rejected, nil, 0
	w.deliveries, w.messages = nil, []*nats.Msg{m}
}

// hopeless returns why an event that is ahead of the feed does not wait any longer, nil if
// it waits. revision is the feed's.
func (w *work) hopeless(revision uint64) error {
	switch {
	case w.after > max(revision, uint64(max(w.time.UnixMicro(), 0)))+maxAhead:
		return fmt.Errorf("revision %d of the webhooks cannot come: the last is %d", w.after, revision)
	case w.delivered >= minLooks && time.Since(w.time) >= maxWaiting:
		return fmt.Errorf("revision %d of the webhooks did not come within %v: the last is %d", w.after, maxWaiting, revision)
	}
	return nil
}

// wait returns how long the event waits until it is looked at again.
func (w *work) wait() time.Duration { return delay(firstWait, 4, longestWait, w.delivered) }

// retry returns how long after a failure the event is redelivered.
func (w *work) retry() time.Duration { return delay(firstRetry, 2, longestRetry, w.delivered) }

// delay returns first for n = 1, and factor times as much for each further n, up to longest.
func delay(first time.Duration, factor int, longest time.Duration, n uint64) time.Duration {
	for ; n > 1 && first < longest; n-- {
		first *= time.Duration(factor)
	}
	return min(first, longest)
}
