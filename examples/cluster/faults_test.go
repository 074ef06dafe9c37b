//go:build linux

package main

import (
	"context"
	"flag"
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/webhook"
)

var long = flag.Bool("long", false, "all faults, each with 2,500 events and 250 changes")

// fault is a fault that a test makes while webhooks change and events arrive.
type fault struct {
	name        string
	make, after func()
}

// TestFaults runs two dispatchers on three servers, and kills processes while webhooks
// change and events arrive: the leader of a stream and a dispatcher; with -long each kind of
// process in each way.
func TestFaults(t *testing.T) {
	f := &faultTest{t: t, servers: natstest.Start(t, 3), rand: rand.New(rand.NewPCG(1, 2)),
		webhooks: make(map[string]*webhook.Webhook), history: make(map[string][]version), ends: make(map[uint64]uint64)}
	f.js = f.servers.Connect()
	for range 10 {
		f.organizations, f.ids = append(f.organizations, uuid.New()), append(f.ids, uuid.New())
	}
	_, err := openBucket(t.Context(), f.js, 3)
	require.NoError(t, err)
	_, err = openQueue(t.Context(), f.js, 3, nil)
	require.NoError(t, err)
	f.feed, err = natsfeed.Follow(t.Context(), f.js, bucket)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.feed.Close() })
	f.change(100)
	line := startProxy(t, f.servers.Servers[0].URL)
	first, second := startProcess(t, f.servers.URL()), startProcess(t, line.url())

	// serverFault ends the leader of a stream, or one of its followers.
	serverFault := func(name, stream string, leads bool, end func(*natstest.Server)) fault {
		var dead *natstest.Server
		return fault{name, func() {
			leader, others := f.servers.Leader(f.js, stream)
			if dead = leader; !leads {
				dead = others[0]
			}
			end(dead)
		}, func() { f.servers.Restart(dead, f.js, bucketStream, eventsStream, deliveriesStream) }}
	}
	faults := []fault{
		serverFault("leader of the events: SIGKILL", eventsStream, true, (*natstest.Server).Kill),
		{"dispatcher: SIGKILL", func() { first.end(syscall.SIGKILL) }, func() { first = startProcess(t, f.servers.URL()) }},
	}
	if *long {
		faults = append(faults, []fault{
			{"none", func() {}, func() {}},
			serverFault("leader of the webhooks: SIGKILL", bucketStream, true, (*natstest.Server).Kill),
			serverFault("leader of the deliveries: SIGKILL", deliveriesStream, true, (*natstest.Server).Kill),
			serverFault("leader of the deliveries: SIGTERM", deliveriesStream, true, (*natstest.Server).Terminate),
			{"dispatcher: stopped until others have finished its events",
				func() { require.NoError(t, first.Process.Signal(syscall.SIGSTOP)) },
				func() { require.NoError(t, first.Process.Signal(syscall.SIGCONT)) }},
			{"dispatcher: connection cut until others have finished its events", func() { line.set(true) }, func() { line.set(false) }},
			serverFault("follower: disk emptied", bucketStream, false, func(s *natstest.Server) {
				s.Kill()
				s.EmptyDisk()
			}),
			{"bucket: deleted and recreated", func() {
				require.NoError(t, retry(t.Context(), func(ctx context.Context) error { return f.js.DeleteKeyValue(ctx, bucket) }))
				require.NoError(t, retry(t.Context(), func(ctx context.Context) error {
					_, err := natsfeed.OpenBucket(ctx, f.js, bucket, 3)
					return err
				}))
				for key := range f.webhooks {
					f.history[key] = append(f.history[key], version{f.last + 1, nil})
				}
				clear(f.webhooks)
				f.change(50)
			}, func() {}},
			{"dispatcher: SIGTERM", func() { second.end(syscall.SIGTERM) }, func() { require.Zero(t, second.ProcessState.ExitCode()) }},
		}...)
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
}
