package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// TestQueueGone: a stream or the consumer is deleted, or deleted and made again, while a
// dispatcher runs. The dispatcher goes on, and logs what was deleted.
func TestQueueGone(t *testing.T) {
	js := natstest.Start(t, 1).Connect()
	url := js.Conn().ConnectedUrl()
	organizationID, _ := putWebhook(t, js, "p")
	removed := func(stream string) func(*testing.T) {
		return func(t *testing.T) { require.NoError(t, js.DeleteStream(t.Context(), stream)) }
	}
	for name, tc := range map[string]struct {
		remove func(*testing.T)
		line   string
		want   string // stream that a message comes to
		gone   string
	}{
		"consumer":   {func(t *testing.T) { require.NoError(t, js.DeleteConsumer(t.Context(), eventsStream, consumerName)) }, "p", deliveriesStream, "consumer dispatch"},
		"EVENTS":     {removed(eventsStream), "p", deliveriesStream, "stream EVENTS"},
		"DELIVERIES": {removed(deliveriesStream), "p", deliveriesStream, "stream DELIVERIES"},
		"REJECTED":   {removed(rejectedStream), "", rejectedStream, "stream REJECTED"},
		"DECISIONS":  {removed(decisionsStream), "p", deliveriesStream, "stream DECISIONS"},
		"EVENTS, made again": {func(t *testing.T) {
			removed(eventsStream)(t)
			_, err := openEvents(t.Context(), js, 1)
			require.NoError(t, err)
		}, "p", deliveriesStream, "stream EVENTS"},
	} {
		t.Run(name, func(t *testing.T) {
			d := startDispatcher(t, "-nats", url, "-metrics", "127.0.0.1:0")
			address := d.address(t)
			eventually(t, func() bool { return status(t, address) == http.StatusOK })
			publishLine(t, js, eventLine(organizationID, "p"), nil)
			eventually(t, func() bool { return strings.Count(d.stdout.String(), "\n") == 1 && pendingAcks(t, js) == 0 })
			before := count(t, js, tc.want)
			tc.remove(t)
			if before = min(before, count(t, js, tc.want)); tc.want == rejectedStream {
				before = 0
			}
			eventually(t, func() bool {
				_, err := js.Stream(t.Context(), eventsStream)
				return err == nil
			})
			publishLine(t, js, eventLine(organizationID, tc.line), nil)
			eventually(t, func() bool { return count(t, js, tc.want) > before })
			eventually(t, func() bool {
				return strings.Contains(d.stderr.String(), `level=WARN msg="opened the queue again: the `+tc.gone+` was deleted"`)
			})
			eventually(t, func() bool {
				_, err := js.Consumer(t.Context(), eventsStream, consumerName)
				return err == nil && pendingAcks(t, js) == 0 && status(t, address) == http.StatusOK
			})
			_ = d.stop()
		})
	}
}

// TestConsumerCreatedAgain: the consumer is deleted while a loop runs. The new one does not
// deliver all stored events, only those from the first event that was not acknowledged. If
// EVENTS was deleted too, it delivers all events of the new stream.
func TestConsumerCreatedAgain(t *testing.T) {
	js := natstest.Start(t, 1).Connect()
	organizationID, _ := putWebhook(t, js, "p")
	q, err := newQueue(js, 1)
	require.NoError(t, err)
	defer q.close()
	_, err = q.open(t.Context())
	require.NoError(t, err)
	publish := func(projects ...string) {
		for _, project := range projects {
			publishLine(t, js, eventLine(organizationID, project), nil)
		}
	}
	// fetched fetches as many events as there are in want, and acknowledges all except the
	// events of the project late.
	fetched := func(want ...string) {
		var projects []string
		eventually(t, func() bool {
			_ = q.fetch(func(group []jetstream.Msg) {
				for _, m := range group {
					w := newWork(m)
					if projects = append(projects, w.event.ProjectName); w.event.ProjectName != "late" {
						q.acknowledge([]*work{w})
					}
				}
			})
			return len(projects) >= len(want)
		})
		require.Equal(t, want, projects)
	}
	deleted := func(want ...string) {
		changed, err := q.open(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, changed)
	}
	publish("a", "b", "late", "c")
	fetched("a", "b", "late", "c")
	eventually(t, func() bool { _ = q.fetch(func([]jetstream.Msg) {}); return q.opened.floor == 2 })
	require.NoError(t, js.DeleteConsumer(t.Context(), eventsStream, consumerName))
	deleted("consumer dispatch")
	fetched("late", "c")

	require.NoError(t, js.DeleteStream(t.Context(), eventsStream))
	deleted("consumer dispatch", "stream EVENTS")
	publish("d")
	fetched("d")
}

// TestBucketGone: the bucket is deleted while a dispatcher runs, and put again. In between,
// the dispatcher decides nothing and logs the reason.
func TestBucketGone(t *testing.T) {
	js := natstest.Start(t, 1).Connect()
	url := js.Conn().ConnectedUrl()
	putWebhook(t, js, "p")
	d := startDispatcher(t, "-nats", url, "-metrics", "127.0.0.1:0")
	address := d.address(t)
	eventually(t, func() bool { return status(t, address) == http.StatusOK })
	require.NoError(t, js.DeleteKeyValue(t.Context(), bucket))
	eventually(t, func() bool { return get(t, address, "/healthz") == feedStale+"\n" })
	require.Regexp(t, `level=WARN msg="cannot follow the bucket, retrying" bucket=webhooks reason=".*stream not found"`, d.stderr.String())
	organizationID, revision := putWebhook(t, js, "q")
	publishLine(t, js, eventLine(organizationID, "q"), nats.Header{afterHeader: {strconv.FormatUint(revision, 10)}})
	eventually(t, func() bool {
		return len(deliveriesIn(t, d.stdout.String())) == 1 && status(t, address) == http.StatusOK
	})
}
