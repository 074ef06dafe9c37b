package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/webhook"
)

// TestAcknowledge: acknowledgements without a responder are not confirmed, and late answers
// to an earlier call do not confirm them.
func TestAcknowledge(t *testing.T) {
	js := natstest.Start(t, 1).Connect()
	fetch := func() (all []*work) {
		q, err := openQueue(t.Context(), js, 1, nil)
		require.NoError(t, err)
		batch, err := q.consumer.Fetch(3, jetstream.FetchMaxWait(time.Minute))
		require.NoError(t, err)
		for m := range batch.Messages() {
			all = append(all, newWork(m))
		}
		require.Len(t, all, 3)
		return all
	}
	events, err := openEvents(t.Context(), js, 1)
	require.NoError(t, err)
	for range 3 {
		_, err := js.Publish(t.Context(), "events.x", []byte(eventLine(uuid.New(), "p")))
		require.NoError(t, err)
	}
	a, err := newAcknowledger(js.Conn())
	require.NoError(t, err)
	defer a.close()
	all := fetch()
	require.NoError(t, events.DeleteConsumer(t.Context(), consumerName))
	require.Empty(t, a.acknowledge(all))
	for n := range all { // confirmations of the first three, which come too late
		require.NoError(t, js.Conn().Publish(fmt.Sprint(a.inbox, ".", n+1), nil))
	}
	require.Empty(t, a.acknowledge(all))

	all = fetch()
	require.ElementsMatch(t, all, a.acknowledge(all))
	require.Zero(t, pendingAcks(t, js))
}

// TestBatches: deliveries are stored in batches, except for an event with too many of
// them. Stored deliveries are neither lost nor stored again.
func TestBatches(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	_, err := openStream(t.Context(), js, jetstream.StreamConfig{Name: deliveriesStream, Subjects: []string{"deliveries.>"},
		Retention: jetstream.WorkQueuePolicy, AllowAtomicPublish: true})
	require.NoError(t, err)
	dir, lines := t.TempDir(), ""
	some, many := uuid.New(), uuid.New()
	for organizationID, n := range map[uuid.UUID]int{some: maxStored * 3 / 5, many: maxStored + 1} {
		var webhooks []*webhook.Webhook
		for range n {
			webhooks = append(webhooks, newWebhook("p"))
		}
		writeFolder(t, dir, organizationID, webhooks...)
		lines += eventLine(organizationID, "p") + eventLine(organizationID, "none")
	}
	lines += eventLine(some, "p")
	file := writeFile(t, []byte(lines))
	want := expected(t, dir, file, 1)
	require.Zero(t, cluster(t, "", "put", "-nats", c.URL(), "-webhooks", dir).status)
	require.Zero(t, cluster(t, "", "publish", "-nats", c.URL(), "-events", file).status)
	dispatch := func() (printed int, failed bool) {
		d := startDispatcher(t, "-nats", c.URL())
		eventually(t, func() bool {
			consumer, err := js.Consumer(t.Context(), eventsStream, consumerName)
			return err == nil && consumer.CachedInfo().AckFloor.Stream == 5
		})
		require.NoError(t, d.stop())
		return strings.Count(d.stdout.String(), "\n"), strings.Contains(d.stderr.String(), "failures=")
	}
	printed, failed := dispatch()
	require.Equal(t, want, queue(t, js))
	if !failed { // otherwise the confirmation of a batch came too late, and its events were redelivered
		require.Equal(t, len(want), printed)
	}
	for _, m := range storedIn(t, js, deliveriesStream) {
		batched := m.Header.Get(jetstreamext.BatchIDHeader) != ""
		if isSome := strings.HasPrefix(m.Subject, "deliveries."+some.String()); !isSome || !failed {
			require.Equal(t, isSome, batched)
		}
	}
	// Another consumer has all events from the beginning, as if for the first time.
	require.NoError(t, js.DeleteConsumer(t.Context(), eventsStream, consumerName))
	printed, _ = dispatch()
	require.Zero(t, printed)
	stream, err := js.Stream(t.Context(), deliveriesStream)
	require.NoError(t, err)
	require.EqualValues(t, len(want), stream.CachedInfo().State.Msgs)
}
