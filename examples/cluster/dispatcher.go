package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	// loops is the number of pulls in progress: one is decided while the servers store
	// the deliveries of the other.
	loops = 2
	// maxPulled limits the events of one pull.
	maxPulled = 500
	// aheadWait is how long an event waits for its revision. After that it is redelivered
	// with a delay of aheadDelay.
	aheadWait  = 200 * time.Millisecond
	aheadDelay = time.Second
	// maxStored is the servers' limit for the messages of one batch.
	maxStored = 1000
	// maxStall is how long to wait while maxUnstored messages are not yet acknowledged.
	maxStall = 10 * time.Second
)

// dispatcher decides which webhooks an event fires, and stores a delivery for each.
//
// It loses no delivery, because an event is acknowledged only after all its deliveries
// are, and the server confirms the acknowledgement. If anything fails before that, the
// event is redelivered to this dispatcher or another, and ids keep its deliveries from
// being stored twice.
//
// If DELIVERIES accepts atomic batches, the deliveries of many events are stored with one
// request, all or none. The servers refuse a batch with a delivery that is already stored;
// its events are redelivered. The deliveries of a redelivered event, and of an event with
// more than maxStored deliveries, are sent one by one, as are all deliveries without batches.
type dispatcher struct {
	js       jetstream.JetStream
	consumer jetstream.Consumer
	batches  bool
	feed     *natsfeed.Feed
	metrics  *metrics
	out      *output
}

// run dispatches until ctx is done, and then finishes the events that it has pulled.
func (d *dispatcher) run(ctx context.Context) error {
	var all sync.WaitGroup
	errs := make(chan error, loops)
	for range loops {
		all.Go(func() { errs <- d.loop(ctx) })
	}
	all.Wait()
	return <-errs
}

func (d *dispatcher) loop(ctx context.Context) error {
	a, err := newAcknowledger(d.js.Conn())
	if err != nil {
		return err
	}
	defer a.close()
	for ctx.Err() == nil {
		if !d.metrics.healthy() {
			time.Sleep(maxAge / 20)
			continue
		}
		// Fetch does not get ctx, so that events in flight are finished when ctx is done.
		batch, err := d.consumer.Fetch(maxPulled, jetstream.FetchMaxWait(time.Second), jetstream.FetchHeartbeat(400*time.Millisecond))
		if err == nil {
			for group := range groups(batch.Messages()) {
				d.handle(group, a)
			}
			err = batch.Error()
		}
		if err != nil {
			time.Sleep(50 * time.Millisecond) // servers come and go
		}
	}
	return nil
}

// groups yields the messages in groups, each of as many as are available at once.
func groups(messages <-chan jetstream.Msg) func(yield func([]jetstream.Msg) bool) {
	return func(yield func([]jetstream.Msg) bool) {
		for m := range messages {
			group := []jetstream.Msg{m}
			for more := true; more; {
				select {
				case m, ok := <-messages:
					if more = ok; ok {
						group = append(group, m)
					}
				default:
					more = false
				}
			}
			if !yield(group) {
				return
			}
		}
	}
}

// work is the state of one event while it is handled.
type work struct {
	message jetstream.Msg
	seq     uint64
	id      string // of the event, for the ids of its deliveries
	again   bool   // redelivered: a dispatcher has had it before
	storedEvent
	result     string // fired, none or rejected; empty while it waits for its revision
	deliveries []delivery
	messages   []*nats.Msg              // one for each delivery, or one for a rejected event
	futures    []jetstream.PubAckFuture // of the messages, if they were sent one by one
	err        error
}

func (d *dispatcher) handle(group []jetstream.Msg, a *acknowledger) {
	if !d.metrics.healthy() {
		for _, m := range group {
			_ = m.NakWithDelay(aheadDelay) // otherwise it is redelivered only after ackWait
		}
		return
	}
	all := make([]*work, len(group))
	var now, ahead []*work
	revision := d.feed.Revision()
	for i, m := range group {
		w := newWork(m)
		all[i] = w
		if w.err != nil {
			d.reject(w)
		} else if w.after > revision {
			ahead = append(ahead, w)
		} else {
			d.decide(w, revision)
			now = append(now, w)
		}
	}
	d.sendBatches(now)
	ctx, cancel := context.WithTimeout(context.Background(), aheadWait)
	defer cancel()
	for _, w := range ahead {
		if w.err = d.feed.Wait(ctx, w.after); w.err == nil {
			d.decide(w, d.feed.Revision())
		}
	}
	d.sendBatches(ahead)
	var done []*work
	var stored []delivery
	for _, w := range all {
		stored = append(stored, w.wait()...)
		switch {
		case w.err == nil:
			done = append(done, w)
		case w.result == "":
			_ = w.message.NakWithDelay(aheadDelay)
		default:
			_ = w.message.Nak()
		}
	}
	d.metrics.deliveries.Add(float64(len(stored)))
	d.out.print(stored)
	for _, w := range a.acknowledge(done) {
		d.metrics.events.WithLabelValues(w.result).Inc()
		d.out.count(w.result)
	}
}

