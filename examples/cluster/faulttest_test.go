//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/webhook"
)

// faultTest is the state of a fault test: servers, and the versions of the webhooks at each
// revision that events name.
type faultTest struct {
	t             *testing.T
	servers       *natstest.Cluster
	js            jetstream.JetStream
	feed          *natsfeed.Feed // the test's own; the dispatchers have others
	rand          *rand.Rand
	organizations []uuid.UUID
	webhooks      map[string]*webhook.Webhook // by key
	ids           []uuid.UUID
	history       map[string][]version // by key, in order
	ends          map[uint64]uint64    // revision that events name -> revision of the last change before they were decided
	events        int
	changes       int
	last          uint64 // revision of the last change
}

// version is a webhook's version at a revision; nil means deleted.
type version struct {
	revision uint64
	filter   *filter.Filter
}

// change makes n changes of webhooks, and retries each until it is accepted.
func (f *faultTest) change(n int) {
	f.t.Helper()
	for range n {
		f.changes++
		o, id := f.organizations[f.rand.IntN(len(f.organizations))], f.ids[f.rand.IntN(len(f.ids))]
		key := natsfeed.Key(o, id)
		w := newWebhook("p" + strconv.Itoa(f.rand.IntN(4)) + "*")
		w.ID, w.Description = id, strconv.Itoa(f.changes)
		drop := f.webhooks[key] != nil && f.rand.IntN(4) == 0
		require.NoError(f.t, retry(f.t.Context(), func(ctx context.Context) error {
			kv, err := f.js.KeyValue(ctx, bucket)
			if err == nil && drop {
				f.last, err = natsfeed.Delete(ctx, kv, o, id)
			} else if err == nil {
				f.last, err = natsfeed.Put(ctx, kv, o, w)
			}
			return err
		}))
		if f.webhooks[key] = w; drop {
			delete(f.webhooks, key)
		}
		compiled, err := filter.Compile(w)
		require.NoError(f.t, err)
		if drop {
			compiled = nil
		}
		f.history[key] = append(f.history[key], version{f.last, compiled})
	}
}

// publish publishes n events that must not be decided before the last change.
func (f *faultTest) publish(n int) {
	f.t.Helper()
	f.ends[f.last] = 0
	var lines strings.Builder
	for range n {
		f.events++
		fmt.Fprintf(&lines, `{"n":%d,%s`, f.events, eventLine(f.organizations[f.rand.IntN(len(f.organizations))], "P"+strconv.Itoa(f.rand.IntN(4))+"-api")[1:])
	}
	got := cluster(f.t, lines.String(), "publish", "-nats", f.servers.URL(), "-replicas", "3", "-events", "-", "-after", strconv.FormatUint(f.last, 10))
	require.Zero(f.t, got.status, got.stderr)
}

// phase makes changes, publishes events that name their revision, and causes the fault
// halfway.
func (f *faultTest) phase(fault func()) {
	f.t.Helper()
	changes, events := 60, 600
	if *long {
		changes, events = 250, 2500
	}
	f.change(changes)
	began := time.Now()
	f.publish(events / 2)
	made := time.Now()
	fault()
	f.change(1)
	accepted := time.Now()
	require.NoError(f.t, f.feed.Wait(f.t.Context(), f.last))
	f.t.Logf("feed current after %.3f s", time.Since(accepted).Seconds())
	f.publish(events - events/2)
	f.drained()
	for after, end := range f.ends {
		if end == 0 {
			f.ends[after] = f.last
		}
	}
	f.t.Logf("longest time without a delivery: %.2f s", f.gap(began, made).Seconds())
}

// drained returns when all events are acknowledged.
func (f *faultTest) drained() {
	f.t.Helper()
	require.Eventually(f.t, func() bool {
		ctx, cancel := context.WithTimeout(f.t.Context(), time.Second)
		defer cancel()
		consumer, err := f.js.Consumer(ctx, eventsStream, consumerName)
		if err != nil {
			return false
		}
		info := consumer.CachedInfo()
		return info.NumPending == 0 && info.NumAckPending == 0 && info.AckFloor.Stream > 0
	}, 2*time.Minute, 50*time.Millisecond)
}

