//go:build linux

package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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

var long = flag.Bool("long", false, "the long version of the fault tests: 20,000 events and 2,000 changes")

// process is a dispatcher in its own process.
type process struct{ *exec.Cmd }

func startProcess(t *testing.T, url string) *process {
	t.Helper()
	executable, err := os.Executable()
	require.NoError(t, err)
	p := &process{exec.Command(executable, "dispatch", "-json", "-nats", url, "-replicas", "3")}
	p.Env = append(os.Environ(), "CLUSTER_PROGRAM=1")
	p.Stderr = os.Stderr
	require.NoError(t, p.Start())
	t.Cleanup(func() { p.end(syscall.SIGKILL) })
	return p
}

func (p *process) end(signal syscall.Signal) {
	_ = p.Process.Signal(signal)
	_ = p.Wait()
}

// proxy is a connection to a server that can be cut.
type proxy struct {
	listener net.Listener
	cut      atomic.Bool
	mu       sync.Mutex
	open     []net.Conn
}

func startProxy(t *testing.T, url string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	p := &proxy{listener: l}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
			if err != nil || p.cut.Load() {
				_ = in.Close()
				continue
			}
			p.mu.Lock()
			p.open = append(p.open, in, out)
			p.mu.Unlock()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
		}
	}()
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

func (p *proxy) set(cut bool) {
	p.cut.Store(cut)
	p.mu.Lock()
	defer p.mu.Unlock()
	if cut {
		for _, c := range p.open {
			_ = c.Close()
		}
		p.open = nil
	}
}

// field is the state of a fault test: servers, dispatchers, and the versions of the
// webhooks at each revision that events name.
type field struct {
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
func (f *field) change(n int) {
	f.t.Helper()
	for range n {
		f.changes++
		o, id := f.organizations[f.rand.IntN(len(f.organizations))], f.ids[f.rand.IntN(len(f.ids))]
		key := natsfeed.Key(o, id)
		w := newWebhook("p" + strconv.Itoa(f.rand.IntN(4)) + "*")
		w.ID, w.Description = id, strconv.Itoa(f.changes)
		drop := f.webhooks[key] != nil && f.rand.IntN(4) == 0
		require.NoError(f.t, again(f.t.Context(), func(ctx context.Context) error {
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
func (f *field) publish(n int) {
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
func (f *field) phase(fault func()) {
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
func (f *field) drained() {
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
func (f *field) gap(began, made time.Time) (longest time.Duration) {
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
func (f *field) read(name string) (all []jetstream.Msg) {
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
func (f *field) check() {
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

// restarted starts a server again, and returns when a stream has all its replicas.
func (f *field) restarted(s *natstest.Server, streams ...string) {
	f.t.Helper()
	s.Start()
	for _, name := range streams {
		require.Eventually(f.t, func() bool {
			ctx, cancel := context.WithTimeout(f.t.Context(), time.Second)
			defer cancel()
			stream, err := f.js.Stream(ctx, name)
			if err != nil {
				return false
			}
			current := 0
			for _, replica := range stream.CachedInfo().Cluster.Replicas {
				if replica.Current && !replica.Offline {
					current++
				}
			}
			return current == 2
		}, time.Minute, 50*time.Millisecond)
	}
}

// TestFaults runs two dispatchers on three servers, and kills each kind of process while
// webhooks change and events arrive.
func TestFaults(t *testing.T) {
	f := &field{t: t, servers: natstest.Start(t, 3), rand: rand.New(rand.NewPCG(1, 2)),
		webhooks: make(map[string]*webhook.Webhook), history: make(map[string][]version), ends: make(map[uint64]uint64)}
	f.js = f.servers.Connect()
	for range 10 {
		f.organizations, f.ids = append(f.organizations, uuid.New()), append(f.ids, uuid.New())
	}
	all := []string{"KV_" + bucket, eventsStream, deliveriesStream}
	_, err := natsfeed.OpenBucket(t.Context(), f.js, bucket, 3)
	require.NoError(t, err)
	_, err = openQueue(t.Context(), f.js, 3)
	require.NoError(t, err)
	f.feed, err = natsfeed.Follow(t.Context(), f.js, bucket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.feed.Close() })
	f.change(100)
	line := startProxy(t, f.servers.Servers[0].URL)
	first, second := startProcess(t, f.servers.URL()), startProcess(t, line.url())

	var dead *natstest.Server
	kill := func(stream string, end func(*natstest.Server)) func() {
		return func() {
			dead, _ = f.servers.Leader(f.js, stream)
			end(dead)
		}
	}
	type fault struct {
		name        string
		make, after func()
	}
	faults := []fault{
		{"none", func() {}, func() {}},
		{"leader of the events: SIGKILL", kill(eventsStream, (*natstest.Server).Kill), func() { f.restarted(dead, all...) }},
		{"leader of the webhooks: SIGKILL", kill("KV_"+bucket, (*natstest.Server).Kill), func() { f.restarted(dead, all...) }},
		{"leader of the deliveries: SIGTERM", kill(deliveriesStream, (*natstest.Server).Terminate), func() { f.restarted(dead, all...) }},
		{"dispatcher: SIGKILL", func() { first.end(syscall.SIGKILL) }, func() { first = startProcess(t, f.servers.URL()) }},
		{"dispatcher: stopped for longer than it may take", func() {
			require.NoError(t, first.Process.Signal(syscall.SIGSTOP))
			time.AfterFunc(ackWait+time.Second, func() { _ = first.Process.Signal(syscall.SIGCONT) })
		}, func() {}},
		{"dispatcher: connection cut", func() {
			line.set(true)
			time.AfterFunc(2*time.Second, func() { line.set(false) })
		}, func() {}},
		{"follower: disk emptied", func() {
			_, others := f.servers.Leader(f.js, "KV_"+bucket)
			dead = others[0]
			dead.Kill()
			dead.EmptyDisk()
		}, func() { f.restarted(dead, all...) }},
		{"bucket: deleted and recreated", func() {
			require.NoError(t, again(t.Context(), func(ctx context.Context) error { return f.js.DeleteKeyValue(ctx, bucket) }))
			require.NoError(t, again(t.Context(), func(ctx context.Context) error {
				_, err := natsfeed.OpenBucket(ctx, f.js, bucket, 3)
				return err
			}))
			for key := range f.webhooks {
				f.history[key] = append(f.history[key], version{f.last + 1, nil})
			}
			clear(f.webhooks)
			f.change(50)
		}, func() {}},
		{"dispatcher: SIGTERM", func() { second.end(syscall.SIGTERM) }, func() {}},
	}
	if *long {
		faults = slices.Insert(faults, 1, fault{"leader of the deliveries: SIGKILL", kill(deliveriesStream, (*natstest.Server).Kill), func() { f.restarted(dead, all...) }})
	}
	for _, fault := range faults {
		ok := t.Run(fault.name, func(t *testing.T) {
			f.t = t
			f.phase(fault.make)
			fault.after()
		})
		f.t = t
		if !ok {
			break
		}
	}
	f.check()
	first.end(syscall.SIGTERM)
	require.Zero(t, first.ProcessState.ExitCode())
	require.Zero(t, second.ProcessState.ExitCode())
}
