package main

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed/natstest"
)

// TestAcknowledge: acknowledgements that nobody takes are not confirmed, and do not keep
// later ones from it.
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
	all = fetch()
	require.ElementsMatch(t, all, a.acknowledge(all))
	require.Empty(t, a.confirmations)
}