// gap returns the longest time between two consecutive deliveries by the servers' clocks,
// the first after began and the second after made.
func (f *faultTest) gap(began, made time.Time) (longest time.Duration) {
	f.t.Helper()
	var last time.Time
	for _, m := range f.read(deliveriesStream) {
		meta, err := m.Metadata()
		require.NoError(f.t, err)
		if meta.Timestamp.After(made) && last.After(began) {
			longest = max(longest, meta.Timestamp.Sub(last))
		}
		last = meta.Timestamp
	}
	return longest
}

// read returns all messages of a stream and does not consume them.
func (f *faultTest) read(name string) (all []jetstream.Msg) {
	f.t.Helper()
	require.Eventually(f.t, func() bool {
		all = nil
		stream, err := f.js.Stream(f.t.Context(), name)
		if err != nil {
			return false
		}
		consumer, err := stream.CreateConsumer(f.t.Context(), jetstream.ConsumerConfig{AckPolicy: jetstream.AckExplicitPolicy, MaxAckPending: -1, AckWait: time.Hour})
		if err != nil {
			return false
		}
		defer func() { _ = stream.DeleteConsumer(f.t.Context(), consumer.CachedInfo().Name) }()
		want := int(stream.CachedInfo().State.Msgs)
		for len(all) < want {
			batch, err := consumer.Fetch(min(want-len(all), 5000), jetstream.FetchMaxWait(5*time.Second))
			if err != nil {
				return false
			}
			before := len(all)
			for m := range batch.Messages() {
				all = append(all, m)
			}
			if len(all) == before {
				return false
			}
		}
		return true
	}, time.Minute, 100*time.Millisecond)
	return all
}

// check compares the deliveries with the oracle, which evaluates every filter on every
// event, for all versions from the one that the event names to the last before it was
// decided. For half of the events that is one version; the others were published before
// the fault, and at least one change came after it.
func (f *faultTest) check() {
	f.t.Helper()
	must, may := make(map[string]bool), make(map[string]bool)
	after := make(map[uint64]uint64)
	stored := f.read(eventsStream)
	require.Equal(f.t, f.events, len(stored), "events")
	for _, m := range stored {
		meta, err := m.Metadata()
		require.NoError(f.t, err)
		e, err := readEvent(m.Headers(), m.Data())
		require.NoError(f.t, err)
		after[meta.Sequence.Stream] = e.after
		for key, versions := range f.history {
			id, ours := strings.CutPrefix(key, e.organizationID.String()+".")
			if !ours {
				continue
			}
			all, one := true, false
			in := version{}
			for _, next := range append(versions, version{revision: math.MaxUint64}) {
				if next.revision > e.after {
					fires := in.filter != nil && in.filter.Match(e.event)
					all, one = all && fires, one || fires
				}
				if in = next; in.revision > f.ends[e.after] {
					break
				}
			}
			delivery := fmt.Sprint(meta.Sequence.Stream, " ", id)
			if all {
				must[delivery] = true
			}
			if one {
				may[delivery] = true
			}
		}
	}
	got := make(map[string]int)
	doubled, more, lost, batched := 0, 0, 0, 0
	for _, m := range f.read(deliveriesStream) {
		if m.Headers().Get(jetstreamext.BatchIDHeader) != "" {
			batched++
		}
		var d delivery
		require.NoError(f.t, json.Unmarshal(m.Data(), &d))
		require.GreaterOrEqual(f.t, d.Revision, after[d.EventSeq])
		key := fmt.Sprint(d.EventSeq, " ", d.WebhookID)
		if got[key]++; got[key] > 1 {
			doubled++
		} else if !may[key] {
			more++
		}
	}
	for key := range must {
		if got[key] == 0 {
			lost++
		}
	}
	f.t.Logf("events %d, changes %d, deliveries %d: lost %d, duplicated %d, unexpected %d", f.events, f.changes, len(got), lost, doubled, more)
	require.NotEmpty(f.t, must)
	require.NotZero(f.t, batched, "stored in batches")
	require.Zero(f.t, lost, "lost")
	require.Zero(f.t, doubled, "duplicated")
	require.Zero(f.t, more, "not expected")
}
