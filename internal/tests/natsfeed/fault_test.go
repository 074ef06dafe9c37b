package natsfeed_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

var rounds = flag.Int("rounds", 1, "how often TestThreeServers causes each fault")

// writer changes webhooks of one bucket before, during and after a fault.
type writer struct {
	js       jetstream.JetStream
	bucket   string
	version  int
	want     contents
	revision uint64 // of the last acknowledged change
}

// retry repeats a request until it succeeds. A request may fail during an election.
func retry(t *testing.T, timeout time.Duration, request func(ctx context.Context) error) {
	t.Helper()
	for start := time.Now(); ; {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		err := request(ctx)
		cancel()
		if err == nil {
			return
		}
		require.Less(t, time.Since(start), time.Minute, err)
	}
}

// write makes one change.
func (w *writer) write(t *testing.T) {
	t.Helper()
	w.version++
	o, id := organizations[w.version%len(organizations)], ids[w.version/7%len(ids)]
	hook := newWebhook(id, fmt.Sprint("v", w.version))
	retry(t, 300*time.Millisecond, func(ctx context.Context) error {
		kv, err := w.js.KeyValue(ctx, w.bucket)
		if err != nil {
			return err
		}
		if w.version%5 == 0 {
			w.revision, err = natsfeed.Delete(ctx, kv, o, id)
		} else {
			w.revision, err = natsfeed.Put(ctx, kv, o, hook)
		}
		return err
	})
	delete(w.want, natsfeed.Key(o, id))
	if w.version%5 != 0 {
		w.want.put(t, o, hook)
	}
}

// Feeds follow a bucket on three servers through faults of the servers and the connection. The test
// logs how long it takes until writes are accepted again, and then until each feed has the first
// of them.
func TestThreeServers(t *testing.T) {
	t.Parallel()
	c := natstest.Start(t, 3)
	js := c.Connect()
	kv := newBucket(t, js, 3)
	var disconnected *nats.Conn
	w := &writer{js: js, bucket: kv.Bucket(), want: contents{}}
	feeds := map[string]*natsfeed.Feed{}
	for i := range c.Servers {
		// Each feed prefers a different server.
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
	// testFault causes a fault between writes. fault returns the server that it ended, or nil.
	testFault := func(t *testing.T, fault func() *natstest.Server) {
		write(t, 100)
		ended := fault()
		start := time.Now()
		write(t, 1)
		accepted := time.Now()
		for name, f := range feeds {
			wait(t, f, w.revision)
			t.Logf("write accepted after %v; the feed at %s has it %v later", accepted.Sub(start), name, time.Since(accepted))
		}
		write(t, 100)
		equal(t)
		if ended != nil {
			c.Restart(ended, js, "KV_"+kv.Bucket())
			write(t, 10)
			equal(t)
		}
	}
	for range *rounds {
		t.Run("leader killed", func(t *testing.T) {
			testFault(t, func() *natstest.Server {
				leader, _ := c.Leader(js, "KV_"+kv.Bucket())
				leader.Kill()
				return leader
			})
		})
		t.Run("leader terminated", func(t *testing.T) {
			testFault(t, func() *natstest.Server {
				leader, _ := c.Leader(js, "KV_"+kv.Bucket())
				leader.Terminate()
				return leader
			})
		})
		t.Run("follower comes back with an empty disk", func(t *testing.T) {
			_, others := c.Leader(js, "KV_"+kv.Bucket())
			others[0].Kill()
			write(t, 100)
			others[0].EmptyDisk()
			testFault(t, func() *natstest.Server { return others[0] })
		})
		t.Run("connection cut", func(t *testing.T) {
			testFault(t, func() *natstest.Server {
				require.NoError(t, disconnected.ForceReconnect())
				return nil
			})
		})
		t.Run("recreated", func(t *testing.T) {
			write(t, 50)
			retry(t, 5*time.Second, func(ctx context.Context) error {
				// A request that failed may have taken effect.
				if err := js.DeleteKeyValue(ctx, kv.Bucket()); !errors.Is(err, jetstream.ErrBucketNotFound) {
					return err
				}
				return nil
			})
			retry(t, 5*time.Second, func(ctx context.Context) error {
				_, err := natsfeed.OpenBucket(ctx, js, kv.Bucket(), 3)
				return err
			})
			w.want = contents{}
			write(t, 50)
			equal(t)
		})
	}
}

// While the only server is down, the index does not change, and Follow's error has the status of
// the connection. The feed continues when the server is back.
func TestServerDown(t *testing.T) {
	t.Parallel()
	c := natstest.Start(t, 1)
	js := c.Connect()
	kv := newBucket(t, js, 1)
	put(t, kv, organizations[0], newWebhook(ids[0], "p"))
	log := new(logs)
	f, _ := follow(t, js, kv, natsfeed.WithLogger(log.logger()))
	confirmedAgain(t, f)
	c.Servers[0].Kill()
	require.Eventually(t, func() bool { return log.count("cannot follow") == 1 }, time.Minute, time.Millisecond)
	require.Eventually(t, func() bool { return js.Conn().IsReconnecting() }, time.Minute, time.Millisecond)
	age := f.Age()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := natsfeed.Follow(ctx, js, kv.Bucket(), natsfeed.WithTimeout(time.Millisecond), natsfeed.WithLogger(slog.New(cancels{log.logger().Handler(), cancel})))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "; the connection is RECONNECTING")
	require.Greater(t, f.Age(), age)
	require.True(t, fires(f.Index(), organizations[0], ids[0], "p"))
	c.Servers[0].Start()
	w := newWebhook(ids[1], "p")
	retry(t, 5*time.Second, func(ctx context.Context) error {
		_, err := natsfeed.Put(ctx, kv, organizations[0], w)
		return err
	})
	want := contents{}
	want.put(t, organizations[0], w)
	want.put(t, organizations[0], newWebhook(ids[0], "p"))
	requireContents(t, f, want, organizations...)
}

// cancels is the handler of a logger that cancels a context at the first record.
type cancels struct {
	slog.Handler
	cancel context.CancelFunc
}

func (c cancels) WithAttrs([]slog.Attr) slog.Handler { return c }

func (c cancels) Handle(context.Context, slog.Record) error {
	c.cancel()
	return nil
}
