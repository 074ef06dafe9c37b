package main

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// connect connects to a server for as long as the test lasts.
func connect(t *testing.T, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return js
}

// putWebhook makes the bucket and puts a webhook for a project. It returns its organization
// and the revision.
func putWebhook(t *testing.T, js jetstream.JetStream, project string) (organizationID uuid.UUID, revision uint64) {
	t.Helper()
	kv, err := openBucket(t.Context(), js, 1)
	require.NoError(t, err)
	organizationID = uuid.New()
	revision, err = natsfeed.Put(t.Context(), kv, organizationID, newWebhook(project))
	require.NoError(t, err)
	return organizationID, revision
}

// publishLine publishes an event directly, and returns its sequence.
func publishLine(t *testing.T, js jetstream.JetStream, line string, header nats.Header) uint64 {
	t.Helper()
	ack, err := js.PublishMsg(t.Context(), &nats.Msg{Subject: "events.x", Data: []byte(line), Header: header})
	require.NoError(t, err)
	return ack.Sequence
}

// ended reports whether all events up to a sequence are acknowledged.
func ended(t *testing.T, js jetstream.JetStream, seq uint64) bool {
	t.Helper()
	consumer, err := js.Consumer(t.Context(), eventsStream, consumerName)
	return err == nil && consumer.CachedInfo().AckFloor.Stream >= seq
}

// count returns the number of messages in a stream, 0 if there is none.
func count(t *testing.T, js jetstream.JetStream, stream string) int {
	t.Helper()
	s, err := js.Stream(t.Context(), stream)
	if err != nil {
		return 0
	}
	return int(s.CachedInfo().State.Msgs)
}

// TestFullStore: the server's store or the stream of the deliveries is full, and then has
// room again.
func TestFullStore(t *testing.T) {
	_, at := serve(t, &server.Options{JetStream: true, JetStreamMaxStore: 4 << 20})
	js := connect(t, at.String())
	require.Zero(t, cluster(t, "", "put", "-nats", at.String()).status)
	q, err := openQueue(t.Context(), js, 1, nil)
	require.NoError(t, err)
	limit := func(bytes int64) {
		config := q.deliveries
		config.MaxBytes = bytes
		_, err := js.UpdateStream(t.Context(), config)
		require.NoError(t, err)
	}
	first := uint64(1)
	want := make(map[string]int)
	for _, tc := range []struct {
		name        string
		full, empty func()
		err         string
	}{
		{"server", func() {
			_, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "OTHER"})
			for err == nil {
				_, err = js.Publish(t.Context(), "OTHER", make([]byte, 100<<10))
			}
		}, func() { require.NoError(t, js.DeleteStream(t.Context(), "OTHER")) }, "insufficient resources"},
		{"stream", func() { limit(1) }, func() { limit(-1) }, "maximum bytes exceeded"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Zero(t, cluster(t, "", "publish", "-nats", at.String(), "-after", strconv.FormatUint(first, 10)).status)
			maps.Copy(want, expected(t, sampleWebhooks, sampleEvents, first))
			first += 200
			tc.full()
			d := startDispatcher(t, "-nats", at.String(), "-metrics", "127.0.0.1:0")
			address := d.address(t)
			eventually(t, func() bool { return status(t, address) == http.StatusOK })
			eventually(t, func() bool { return get(t, address, "/healthz") == eventsUnfinished+"\n" })
			require.Equal(t, http.StatusServiceUnavailable, status(t, address))
			require.Regexp(t, `level=ERROR msg="cannot store deliveries; their events are not acknowledged and are redelivered" operation=publish `+
				`error=".*`+tc.err+`" failures=\d+ advice="JetStream's store is full: consume DELIVERIES, or raise max_file_store`, d.stderr.String())
			eventually(t, func() bool {
				return strings.Contains(d.stderr.String(), `level=ERROR msg="unhealthy: `+eventsUnfinished+`"`)
			})
			require.Regexp(t, `hookfilter_errors_total\{operation="publish"\} [1-9]`, get(t, address, "/metrics"))
			require.Contains(t, get(t, address, "/metrics"), `hookfilter_deliveries_total 0`)

			tc.empty()
			eventually(t, func() bool { return ended(t, js, first-1) && status(t, address) == http.StatusOK })
			eventually(t, func() bool { return strings.Contains(d.stderr.String(), `level=INFO msg="healthy again"`) })
			require.Equal(t, want, queue(t, js))
			require.Contains(t, get(t, address, "/metrics"), "hookfilter_deliveries_total 193\n")
			require.NoError(t, d.stop())
		})
	}
}

