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
	// loops is how many pulls are worked on side by side: one is decided while the
	// servers store what the other came to.
	loops = 2
	// maxPulled is how many events are pulled at once.
	maxPulled = 500
	// aheadWait is how long an event waits for its revision, before it is given back for
	// aheadDelay.
	aheadWait  = 200 * time.Millisecond
	aheadDelay = time.Second
	// maxStored is how many messages the servers take in one batch.
	maxStored = 1000
	// maxStall is how long to wait for a place among the messages on their way.
	maxStall = 10 * time.Second
)

// dispatcher decides events, and stores what is to be delivered.
//
// The order of things is what makes it lose nothing: an event is acknowledged when all
// its deliveries are acknowledged, and the acknowledgement is one that the server
// confirms. Whatever fails before that is done again, by this dispatcher or another,
// and ids keep deliveries from being stored twice.
//
// Where DELIVERIES takes atomic batches, the deliveries of many events are stored by one
// answer of the servers, all or none. They refuse a batch with a delivery that is there
// already: its events come again. The deliveries of what comes again, and of an event that
// has more than maxStored, are sent one by one, as all are where there are no batches.
type dispatcher struct {
	js       jetstream.JetStream
	consumer jetstream.Consumer
	batches  bool
	feed     *natsfeed.Feed
	metrics  *metrics
	out      *output
}

// run dispatches until ctx is done, and then finishes what it has pulled.
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
		// It is not told of ctx: what is on its way to us when that is done is finished.
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

// groups yields what comes, as much at once as there is.
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

// work is one event, and what it came to.
type work struct {
	message jetstream.Msg
	seq     uint64
	id      string // of the event, for the ids of its deliveries
	again   bool   // it was given to a dispatcher before
	storedEvent
	result     string // empty: it waits for its revision
	deliveries []delivery
	messages   []*nats.Msg              // one for each delivery, or one for a rejected event
	futures    []jetstream.PubAckFuture // of the messages, if they were sent one by one
	err        error
}

func (d *dispatcher) handle(group []jetstream.Msg, a *acknowledger) {
	if !d.metrics.healthy() {
		for _, m := range group {
			_ = m.NakWithDelay(aheadDelay) // else it comes back after ackWait
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
	// Should the stream be made again, its sequences begin again, but not its times.
	w.seq, w.again = meta.Sequence.Stream, meta.NumDelivered > 1
	w.id = strconv.FormatUint(w.seq, 10) + "-" + strconv.FormatInt(meta.Timestamp.UnixNano(), 36)
	w.storedEvent, w.err = readEvent(m.Headers(), m.Data())
	return w
}

// decide finds what the event fires and makes its messages, which it sends unless they go
// in a batch. The index is at least as new as a revision that was asked for before.
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

// reject sends an event that cannot be read where somebody may look at it.
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

// sendBatches stores the messages that were not sent, in as few batches as hold them. No
// event is in two of them, so that each is stored or not.
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

// wait waits until all that was sent is stored, and returns the deliveries that were
// not stored before. An error is in w.
func (w *work) wait() (stored []delivery) {
	if w.futures == nil && w.err == nil {
		return w.deliveries // in a batch, or there are none
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
