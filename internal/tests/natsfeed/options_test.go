package natsfeed_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// logs collects the output of a logger.
type logs struct {
	sync.Mutex
	bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.Write(p)
}

func (l *logs) String() string {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.String()
}

func (l *logs) count(s string) int { return strings.Count(l.String(), s) }

func (l *logs) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

// slowLink is a proxy between clients and a server. It delays every byte, in each direction.
type slowLink struct {
	net.Listener
	delay atomic.Int64
}

func newSlowLink(t *testing.T, server string) *slowLink {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	link := &slowLink{Listener: l}
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				return
			}
			go link.carry(client, server)
			go link.carry(server, client)
		}
	}()
	return link
}

func (l *slowLink) carry(from, to net.Conn) {
	type part struct {
		due  time.Time
		data []byte
	}
	parts := make(chan part, 10_000)
	go func() {
		defer to.Close()
		for p := range parts {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.data); err != nil {
				return
			}
		}
	}()
	defer close(parts)
	for {
		data := make([]byte, 64<<10)
		n, err := from.Read(data)
		if err != nil {
			return
		}
		parts <- part{time.Now().Add(time.Duration(l.delay.Load())), data[:n]}
	}
}

// A feed works over a slow link. If its timeout is shorter than the round trip, it logs one failure,
// and the recovery once the link is fast.
func TestSlowLink(t *testing.T) {
	t.Parallel()
	c := natstest.Start(t, 1)
	link := newSlowLink(t, strings.TrimPrefix(c.URL(), "nats://"))
	js, slow := c.Connect(), connect(t, "nats://"+link.Addr().String())
	kv := newBucket(t, js, 1)
	put(t, kv, organizations[0], newWebhook(ids[0], "p"))
	link.delay.Store(int64(150 * time.Millisecond))

	f, _ := follow(t, slow, kv)
	require.Equal(t, 1, f.Index().Len())
	wait(t, f, put(t, kv, organizations[0], newWebhook(ids[1], "p")))

	log := new(logs)
	var asked atomic.Int64
	following := make(chan *natsfeed.Feed)
	go func() {
		defer close(following)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		f, err := natsfeed.Follow(ctx, detour(t, slow, func(*nats.Msg) bool { asked.Add(1); return true }), kv.Bucket(),
			natsfeed.WithLogger(log.logger()), natsfeed.WithTimeout(100*time.Millisecond), natsfeed.WithInterval(time.Millisecond))
		if err == nil {
			following <- f
		}
	}()
	require.Eventually(t, func() bool { return asked.Load() > 5 }, time.Minute, time.Millisecond)
	require.Equal(t, 1, log.count("\n"), log)
	require.Contains(t, log.String(), `level=WARN msg="cannot follow the bucket, retrying" bucket=`+kv.Bucket())
	require.Contains(t, log.String(), "no answer within 100ms")
	require.Contains(t, log.String(), "use a longer WithTimeout")
	link.delay.Store(0)
	f = <-following
	require.NotNil(t, f)
	require.Equal(t, 2, f.Index().Len())
	require.Eventually(t, func() bool { return log.count("following the bucket again") == 1 }, time.Minute, time.Millisecond)
	require.NoError(t, f.Close())
	require.Equal(t, 2, log.count("\n"), log)
}

// After Close, no subscription is left.
func testClose(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	own := connect(t, js.Conn().ConnectedUrl())
	_, err := own.Stream(t.Context(), "KV_"+kv.Bucket()) // creates the connection's subscription to responses
	require.NoError(t, err)
	before := own.Conn().NumSubscriptions()
	f, _ := follow(t, own, kv)
	require.Greater(t, own.Conn().NumSubscriptions(), before)
	require.NoError(t, f.Close())
	require.Equal(t, before, own.Conn().NumSubscriptions())
}