// TestSizes: an event is decided or rejected, whatever its size, if a server accepts it.
func TestSizes(t *testing.T) {
	_, at := serve(t, &server.Options{JetStream: true})
	js := connect(t, at.String())
	organizationID, revision := putWebhook(t, js, "*")
	most := int(js.Conn().MaxPayload())
	named := func(size int) string { // an event of that size
		return eventLine(organizationID, strings.Repeat("p", size-len(eventLine(organizationID, ""))))
	}
	d := startDispatcher(t, "-nats", at.String())
	eventually(t, func() bool { return strings.Contains(d.stderr.String(), "msg=started") })
	for name, tc := range map[string]struct {
		line   string
		header nats.Header
		reason string // "": delivered
		cut    bool
	}{
		"small":                      {named(1000), nil, "", false},
		"large":                      {named(most - 4096), nil, "", false},
		"a name of 1 MB":             {named(most), nil, "too large: a delivery takes ", true},
		"escapes":                    {eventLine(organizationID, strings.Repeat("<", 400_000)), nil, "too large: a delivery takes ", false},
		"malformed, almost as large": {strings.Repeat("x", 1_048_425), nil, "not JSON: want a value, got 'x'", true},
		"malformed, larger":          {strings.Repeat("x", 1_048_426), nil, "not JSON: want a value, got 'x'", true},
		"malformed, the largest":     {strings.Repeat("x", most), nil, "not JSON: want a value, got 'x'", true},
		"a revision that cannot come": {named(most - 100), nats.Header{afterHeader: {strconv.FormatUint(math.MaxUint64, 10)}},
			fmt.Sprintf("revision 18446744073709551615 of the webhooks cannot come: the last is %d", revision), true},
	} {
		t.Run(name, func(t *testing.T) {
			seq := publishLine(t, js, tc.line, tc.header)
			eventually(t, func() bool { return ended(t, js, seq) })
			stream, result := deliveriesStream, decided
			if tc.reason != "" {
				stream, result = rejectedStream, rejected
			}
			all := storedIn(t, js, stream)
			m := all[len(all)-1]
			if tc.reason == "" {
				require.Contains(t, string(m.Data), fmt.Sprintf(`"event_seq":%d,`, seq))
			} else {
				require.Equal(t, fmt.Sprint(seq), m.Header.Get(seqHeader))
				require.Contains(t, m.Header.Get(reasonHeader), tc.reason)
				require.True(t, strings.HasPrefix(tc.line, string(m.Data)))
				require.Equal(t, tc.cut, m.Header.Get(sizeHeader) == fmt.Sprint(len(tc.line)))
			}
			records := recordsOf(t, js, seq)
			require.NotEmpty(t, records)
			for _, r := range records { // several if the servers were slow
				require.Equal(t, result, r.Result)
			}
		})
	}
	require.Contains(t, d.stderr.String(), `level=WARN msg="event rejected: REJECTED has it, with the reason" event=`)
}

// recordsOf returns the records of an event of EVENTS.
func recordsOf(t *testing.T, js jetstream.JetStream, seq uint64) []decision {
	t.Helper()
	events, err := js.Stream(t.Context(), eventsStream)
	require.NoError(t, err)
	m, err := events.GetMsg(t.Context(), seq)
	require.NoError(t, err)
	records, err := decisionsOf(t.Context(), js, seq, m.Time)
	require.NoError(t, err)
	return records
}

