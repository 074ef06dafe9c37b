package natsfeed_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/webhook"
)

var rounds = flag.Int("rounds", 1, "how often each fault is made")

// writer changes webhooks of one bucket for as long as a fault lasts.
type writer struct {
	js       jetstream.JetStream
	bucket   string
	version  int
	want     contents
	revision uint64 // of the last change that was accepted
}

// write makes one change, and tries until it is accepted.
func (w *writer) write(t *testing.T) {
	t.Helper()
	w.version++
	o, id := organizations[w.version%len(organizations)], ids[w.version/7%len(ids)]
	hook := newWebhook(id, fmt.Sprint("v", w.version))
	for start := time.Now(); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		kv, err := w.js.KeyValue(ctx, w.bucket)
		if err == nil {
			if w.version%5 == 0 {
				w.revision, err = natsfeed.Delete(ctx, kv, o, id)
			} else {
				w.revision, err = natsfeed.Put(ctx, kv, o, hook)
			}
		}
		cancel()
		if err == nil {
			break
		}
		require.Less(t, time.Since(start), time.Minute, err)
	}
	delete(w.want, natsfeed.Key(o, id))
	if w.version%5 != 0 {
		w.want.put(t, o, hook)
	}
}

// TestThreeServers kills servers that keep a bucket, while it is written. What is
// logged is the time from the first write that is accepted again until the feed has it.
func TestThreeServers(t *testing.T) {
	t.Parallel()
	c := natstest.Start(t, 3)
	js := c.Connect()
	kv := newBucket(t, js, 3)
	var disconnected *nats.Conn
	w := &writer{js: js, bucket: kv.Bucket(), want: contents{}}
	feeds := map[string]*natsfeed.Feed{}
	for i := range c.Servers {
		// Each feed prefers another server.
		nc, err := nats.Connect(c.Servers[i].URL+","+c.URL(), nats.DontRandomize(), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
		require.NoError(t, err)
		t.Cleanup(nc.Close)
		disconnected = nc
		js, err := jetstream.New(nc)
		require.NoError(t, err)
		feeds[c.Servers[i].Name], _ = follow(t, js, kv)
	}
	equal := func(t *testing.T) {
		for _, f := range feeds {
			requireContents(t, f, w.want, organizations...)
		}
	}
	write := func(t *testing.T, n int) {
		for range n {
			w.write(t)
		}
	}
	// again starts a server, and returns when it has what the others have.
	again := func(t *testing.T, s *natstest.Server) {
		s.Start()
		require.Eventually(t, func() bool {
			stream, err := js.Stream(t.Context(), "KV_"+kv.Bucket())
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
	faulty := func(t *testing.T, fault func() (restart *natstest.Server)) {
		write(t, 100)
		dead := fault()
		start := time.Now()
		write(t, 1)
		accepted := time.Now()
		for name, f := range feeds {
			wait(t, f, w.revision)
			t.Logf("writes again after %v, feed at %s has it %v later", accepted.Sub(start), name, time.Since(accepted))
		}
		write(t, 100)
		equal(t)
		if dead != nil {
			again(t, dead)
			write(t, 10)
			equal(t)
		}
	}
	for range *rounds {
		t.Run("leader killed", func(t *testing.T) {
			faulty(t, func() *natstest.Server {
				leader, _ := c.Leader(js, "KV_"+kv.Bucket())
				leader.Kill()
				return leader
			})
		})
		t.Run("leader terminated", func(t *testing.T) {
			faulty(t, func() *natstest.Server {
				leader, _ := c.Leader(js, "KV_"+kv.Bucket())
				leader.Terminate()
				return leader
			})
		})
		t.Run("follower comes back without its disk", func(t *testing.T) {
			_, others := c.Leader(js, "KV_"+kv.Bucket())
			others[0].Kill()
			write(t, 100)
			others[0].EmptyDisk()
			faulty(t, func() *natstest.Server { return others[0] })
		})
		t.Run("connection cut", func(t *testing.T) {
			faulty(t, func() *natstest.Server {
				require.NoError(t, disconnected.ForceReconnect())
				return nil
			})
		})
		t.Run("recreated", func(t *testing.T) {
			write(t, 50)
			require.NoError(t, js.DeleteKeyValue(t.Context(), kv.Bucket()))
			_, err := natsfeed.OpenBucket(t.Context(), js, kv.Bucket(), 3)
			require.NoError(t, err)
			w.want = contents{}
			write(t, 50)
			equal(t)
		})
	}
}

// TestServerGone: with one server, Age grows while it is away, and the feed goes on when
// it is back.
func TestServerGone(t *testing.T) {
	t.Parallel()
	c := natstest.Start(t, 1)
	js := c.Connect()
	kv := newBucket(t, js, 1)
	put(t, kv, organizations[0], newWebhook(ids[0], "p"))
	f, _ := follow(t, js, kv)
	require.Eventually(t, func() bool { return f.Age() < 300*time.Millisecond }, time.Minute, time.Millisecond)
	c.Servers[0].Kill()
	require.Eventually(t, func() bool { return f.Age() > time.Second }, time.Minute, time.Millisecond)
	require.True(t, fires(f.Index(), organizations[0], ids[0], "p"))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := natsfeed.Follow(ctx, js, kv.Bucket())
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "; the connection is RECONNECTING")
	c.Servers[0].Start()
	want := contents{}
	var w *webhook.Webhook
	require.Eventually(t, func() bool {
		w = newWebhook(ids[1], "p")
		_, err := natsfeed.Put(t.Context(), kv, organizations[0], w)
		return err == nil
	}, time.Minute, 50*time.Millisecond)
	want.put(t, organizations[0], w)
	want.put(t, organizations[0], newWebhook(ids[0], "p"))
	requireContents(t, f, want, organizations...)
}
