package natsfeed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// Most tests of this file intercept the requests of a feed: the feed sends them to other subjects,
// and the test forwards, changes, answers or drops them.

// detour returns a JetStream whose requests are passed to the function pass. pass may change a
// request. If it returns true, the request is forwarded to the server. Otherwise pass has
// responded itself, or nothing responds.
func detour(t *testing.T, js jetstream.JetStream, pass func(request *nats.Msg) bool) jetstream.JetStream {
	t.Helper()
	nc := js.Conn()
	prefix := nats.NewInbox()
	requests, err := nc.Subscribe(prefix+".>", func(m *nats.Msg) {
		request := &nats.Msg{Subject: "$JS.API." + strings.TrimPrefix(m.Subject, prefix+"."), Reply: m.Reply, Header: m.Header, Data: m.Data}
		if pass(request) {
			_ = nc.PublishMsg(request)
		}
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = requests.Unsubscribe() })
	detoured, err := jetstream.NewWithAPIPrefix(nc, prefix)
	require.NoError(t, err)
	return detoured
}

func isDirectGet(request *nats.Msg) bool {
	return strings.HasPrefix(request.Subject, "$JS.API.DIRECT.GET.")
}

func isInfo(request *nats.Msg) bool {
	return strings.HasPrefix(request.Subject, "$JS.API.STREAM.INFO.")
}

// relay responds to a batched direct get with the messages of the server's response for which
// keep returns true.
func relay(nc *nats.Conn, request *nats.Msg, keep func(seq uint64) bool) {
	inbox := nats.NewInbox()
	answers, err := nc.SubscribeSync(inbox)
	if err != nil {
		return
	}
	defer func() { _ = answers.Unsubscribe() }()
	_ = nc.PublishRequest(request.Subject, inbox, request.Data)
	for {
		m, err := answers.NextMsg(time.Minute)
		if err != nil {
			return
		}
		end := m.Header.Get("Status") != ""
		seq, _ := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
		if end || keep(seq) {
			_ = nc.PublishMsg(&nats.Msg{Subject: request.Reply, Header: m.Header, Data: m.Data})
		}
		if end {
			return
		}
	}
}

// relayInfo responds to a request for the stream's state with the leader's response, changed by
// change.
func relayInfo(nc *nats.Conn, request *nats.Msg, change func(info map[string]any)) {
	answer, err := nc.Request(request.Subject, request.Data, time.Minute)
	if err != nil {
		return
	}
	var info map[string]any
	_ = json.Unmarshal(answer.Data, &info)
	change(info)
	data, _ := json.Marshal(info)
	_ = nc.Publish(request.Reply, data)
}

// confirmedAgain waits until the feed is confirmed by a request to the leader that began after the
// call.
func confirmedAgain(t *testing.T, f *natsfeed.Feed) {
	t.Helper()
	start := time.Now()
	require.Eventually(t, func() bool { return f.Age() < time.Since(start) }, time.Minute, time.Millisecond)
}

// If a message of a response is dropped in transit, as slow clients drop messages, the feed reads
// it again, even if a later message of another webhook arrived.
func testGap(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	put(t, kv, organizations[0], newWebhook(ids[0], "old"))
	var silent atomic.Bool
	var dropped atomic.Uint64 // the revision to drop, once
	f, _ := follow(t, detour(t, js, func(request *nats.Msg) bool {
		switch {
		case silent.Load():
			return false
		case isDirectGet(request):
			relay(js.Conn(), request, func(seq uint64) bool { return !dropped.CompareAndSwap(seq, 0) })
			return false
		}
		return true
	}), kv)
	silent.Store(true)
	dropped.Store(put(t, kv, organizations[0], newWebhook(ids[0], "new")))
	last := put(t, kv, organizations[0], newWebhook(ids[1], "p"))
	silent.Store(false)
	wait(t, f, last)
	require.True(t, fires(f.Index(), organizations[0], ids[0], "new"))
	require.False(t, fires(f.Index(), organizations[0], ids[0], "old"))
	require.Zero(t, dropped.Load())
}

