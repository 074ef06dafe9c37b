package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed/natstest"
)

// TestAcknowledge: acknowledgements that nobody takes are not confirmed, and neither are
// they by what confirms others.
func TestAcknowledge(t *testing.T) {
	js := natstest.Start(t, 1).Connect()
	fetch := func() (all []*work) {
		consumer, err := openQueue(t.Context(), js, 1)
		require.NoError(t, err)
		batch, err := consumer.Fetch(3, jetstream.FetchMaxWait(time.Minute))
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
