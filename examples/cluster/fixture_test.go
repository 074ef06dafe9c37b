package main

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
)

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

// fixture is a dispatcher with a fake queue and a fake feed. Its organization has a webhook
// for the project p.
type fixture struct {
	*dispatcher
	t            *testing.T
	q            *fakeQueue
	feed         *fakeFeed
	organization uuid.UUID
	log, stdout  buffer
}

// withFixture calls test with a dispatcher that runs with a fake clock.
func withFixture(t *testing.T, test func(f *fixture)) {
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{t: t, q: newFakeQueue(), organization: uuid.New()}
		f.feed = &fakeFeed{index: filter.NewIndex(), revision: 100, read: func() {}}
		require.NoError(t, f.feed.index.Put(f.organization, newWebhook("p")))
		m := newMetrics(slog.New(slog.NewTextHandler(&f.log, nil)))
		m.setFeed(f.feed)
		f.dispatcher = &dispatcher{metrics: m, name: "d", feed: f.feed, queues: []eventQueue{f.q}, out: newOutput(&f.stdout, true)}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { f.run(ctx) })
		defer running.Wait()
		defer stop()
		synctest.Wait()
		test(f)
	})
}

// after lets time pass.
func (f *fixture) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// logged returns the number of lines of the log that contain all texts.
func (f *fixture) logged(texts ...string) (n int) {
	for line := range strings.Lines(f.log.String()) {
		if !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(line, text) }) {
			n++
		}
	}
	return n
}

// metric returns the value of a counter; label is the value of its label, or "".
func (f *fixture) metric(name, label string) float64 {
	f.t.Helper()
	all, err := f.registry.Gather()
	require.NoError(f.t, err)
	for _, family := range all {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue()
			}
		}
	}
	f.t.Fatalf("no metric %s %s", name, label)
	return 0
}

// fail makes operations fail with err; nil ends that.
func (f *fixture) fail(err error, operations ...string) {
	f.q.mu.Lock()
	defer f.q.mu.Unlock()
	f.q.broken = func(operation string) error {
		if slices.Contains(operations, operation) {
			return err
		}
		return nil
	}
}
