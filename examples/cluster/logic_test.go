package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

var (
	errFull  = &jetstream.APIError{Code: 503, ErrorCode: 10023, Description: "insufficient resources"}
	errOther = errors.New("something else")
)

// TestFailures: whatever fails, the failure is counted, logged once a minute with what to
// do, and the dispatcher is unhealthy after 10 s. The event ends when the failure does.
func TestFailures(t *testing.T) {
	for name, tc := range map[string]struct {
		err        error
		operations []string // that fail
		operation  string   // the label of the counter
		line       string   // of the event
		health     string
		log        []string // parts of the line
	}{
		"full store": {errFull, []string{"deliveries"}, opPublish, "p", eventsUnfinished,
			[]string{"cannot store deliveries; their events are not acknowledged", "insufficient resources", "JetStream's store is full: consume DELIVERIES, or raise max_file_store"}},
		"too many unstored deliveries": {jetstream.ErrTooManyStalledMsgs, []string{"send deliveries"}, opPublish, "p", eventsUnfinished,
			[]string{"cannot store deliveries", "stalled", "check that they run"}},
		"too many unstored decisions": {jetstream.ErrTooManyStalledMsgs, []string{"send decisions"}, opDecision, "p", eventsUnfinished,
			[]string{"cannot store the records of decisions", "stalled", "check that they run"}},
		"no answer to a decision": {nats.ErrTimeout, []string{"decisions"}, opDecision, "p", eventsUnfinished,
			[]string{"cannot store the records of decisions", "nats: timeout", "check that they run, that the streams have leaders, and the user's permissions"}},
		"no answer to a rejection": {jetstream.ErrAsyncPublishTimeout, []string{"rejected"}, opReject, "", eventsUnfinished,
			[]string{"cannot store rejected events", "check that they run"}},
		"no confirmation": {errOther, []string{"acknowledge"}, opAcknowledge, "p", eventsUnfinished,
			[]string{"acknowledgements of events are not confirmed", "no confirmation from the servers"}},
		"no consumer": {jetstream.ErrConsumerDeleted, []string{"fetch"}, opFetch, "p", cannotFetch,
			[]string{"cannot fetch events", "a stream or the consumer was deleted, or has no leader"}},
		"no permission": {nats.ErrPermissionViolation, []string{"fetch", "open"}, opOpen, "p", cannotFetch,
			[]string{"cannot open the queue; retrying", "permissions violation", "the user lacks a permission"}},
		"another error": {errOther, []string{"deliveries"}, opPublish, "p", eventsUnfinished, []string{"cannot store deliveries", "something else"}},
	} {
		t.Run(name, func(t *testing.T) {
			withFixture(t, func(f *fixture) {
				f.fail(tc.err, tc.operations...)
				line := eventLine(f.organization, tc.line)
				e := f.q.publish(line, 0)
				f.after(9 * time.Second)
				require.Empty(t, f.problem())
				f.after(20 * time.Second)
				require.Equal(t, tc.health, f.problem())
				require.Equal(t, 1, f.logged(append(tc.log, "level=ERROR", "operation="+tc.operation)...), f.log.String())
				require.Equal(t, 1, f.logged("unhealthy: "+tc.health))
				f.after(30 * time.Second)
				attempts := f.metric("hookfilter_errors_total", tc.operation)
				require.Greater(t, attempts, 5.0)
				require.Less(t, attempts, 100.0, "bounded rate of retries")
				f.after(time.Minute)
				require.Equal(t, 2, f.logged(append(tc.log, "level=ERROR", "failures=")...))
				require.False(t, e.ended())

				f.fail(nil)
				f.after(30 * time.Second)
				require.True(t, e.ended())
				require.Empty(t, f.problem())
				require.Equal(t, 1, f.logged("healthy again"))
				require.NotEmpty(t, f.q.in("decisions"))
				require.Len(t, f.q.in("deliveries"), strings.Count(tc.line, "p"))
				require.EqualValues(t, strings.Count(tc.line, "p"), f.metric("hookfilter_deliveries_total", ""), "without duplicates")
			})
		})
	}
}

// TestCountedWhenStored: a delivery counts when it is stored, although the event cannot be
// finished.
func TestCountedWhenStored(t *testing.T) {
	withFixture(t, func(f *fixture) {
		f.fail(errFull, "decisions")
		f.q.publish(eventLine(f.organization, "p"), 0)
		f.after(time.Minute)
		require.EqualValues(t, 1, f.metric("hookfilter_deliveries_total", ""))
		require.Equal(t, 1, strings.Count(f.stdout.String(), "\n"))
		require.Zero(t, f.metric("hookfilter_events_total", fired))
	})
}

