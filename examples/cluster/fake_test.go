package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fakeQueue is an eventQueue in memory. It redelivers an event after a delay that was asked
// for, or after ackWait.
type fakeQueue struct {
	mu      sync.Mutex
	accepts limits
	events  []*fakeEvent
	streams map[string][]*nats.Msg // by the first word of the subject
	ids     map[string]bool
	broken  func(operation string) error // error of "fetch", "open", "acknowledge", "send deliveries" (not sent), "deliveries" (not stored), …
	changed []string                     // what the next open reports
	opens   int
}

func newFakeQueue() *fakeQueue {
	return &fakeQueue{accepts: limits{delivery: 1 << 20, rejected: 1 << 20}, streams: make(map[string][]*nats.Msg),
		ids: make(map[string]bool), broken: func(string) error { return nil }}
}

// fakeEvent is an event in a fakeQueue.
type fakeEvent struct {
	jetstream.Msg
	q         *fakeQueue
	header    nats.Header
	data      []byte
	seq       uint64
	stored    time.Time
	due       time.Time
	looks     []time.Duration
	delivered uint64
	done      bool
}

func (e *fakeEvent) Data() []byte         { return e.data }
func (e *fakeEvent) Headers() nats.Header { return e.header }
func (e *fakeEvent) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{Sequence: jetstream.SequencePair{Stream: e.seq}, NumDelivered: e.delivered, Timestamp: e.stored}, nil
}

// ended reports whether the event is acknowledged.
func (e *fakeEvent) ended() bool {
	e.q.mu.Lock()
	defer e.q.mu.Unlock()
	return e.done
}

// times returns, for each delivery of the event, the time since the event was stored.
func (e *fakeEvent) times() []time.Duration {
	e.q.mu.Lock()
	defer e.q.mu.Unlock()
	return slices.Clone(e.looks)
}

func (e *fakeEvent) NakWithDelay(delay time.Duration) error {
	e.q.mu.Lock()
	defer e.q.mu.Unlock()
	e.due = time.Now().Add(delay)
	return nil
}

// publish adds an event. The event names the revision after, unless after is 0.
func (q *fakeQueue) publish(line string, after uint64) *fakeEvent {
	return q.publishAt(time.Now(), line, after)
}

func (q *fakeQueue) publishAt(stored time.Time, line string, after uint64) *fakeEvent {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := &fakeEvent{q: q, data: []byte(line), seq: uint64(len(q.events) + 1), stored: stored, header: nats.Header{}}
	if after > 0 {
		e.header.Set(afterHeader, fmt.Sprint(after))
	}
	q.events = append(q.events, e)
	return e
}

func (q *fakeQueue) open(context.Context) (changed []string, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.opens++
	changed, q.changed = q.changed, nil
	return changed, q.broken("open")
}

func (q *fakeQueue) limits() limits {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.accepts
}

func (q *fakeQueue) close() {}

func (q *fakeQueue) fetch(handle func([]jetstream.Msg)) error {
	q.mu.Lock()
	if err := q.broken("fetch"); err != nil {
		q.mu.Unlock()
		return err
	}
	var group []jetstream.Msg
	for _, e := range q.events {
		if !e.done && !time.Now().Before(e.due) && len(group) < maxPulled {
			e.due = time.Now().Add(ackWait)
			e.delivered++
			e.looks = append(e.looks, time.Since(e.stored))
			group = append(group, e)
		}
	}
	q.mu.Unlock()
	if group == nil {
		time.Sleep(10 * time.Millisecond)
		return nil
	}
	handle(group)
	return nil
}

func (q *fakeQueue) send(m *nats.Msg) (jetstream.PubAckFuture, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	stream, _, _ := strings.Cut(m.Subject, ".")
	if err := q.broken("send " + stream); err != nil {
		return nil, err
	}
	f := &fakeFuture{ok: make(chan *jetstream.PubAck, 1), err: make(chan error, 1)}
	if err := q.broken(stream); err != nil {
		f.err <- err
		return f, nil
	}
	id := m.Header.Get(nats.MsgIdHdr)
	f.ok <- &jetstream.PubAck{Duplicate: q.ids[id]}
	if !q.ids[id] {
		q.streams[stream] = append(q.streams[stream], m)
	}
	q.ids[id] = id != ""
	return f, nil
}

func (q *fakeQueue) sendBatch(messages []*nats.Msg) error {
	for _, m := range messages {
		f, _ := q.send(m)
		if _, err := answer(f); err != nil {
			return err
		}
	}
	return nil
}

func (q *fakeQueue) acknowledge(all []*work) []*work {
	q.mu.Lock()
	if q.broken("acknowledge") != nil {
		q.mu.Unlock()
		time.Sleep(answerWait)
		return nil
	}
	defer q.mu.Unlock()
	for _, w := range all {
		w.message.(*fakeEvent).done = true
	}
	return all
}

// in returns the messages of a stream.
func (q *fakeQueue) in(stream string) []*nats.Msg {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.streams[stream])
}

type fakeFuture struct {
	jetstream.PubAckFuture
	ok  chan *jetstream.PubAck
	err chan error
}

func (f *fakeFuture) Ok() <-chan *jetstream.PubAck { return f.ok }
func (f *fakeFuture) Err() <-chan error            { return f.err }
