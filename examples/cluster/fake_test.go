package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
)

// fakeQueue is an eventQueue in memory. It redelivers an event after a delay that was asked
// for, or after ackWait.
type fakeQueue struct {
	mu      sync.Mutex
	accepts limits
	events  []*fakeEvent
	streams map[string][]*nats.Msg // by the first word of the subject
	ids     map[string]bool
	broken  func(operation string) error // operation is the first word of a subject, fetch, open or acknowledge
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

// times returns when the event was delivered, since it was stored.
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

// publish adds an event that names a revision, unless that is 0.
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
	defer q.mu.Unlock()
	if q.broken("acknowledge") != nil {
		return nil
	}
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

// fakeFeed is a feed whose revision and age the test sets.
type fakeFeed struct {
	mu       sync.Mutex
	index    *filter.Index
	revision uint64
	stale    bool
	read     func() // called by Index
}

func (f *fakeFeed) Invalid() int { return 0 }
func (f *fakeFeed) Close() error { return nil }

func (f *fakeFeed) Index() *filter.Index {
	f.mu.Lock()
	read := f.read
	f.mu.Unlock()
	read()
	return f.index
}

func (f *fakeFeed) Revision() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.revision
}

func (f *fakeFeed) Age() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stale {
		return 2 * maxAge
	}
	return 0
}

func (f *fakeFeed) set(revision uint64, stale bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revision, f.stale = revision, stale
}

// bench is a dispatcher with a fake queue and a fake feed. Its organization has a webhook
// for the project p.
type bench struct {
	*dispatcher
	t            *testing.T
	q            *fakeQueue
	feed         *fakeFeed
	organization uuid.UUID
	log, stdout  buffer
}

// onBench calls test with a dispatcher that runs with a fake clock.
func onBench(t *testing.T, test func(b *bench)) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, q: newFakeQueue(), organization: uuid.New()}
		b.feed = &fakeFeed{index: filter.NewIndex(), revision: 100, read: func() {}}
		require.NoError(t, b.feed.index.Put(b.organization, newWebhook("p")))
		m := newMetrics(slog.New(slog.NewTextHandler(&b.log, nil)))
		m.setFeed(b.feed)
		b.dispatcher = &dispatcher{metrics: m, name: "d", feed: b.feed, queues: []eventQueue{b.q}, out: newOutput(&b.stdout, true)}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { b.run(ctx) })
		defer running.Wait()
		defer stop()
		synctest.Wait()
		test(b)
	})
}

// after lets time pass.
func (b *bench) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// logged returns the number of lines of the log that contain all texts.
func (b *bench) logged(texts ...string) (n int) {
	for line := range strings.Lines(b.log.String()) {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			n++
		}
	}
	return n
}

// metric returns the value of a counter; label is the value of its label, or "".
func (b *bench) metric(name, label string) float64 {
	b.t.Helper()
	all, err := b.registry.Gather()
	require.NoError(b.t, err)
	for _, family := range all {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue()
			}
		}
	}
	b.t.Fatalf("no metric %s %s", name, label)
	return 0
}

// fail makes operations fail with err; nil ends that.
func (b *bench) fail(err error, operations ...string) {
	b.q.mu.Lock()
	defer b.q.mu.Unlock()
	b.q.broken = func(operation string) error {
		if slices.Contains(operations, operation) {
			return err
		}
		return nil
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	require.NoError(t, err)
	return n
}