// TestWaiting: an event that names a later revision is looked at less and less often, and is
// decided when the revision comes, or rejected after a minute. Others are not held up.
func TestWaiting(t *testing.T) {
	withFixture(t, func(f *fixture) {
		line := eventLine(f.organization, "p")
		late, never, far := f.q.publish(line, 101), f.q.publish(line, 102), f.q.publish(line, math.MaxUint64)
		others := f.q.publish(line, 100)
		f.after(time.Second)
		require.True(t, others.ended())
		require.True(t, far.done, "that revision cannot come")
		require.False(t, late.ended())
		require.Empty(t, f.problem(), "waiting is no failure")
		f.after(19 * time.Second)
		f.feed.set(101, false)
		f.after(5 * time.Second)
		require.True(t, late.ended())
		f.after(30 * time.Second)
		require.False(t, never.ended())
		f.after(15 * time.Second)
		require.True(t, never.ended())
		looks := make([]time.Duration, len(never.times()))
		for i, look := range never.times() {
			looks[i] = look.Round(50 * time.Millisecond)
		}
		ms := time.Millisecond
		require.Equal(t, []time.Duration{0, 50 * ms, 250 * ms, 1050 * ms, 4250 * ms}, looks[:5])
		require.Len(t, looks, 11, "times of the deliveries: %v", looks)

		require.Len(t, f.q.in("deliveries"), 2)
		require.Empty(t, f.problem())
		reasons := make(map[string]string)
		for _, m := range f.q.in("rejected") {
			reasons[m.Header.Get(seqHeader)] = m.Header.Get(reasonHeader)
		}
		require.Equal(t, map[string]string{
			"2": "revision 102 of the webhooks did not come within 1m0s: the last is 101",
			"3": "revision 18446744073709551615 of the webhooks cannot come: the last is 100",
		}, reasons)
		require.Equal(t, 1, f.logged("event rejected: REJECTED has it, with the reason", "event=3", "cannot come"))
	})
}

// TestWrongClock: a dispatcher whose clock is ahead does not reject an event whose revision
// the feed is about to reach.
func TestWrongClock(t *testing.T) {
	withFixture(t, func(f *fixture) {
		e := f.q.publishAt(time.Now().Add(-time.Hour), eventLine(f.organization, "p"), 101)
		f.after(2 * time.Second)
		f.feed.set(101, false)
		f.after(10 * time.Second)
		require.True(t, e.ended())
		require.Len(t, f.q.in("deliveries"), 1)
	})
}

// TestStaleBeforePublishing: a dispatcher that was stopped between deciding and publishing
// does not publish what it decided then.
func TestStaleBeforePublishing(t *testing.T) {
	for _, batches := range []bool{false, true} {
		withFixture(t, func(f *fixture) {
			f.q.mu.Lock()
			f.q.accepts.batches = batches
			f.q.mu.Unlock()
			f.feed.mu.Lock()
			f.feed.read = func() { f.feed.set(100, true) }
			f.feed.mu.Unlock()
			e := f.q.publish(eventLine(f.organization, "p"), 0)
			f.after(20 * time.Second)
			require.Len(t, e.times(), 1)
			require.Empty(t, f.q.streams)
			require.Equal(t, feedStale, f.problem())
			require.Equal(t, 1, f.logged("unhealthy: the feed of the webhooks is stale: no event is decided"))
			f.feed.mu.Lock()
			f.feed.read = func() {}
			f.feed.mu.Unlock()
			f.feed.set(103, false)
			f.after(time.Second)
			require.True(t, e.ended())
			require.Equal(t, 1, f.logged("healthy again"))
			require.Contains(t, string(f.q.in("deliveries")[0].Data), `"revision":103`)
		})
	}
}