// Follow does not accept the state that a follower returns while the stream has no leader.
func testNoLeader(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	log := new(logs)
	ctx, cancel := context.WithCancel(t.Context())
	var requests atomic.Int64
	_, err := natsfeed.Follow(ctx, detour(t, js, func(request *nats.Msg) bool {
		if requests.Add(1) > 1 {
			cancel()
			return false
		}
		relayInfo(js.Conn(), request, func(info map[string]any) { info["cluster"] = map[string]any{"name": "test"} })
		return false
	}), kv.Bucket(), natsfeed.WithTimeout(time.Minute), natsfeed.WithLogger(log.logger()))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "KV_"+kv.Bucket()+" has no leader")
	require.Equal(t, 1, log.count("has no leader"), log)
}

// Requests without a response time out and are repeated.
func testSilent(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	var silent atomic.Bool
	var asks, batches atomic.Int64 // that were lost
	f, _ := follow(t, detour(t, js, func(request *nats.Msg) bool {
		switch {
		case !silent.Load():
			return true
		case isInfo(request):
			asks.Add(1)
		case isDirectGet(request):
			batches.Add(1)
		}
		return false
	}), kv)
	silent.Store(true)
	last := put(t, kv, organizations[0], newWebhook(ids[0], "p"))
	require.Eventually(t, func() bool { return asks.Load() > 0 && batches.Load() > 0 }, time.Minute, time.Millisecond)
	require.Less(t, f.Revision(), last)
	silent.Store(false)
	wait(t, f, last)
	confirmedAgain(t, f)
}

// A feed loads every webhook even if the first message of the load is lost in transit.
func testLoadGap(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	want := contents{}
	for _, id := range ids {
		w := newWebhook(id, "p")
		put(t, kv, organizations[0], w)
		want.put(t, organizations[0], w)
	}
	stream := "KV_" + kv.Bucket()
	var pulls atomic.Int64
	f, _ := follow(t, detour(t, js, func(request *nats.Msg) bool {
		if !strings.HasPrefix(request.Subject, "$JS.API.CONSUMER.MSG.NEXT.") {
			return true
		}
		// Another consumer responds, which has already delivered its first message.
		consumer, err := js.CreateConsumer(context.Background(), stream, jetstream.ConsumerConfig{
			DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy, FilterSubject: "$KV." + kv.Bucket() + ".>", AckPolicy: jetstream.AckNonePolicy})
		if err == nil {
			_, err = consumer.Next(jetstream.FetchMaxWait(time.Minute))
		}
		if err == nil {
			pulls.Add(1)
			request.Subject = "$JS.API.CONSUMER.MSG.NEXT." + stream + "." + consumer.CachedInfo().Name
		}
		return true
	}), kv)
	require.Equal(t, want, contentsOf(t, f.Index(), organizations[0]))
	require.EqualValues(t, 1, pulls.Load())
}

// If webhooks change while they are loaded, so that two versions of each are delivered, the later
// version counts.
func testLoadChanging(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	for _, id := range ids {
		put(t, kv, organizations[0], newWebhook(id, "old"))
	}
	want := contents{}
	changed := newWebhook(ids[2], "new")
	want.put(t, organizations[0], changed)
	want.put(t, organizations[0], newWebhook(ids[3], "old"))
	var asked, pulled sync.Once
	var invalid uint64
	var errs [3]error
	f, r := follow(t, detour(t, js, func(request *nats.Msg) bool {
		pass := true
		switch {
		case isInfo(request):
			asked.Do(func() { // with this last_seq, the load reads all messages of the consumer
				relayInfo(js.Conn(), request, func(info map[string]any) { info["state"].(map[string]any)["last_seq"] = 1 << 62 })
				pass = false
			})
		case strings.HasPrefix(request.Subject, "$JS.API.CONSUMER.MSG.NEXT."):
			pulled.Do(func() {
				_, errs[0] = natsfeed.Delete(t.Context(), kv, organizations[0], ids[0])
				invalid, errs[1] = kv.Put(t.Context(), natsfeed.Key(organizations[0], ids[1]), []byte("{}"))
				_, errs[2] = natsfeed.Put(t.Context(), kv, organizations[0], changed)
			})
		}
		return pass
	}), kv, natsfeed.WithTimeout(time.Minute))
	for _, err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, want, contentsOf(t, f.Index(), organizations[0]))
	require.Equal(t, len(want), f.Index().Len())
	reported := r.take()
	require.Len(t, reported, 1)
	require.Equal(t, natsfeed.Key(organizations[0], ids[1]), reported[0].Key)
	require.Equal(t, invalid, reported[0].Revision)
	require.Equal(t, 1, f.Invalid())
}