// TestManyWait: while thousands of events wait for a revision that has not come yet, the events
// of another organization are decided.
func TestManyWait(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	first, revision := putWebhook(t, js, "p")
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	// The consumer of an earlier version gets the present limit.
	events, err := openEvents(t.Context(), js, 1)
	require.NoError(t, err)
	_, err = events.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: ackWait, MaxAckPending: formerMaxUnacknowledged})
	require.NoError(t, err)

	const waiting = 5000
	d := startDispatcher(t, "-nats", c.URL(), "-metrics", "127.0.0.1:0")
	address := d.address(t)
	after := strconv.FormatUint(revision+2, 10)
	require.Zero(t, cluster(t, strings.Repeat(eventLine(first, "p"), waiting), "publish", "-nats", c.URL(), "-events", "-", "-after", after).status)
	second := uuid.New()
	_, err = natsfeed.Put(t.Context(), kv, second, newWebhook("q"))
	require.NoError(t, err)
	require.Zero(t, cluster(t, strings.Repeat(eventLine(second, "q"), 100), "publish", "-nats", c.URL(), "-events", "-", "-after", strconv.FormatUint(revision+1, 10)).status)
	eventually(t, func() bool { return count(t, js, deliveriesStream) == 100 })
	for _, m := range storedIn(t, js, deliveriesStream) {
		require.Contains(t, m.Subject, second.String())
	}
	eventually(t, func() bool { return status(t, address) == http.StatusOK })
	consumer, err := js.Consumer(t.Context(), eventsStream, consumerName)
	require.NoError(t, err)
	require.Equal(t, maxUnacknowledged, consumer.CachedInfo().Config.MaxAckPending)
	_, err = natsfeed.Put(t.Context(), kv, uuid.New(), newWebhook("r"))
	require.NoError(t, err)
	// If the machine is slow, some have waited for a minute and are rejected.
	require.Eventually(t, func() bool {
		return count(t, js, deliveriesStream)+count(t, js, rejectedStream) == 100+waiting && ended(t, js, 100+waiting)
	}, 3*time.Minute, 50*time.Millisecond)
}

// TestTraceparent: a delivery has the trace context of its event.
func TestTraceparent(t *testing.T) {
	js := natstest.Start(t, 1).Connect()
	organizationID, _ := putWebhook(t, js, "*")
	const trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
	_, err := openEvents(t.Context(), js, 1)
	require.NoError(t, err)
	for name, header := range map[string]nats.Header{
		"lower": {"traceparent": {trace}}, "canonical": {"Traceparent": {trace}}, "none": nil, "too-long": {"traceparent": {strings.Repeat("0", 1000)}},
	} {
		publishLine(t, js, eventLine(organizationID, name), header)
	}
	startDispatcher(t, "-nats", js.Conn().ConnectedUrl())
	eventually(t, func() bool { return count(t, js, deliveriesStream) == 4 })
	for _, m := range storedIn(t, js, deliveriesStream) {
		want := ""
		if strings.Contains(string(m.Data), "lower") || strings.Contains(string(m.Data), "canonical") {
			want = trace
		}
		require.Equal(t, want, m.Header.Get("traceparent"), string(m.Data))
	}
}

// TestLog: what a dispatcher logs while nothing fails, and while its server is away.
func TestLog(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	_, err := openBucket(t.Context(), js, 1)
	require.NoError(t, err)
	d := startDispatcher(t, "-nats", c.URL(), "-metrics", "127.0.0.1:0")
	address := d.address(t)
	logs := func(texts ...string) {
		t.Helper()
		for _, text := range texts {
			eventually(t, func() bool { return strings.Contains(d.stderr.String(), text) })
		}
	}
	logs(`level=INFO msg=connected server=`+c.URL(), `level=INFO msg=started dispatcher=`, `webhooks=0 revision=`,
		`level=WARN msg="the bucket has no valid webhooks: no event fires until there are some; put them with: cluster put -webhooks DIR"`)
	require.Contains(t, get(t, address, "/metrics"), "hookfilter_webhooks 0\n")
	c.Servers[0].Kill()
	logs(`level=WARN msg="disconnected, reconnecting"`, `level=ERROR msg="unhealthy: `+feedStale+`"`, `level=WARN msg="cannot follow the bucket, retrying"`)
	require.Equal(t, feedStale+"\n", get(t, address, "/healthz"))
	c.Servers[0].Start()
	logs(`level=INFO msg=reconnected server=`+c.URL(), `level=INFO msg="healthy again" after=`)
	require.NoError(t, d.stop())
	logs(`level=INFO msg=stopped dispatcher=`)
}