// TestTooLarge: an event that is invalid, or whose delivery is too large, is rejected with the
// reason. Its content is cut only if it does not fit into a message.
func TestTooLarge(t *testing.T) {
	const most = 10_000
	for name, tc := range map[string]struct {
		line   string
		reason string // "": delivered
		cut    bool
	}{
		"fits":              {strings.Repeat("p", most-deliveryHeaders-1000), "", false},
		"large delivery":    {strings.Repeat("p", most-deliveryHeaders), "too large: a delivery takes 9711 bytes, and up to 512 more for headers: want at most 10000 in total, which the servers accept", true},
		"escapes":           {strings.Repeat("<", most/5), "too large: a delivery takes ", false},
		"large and invalid": {strings.Repeat("p", most-1) + `"`, "not JSON: ", true},
	} {
		t.Run(name, func(t *testing.T) {
			withFixture(t, func(f *fixture) {
				f.q.mu.Lock()
				f.q.accepts = limits{delivery: most, rejected: most}
				f.q.mu.Unlock()
				w := newWebhook("*")
				require.NoError(t, f.feed.index.Put(f.organization, w))
				line := eventLine(f.organization, tc.line)
				e := f.q.publish(line, 0)
				f.after(time.Second)
				require.True(t, e.ended())
				if tc.reason == "" {
					require.Len(t, f.q.in("deliveries"), 1)
					return
				}
				require.Empty(t, f.q.in("deliveries"))
				m := f.q.in("rejected")[0]
				require.Less(t, m.Size(), most)
				require.Contains(t, m.Header.Get(reasonHeader), tc.reason)
				require.True(t, strings.HasPrefix(line, string(m.Data)))
				require.NotEmpty(t, m.Data)
				if tc.cut {
					require.Less(t, len(m.Data), len(line))
					require.Equal(t, strconv.Itoa(len(line)), m.Header.Get(sizeHeader))
				} else {
					require.Equal(t, line, string(m.Data))
				}
			})
		})
	}
}

// TestReopen: a dispatcher whose pulls fail opens the queue again, and says what was deleted.
func TestReopen(t *testing.T) {
	withFixture(t, func(f *fixture) {
		f.q.mu.Lock()
		f.q.changed = []string{"consumer dispatch", "stream EVENTS"}
		f.q.broken = func(operation string) error {
			if operation == "fetch" && f.q.opens == 0 {
				return nats.ErrNoResponders
			}
			return nil
		}
		f.q.mu.Unlock()
		e := f.q.publish(eventLine(f.organization, "p"), 0)
		f.after(time.Second)
		require.True(t, e.ended())
		require.Equal(t, 1, f.q.opens)
		for _, name := range []string{"consumer dispatch", "stream EVENTS"} {
			require.Equal(t, 1, f.logged("opened the queue again: the "+name+" was deleted"))
		}
	})
}

// TestOneFails: an event that fails for an unknown reason does not slow down others.
func TestOneFails(t *testing.T) {
	withFixture(t, func(f *fixture) {
		f.fail(errOther, "rejected")
		bad := f.q.publish("hello", 0)
		f.q.publish(eventLine(f.organization, "p"), 0) // in the same group
		f.after(15 * time.Millisecond)
		next := f.q.publish(eventLine(f.organization, "p"), 0)
		f.after(time.Second)
		require.LessOrEqual(t, next.times()[0], 10*time.Millisecond, "no pause")
		for range 10 {
			good := f.q.publish(eventLine(f.organization, "p"), 0)
			f.after(2 * time.Second)
			require.True(t, good.ended())
			require.Less(t, good.times()[0], time.Second)
		}
		require.False(t, bad.ended())
		require.Equal(t, eventsUnfinished, f.problem())
		require.Less(t, f.q.opens, 20)
	})
}

// TestAnotherHasIt: an event that failed here and that another dispatcher finished does not
// count as unfinished.
func TestAnotherHasIt(t *testing.T) {
	withFixture(t, func(f *fixture) {
		f.fail(errOther, "acknowledge") // the confirmation was lost
		e := f.q.publish(eventLine(f.organization, "p"), 0)
		f.after(time.Second)
		f.q.mu.Lock()
		e.done = true
		f.q.mu.Unlock()
		for range 60 {
			f.after(time.Second)
			require.Empty(t, f.problem())
		}
	})
	withFixture(t, func(f *fixture) {
		f.fail(errFull, "deliveries")
		e := f.q.publish(eventLine(f.organization, "p"), 0)
		f.after(15 * time.Second)
		require.Equal(t, eventsUnfinished, f.problem())
		f.q.mu.Lock()
		e.done = true
		f.q.mu.Unlock()
		f.after(longestRetry + 2*ackWait + time.Second)
		require.Empty(t, f.problem())
	})
}