// Messages that a client has read from another bucket, and published with the headers of the
// response, need no more requests than other messages.
func testCopied(t *testing.T, js jetstream.JetStream) {
	const n = 300
	original := newBucket(t, js, 1)
	want := contents{}
	var all []*nats.Msg
	for i := range n {
		w := newWebhook(uuid.New(), "p")
		put(t, original, organizations[0], w)
		if i > 0 { // below, a message without a value replaces the first webhook
			want.put(t, organizations[0], w)
		}
	}
	inbox := nats.NewInbox()
	answers, err := js.Conn().SubscribeSync(inbox)
	require.NoError(t, err)
	request := fmt.Sprintf(`{"seq":1,"batch":%d,"next_by_subj":"$KV.%s.>"}`, n, original.Bucket())
	require.NoError(t, js.Conn().PublishRequest("$JS.API.DIRECT.GET.KV_"+original.Bucket(), inbox, []byte(request)))
	for range n {
		m, err := answers.NextMsg(time.Minute)
		require.NoError(t, err)
		all = append(all, m)
	}
	end, err := answers.NextMsg(time.Minute)
	require.NoError(t, err)
	require.Equal(t, "204", end.Header.Get("Status"))
	// The last message of the response has no value. Publish it with the key of the first webhook.
	end.Header.Set(jetstream.SubjectHeader, all[0].Header.Get(jetstream.SubjectHeader))
	all = append(all, end)

	kv := newBucket(t, js, 1)
	var direct, leader atomic.Int64
	counted := detour(t, js, func(request *nats.Msg) bool {
		if isDirectGet(request) {
			direct.Add(1)
		}
		if strings.HasPrefix(request.Subject, "$JS.API.STREAM.MSG.GET.") {
			leader.Add(1)
		}
		return true
	})
	longTimeout := natsfeed.WithTimeout(time.Minute) // a timeout would cause further requests
	f, _ := follow(t, counted, kv, longTimeout)
	leader.Store(0) // the bucket was empty, so the feed asked the leader whether there is a message
	var last uint64
	for _, m := range all {
		m.Subject = strings.Replace(m.Header.Get(jetstream.SubjectHeader), original.Bucket(), kv.Bucket(), 1)
		ack, err := js.PublishMsg(t.Context(), &nats.Msg{Subject: m.Subject, Header: m.Header, Data: m.Data})
		require.NoError(t, err)
		last = ack.Sequence
	}
	wait(t, f, last)
	requireContents(t, f, want, organizations[0])
	require.Equal(t, 1, f.Invalid())
	require.Zero(t, leader.Load())
	require.NoError(t, f.Close())

	direct.Store(0)
	late, _ := follow(t, counted, kv, longTimeout)
	requireContents(t, late, want, organizations[0])
	require.Equal(t, 1, late.Invalid())
	require.NoError(t, late.Close())
	require.Zero(t, leader.Load())
	require.Less(t, direct.Load(), int64(10))
}

// Messages whose headers the client cannot decode are changes like any other. The feed reads each
// with a request of its own.
func testBrokenHeaders(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	f, _ := follow(t, js, kv, natsfeed.WithInterval(3*time.Second))
	value, err := newWebhook(ids[0], "p").MarshalJSON()
	require.NoError(t, err)
	const header = "NATS/1.0\r\nno colon\r\n\r\n"
	url := js.Conn().ConnectedUrl()
	raw, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
	require.NoError(t, err)
	defer raw.Close()
	_, err = fmt.Fprintf(raw, "CONNECT {\"verbose\":false,\"headers\":true}\r\n")
	require.NoError(t, err)
	const n = 50
	before := f.Revision()
	for range n {
		_, err = fmt.Fprintf(raw, "HPUB $KV.%s.%s %d %d\r\n%s%s\r\n", kv.Bucket(), natsfeed.Key(organizations[0], ids[0]),
			len(header), len(header)+len(value), header, value)
		require.NoError(t, err)
	}
	wait(t, f, before+n) // at one message per interval, this would time out
	last := put(t, kv, organizations[0], newWebhook(ids[1], "p"))
	wait(t, f, last)
	late, _ := follow(t, js, kv)
	for _, f := range []*natsfeed.Feed{f, late} {
		require.Equal(t, last, f.Revision())
		require.True(t, fires(f.Index(), organizations[0], ids[0], "p"))
		require.True(t, fires(f.Index(), organizations[0], ids[1], "p"))
	}
}