// newWork reads an event; err says why it cannot be read.
func newWork(m jetstream.Msg) *work {
	w := &work{message: m}
	meta, err := m.Metadata()
	if err != nil {
		w.err = err
		return w
	}
	// The id includes the time, because sequences restart if the stream is recreated.
	w.seq, w.again = meta.Sequence.Stream, meta.NumDelivered > 1
	w.id = strconv.FormatUint(w.seq, 10) + "-" + strconv.FormatInt(meta.Timestamp.UnixNano(), 36)
	w.storedEvent, w.err = readEvent(m.Headers(), m.Data())
	return w
}

// decide finds the webhooks that the event fires and builds the messages of its
// deliveries. It sends them unless they go into a batch. The caller reads revision from
// the feed before, so the index is at least as new as revision.
func (d *dispatcher) decide(w *work, revision uint64) {
	start := time.Now()
	fires := d.feed.Index().AppendMatches(nil, w.organizationID, w.event)
	d.metrics.decide.Observe(time.Since(start).Seconds())
	w.result = none
	slices.SortFunc(fires, func(a, b *webhook.Webhook) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, hook := range fires {
		w.result = fired
		d := delivery{w.seq, w.organizationID, hook.ID, revision, w.event}
		w.deliveries = append(w.deliveries, d)
	}
	for _, one := range w.deliveries {
		data, err := json.Marshal(one)
		if err != nil {
			w.err = err
			return
		}
		w.messages = append(w.messages, &nats.Msg{Subject: "deliveries." + one.OrganizationID.String() + "." + one.WebhookID.String(),
			Header: nats.Header{nats.MsgIdHdr: {w.id + "-" + one.WebhookID.String()}}, Data: data})
	}
	if !d.batches || w.again || len(w.messages) > maxStored {
		w.send(d.js)
	}
}

// reject sends an event that cannot be read to the stream REJECTED, for inspection.
func (d *dispatcher) reject(w *work) {
	m := nats.NewMsg("rejected")
	m.Header.Set(reasonHeader, w.err.Error())
	m.Header.Set(seqHeader, strconv.FormatUint(w.seq, 10))
	m.Header.Set(nats.MsgIdHdr, w.id)
	m.Data = w.message.Data()
	w.result, w.err, w.messages = rejected, nil, []*nats.Msg{m}
	w.send(d.js)
}

// send sends the messages one by one.
func (w *work) send(js jetstream.JetStream) {
	for _, m := range w.messages {
		future, err := js.PublishMsgAsync(m, jetstream.WithStallWait(maxStall))
		if err != nil {
			w.err = err
			return
		}
		w.futures = append(w.futures, future)
	}
}

// sendBatches stores the messages that were not sent one by one, in batches of at most
// maxStored. It does not split an event between two batches, so that its deliveries are
// stored all or none.
func (d *dispatcher) sendBatches(works []*work) {
	var batch []*work
	var messages []*nats.Msg
	flush := func() {
		if batch == nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), answerWait)
		defer cancel()
		_, err := jetstreamext.PublishMsgBatch(ctx, d.js, messages, jetstreamext.BatchFlowControl{AckFirst: true, AckTimeout: answerWait})
		for _, w := range batch {
			w.err = err
		}
		batch, messages = nil, nil
	}
	for _, w := range works {
		if w.err != nil || len(w.messages) == len(w.futures) {
			continue
		}
		if len(messages)+len(w.messages) > maxStored {
			flush()
		}
		batch, messages = append(batch, w), append(messages, w.messages...)
	}
	flush()
}

// wait waits until all messages that were sent are stored, and returns the deliveries
// that were not stored before. It leaves an error in w.err.
func (w *work) wait() (stored []delivery) {
	if w.futures == nil && w.err == nil {
		return w.deliveries // stored in a batch, or empty
	}
	for i, future := range w.futures {
		select {
		case ack := <-future.Ok():
			if w.result == fired && !ack.Duplicate {
				stored = append(stored, w.deliveries[i])
			}
		case err := <-future.Err():
			w.err = err
		}
	}
	return stored
}
