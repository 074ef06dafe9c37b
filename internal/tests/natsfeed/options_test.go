package natsfeed_test

import (
	"bytes"
	"context"
	"fmt"
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

// logs is what a logger wrote.
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

// TestInvalidIsLogged: without OnInvalid, invalid values are logged as warnings, by the
// default logger unless there is another. Options with zero values are defaults, and nil
// options are ignored.
func TestInvalidIsLogged(t *testing.T) {
	standard, own := new(logs), new(logs)
	before := slog.Default()
	slog.SetDefault(standard.logger())
	t.Cleanup(func() { slog.SetDefault(before) })
	js := natstest.Start(t, 1).Connect()
	kv := newBucket(t, js, 1)
	w := newWebhook(ids[0], "")
	value, err := w.MarshalJSON()
	require.NoError(t, err)
	revision, err := kv.Put(t.Context(), natsfeed.Key(organizations[0], ids[0]), value)
	require.NoError(t, err)
	for _, tc := range []struct {
		log     *logs
		options []natsfeed.Option
	}{
		{standard, nil},
		{standard, []natsfeed.Option{nil, natsfeed.OnInvalid(nil), natsfeed.WithLogger(nil), natsfeed.WithInterval(0), natsfeed.WithTimeout(-1)}},
		{own, []natsfeed.Option{natsfeed.WithLogger(own.logger())}},
	} {
		tc.log.Reset()
		f, err := natsfeed.Follow(t.Context(), js, kv.Bucket(), tc.options...)
		require.NoError(t, err)
		confirmedAgain(t, f)
		require.NoError(t, f.Close())
		for _, want := range []string{`level=WARN msg="webhook is invalid and fires for nothing" key=` + natsfeed.Key(organizations[0], ids[0]),
			fmt.Sprint(" revision=", revision), " reason=", "project_names_filter[0]"} {
			require.Equal(t, 1, tc.log.count(want), tc.log)
		}
		require.NotContains(t, tc.log.String(), secret)
	}
	standard.Reset()
	f, r := follow(t, js, kv, natsfeed.WithLogger(own.logger()))
	require.NoError(t, f.Close())
	require.Len(t, r.take(), 1)
	require.Empty(t, standard.String())
	require.Equal(t, 1, own.count("\n"), own)
}

// testInterval: the leader is asked every interval.
func testInterval(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	asked := func(interval time.Duration) *atomic.Int64 {
		n := new(atomic.Int64)
		follow(t, detour(t, js, func(request *nats.Msg) bool {
			if isInfo(request) {
				n.Add(1)
			}
			return true
		}), kv, natsfeed.WithInterval(interval))
		return n
	}
	seldom := asked(time.Hour)
	before := seldom.Load() // and perhaps the one time that it asks at once
	often := asked(time.Millisecond)
	require.Eventually(t, func() bool { return often.Load() > 200 }, time.Minute, time.Millisecond)
	require.LessOrEqual(t, seldom.Load(), before+1)
}

// slowLink is a way to a server on which every byte takes some time, in each direction.
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

// TestSlowLink: a feed works over a slow link. If the timeout is too short for it, the log
// says so once, and says when the feed works.
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

// lateHandler is the handler of a logger that is still at work when the feed is closed.
type lateHandler struct {
	slow    *atomic.Bool
	logging chan struct{} // gets an element when there is something to log
	done    *atomic.Bool
}

func (h lateHandler) Enabled(context.Context, slog.Level) bool { return true }
func (h lateHandler) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h lateHandler) WithGroup(string) slog.Handler            { return h }

func (h lateHandler) Handle(ctx context.Context, _ slog.Record) error {
	if h.slow.Load() {
		h.logging <- struct{}{}
		<-ctx.Done()
		time.Sleep(50 * time.Millisecond) // so that a Close that does not wait is found out
		h.done.Store(true)
	}
	return nil
}

// testClose: Close waits until nothing of the feed runs any more, and leaves no
// subscription.
func testClose(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	put(t, kv, organizations[0], newWebhook(ids[0], "p")) // so that reading on does not ask the leader
	for name, silent := range map[string]func(*nats.Msg) bool{"asking": isInfo, "reading": isDirectGet} {
		t.Run(name, func(t *testing.T) {
			own := connect(t, js.Conn().ConnectedUrl())
			_, err := own.Stream(t.Context(), "KV_"+kv.Bucket()) // makes the connection's own subscription
			require.NoError(t, err)
			h := lateHandler{new(atomic.Bool), make(chan struct{}, 10), new(atomic.Bool)}
			way := detour(t, own, func(request *nats.Msg) bool { return !h.slow.Load() || !silent(request) })
			before := own.Conn().NumSubscriptions()
			f, err := natsfeed.Follow(t.Context(), way, kv.Bucket(), natsfeed.WithLogger(slog.New(h)),
				natsfeed.WithTimeout(10*time.Millisecond), natsfeed.WithInterval(time.Millisecond), natsfeed.OnInvalid(func(natsfeed.Invalid) {}))
			require.NoError(t, err)
			h.slow.Store(true)
			put(t, kv, organizations[0], newWebhook(ids[0], "p"))
			<-h.logging
			require.NoError(t, f.Close())
			require.True(t, h.done.Load())
			require.Equal(t, before, own.Conn().NumSubscriptions())
		})
	}
}
