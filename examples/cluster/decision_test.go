package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// TestDecisions: every event that was acknowledged has a record with the revision that its
// deliveries have, also if two dispatchers run and webhooks change meanwhile.
func TestDecisions(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	organizationID, revision := putWebhook(t, js, "p")
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	first, second := startDispatcher(t, "-nats", c.URL()), startDispatcher(t, "-nats", c.URL())
	const rounds, each = 10, 20
	lines := strings.Repeat(eventLine(organizationID, "p")+eventLine(organizationID, "q"), each/2)
	for range rounds {
		require.Zero(t, cluster(t, lines, "publish", "-nats", c.URL(), "-events", "-", "-after", strconv.FormatUint(revision, 10)).status)
		publishLine(t, js, "hello", nil)
		revision, err = natsfeed.Put(t.Context(), kv, organizationID, newWebhook("p"))
		require.NoError(t, err)
	}
	eventually(t, func() bool { return ended(t, js, rounds*(each+1)) })
	require.Less(t, count(t, js, decisionsStream), rounds*each, "fewer records than events")
	delivered := make(map[uint64]uint64) // revision, by event
	for _, m := range storedIn(t, js, deliveriesStream) {
		var d delivery
		require.NoError(t, json.Unmarshal(m.Data, &d))
		delivered[d.EventSeq] = d.Revision
	}
	require.Len(t, delivered, rounds*each/2)
	dispatchers := make(map[string]bool)
	rejections := 0
	for seq := uint64(1); seq <= rounds*(each+1); seq++ {
		records := recordsOf(t, js, seq)
		require.NotEmpty(t, records, "event %d", seq)
		r := records[0] // there are others if the servers were slow
		require.WithinDuration(t, time.Now(), r.At, time.Hour)
		dispatchers[r.Dispatcher] = true
		if r.Result == rejected {
			rejections++
			require.Zero(t, r.Revision)
			continue
		}
		require.Equal(t, decided, r.Result)
		require.NotZero(t, r.Revision)
		if at, ok := delivered[seq]; ok {
			require.Equal(t, at, r.Revision)
		}
	}
	require.Equal(t, rounds, rejections)
	for name := range dispatchers { // the log has the same names
		require.Contains(t, first.stderr.String()+second.stderr.String(), "dispatcher="+name)
	}
}

// TestDecidedAgain: an event that was decided but not acknowledged is decided again, at a
// later revision, and has both records. A recreated stream of events does not show records
// of the former one.
func TestDecidedAgain(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	organizationID, before := putWebhook(t, js, "p")
	_, err := openEvents(t.Context(), js, 1)
	require.NoError(t, err)
	seq := publishLine(t, js, eventLine(organizationID, "p"), nil)
	require.Empty(t, recordsOf(t, js, seq), "not decided yet, and no stream of records")
	dispatch := func() {
		t.Helper()
		d := startDispatcher(t, "-nats", c.URL())
		eventually(t, func() bool { return ended(t, js, seq) })
		require.NoError(t, d.stop())
	}
	dispatch()
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	after, err := natsfeed.Put(t.Context(), kv, organizationID, newWebhook("p"))
	require.NoError(t, err)
	// Another consumer has the event as if it was never acknowledged.
	require.NoError(t, js.DeleteConsumer(t.Context(), eventsStream, consumerName))
	dispatch()
	revisions := func() (all []uint64) {
		for _, r := range recordsOf(t, js, seq) {
			require.Equal(t, [][2]uint64{{seq, seq}}, r.Events)
			all = append(all, r.Revision)
		}
		return all
	}
	require.Equal(t, []uint64{before, after}, revisions())
	// Its deliveries mix the two decisions.
	var mixed []uint64
	for _, m := range storedIn(t, js, deliveriesStream) {
		var d delivery
		require.NoError(t, json.Unmarshal(m.Data, &d))
		mixed = append(mixed, d.Revision)
	}
	require.Equal(t, []uint64{before, after}, mixed)

	require.NoError(t, js.DeleteStream(t.Context(), eventsStream))
	_, err = openEvents(t.Context(), js, 1)
	require.NoError(t, err)
	require.Equal(t, seq, publishLine(t, js, eventLine(organizationID, "p"), nil))
	require.Empty(t, recordsOf(t, js, seq))
	dispatch()
	require.Equal(t, []uint64{after}, revisions())
}

// TestManyRecords: decisionsOf reads only the subject of an event, and returns an error if the
// subject has a message that is not a record.
func TestManyRecords(t *testing.T) {
	js := natstest.Start(t, 1).Connect()
	_, err := openQueue(t.Context(), js, 1, nil)
	require.NoError(t, err)
	at := time.Unix(1_700_000_000, 1).UTC()
	for seq := range uint64(eventsPerSubject + 2) {
		w := &work{seq: seq, time: at, result: none, revision: seq}
		_, err := js.PublishMsgAsync(newRecord([]*work{w}, "d"), jetstream.WithStallWait(maxStall))
		require.NoError(t, err)
	}
	<-js.PublishAsyncComplete()
	for _, seq := range []uint64{0, 5000, eventsPerSubject - 1, eventsPerSubject, eventsPerSubject + 1} {
		records, err := decisionsOf(t.Context(), js, seq, at)
		require.NoError(t, err)
		require.Len(t, records, 1)
		require.Equal(t, seq, records[0].Revision)
	}
	records, err := decisionsOf(t.Context(), js, 3*eventsPerSubject, at)
	require.NoError(t, err)
	require.Empty(t, records)
	_, err = js.Publish(t.Context(), decisionSubject(1), []byte("hello"))
	require.NoError(t, err)
	_, err = decisionsOf(t.Context(), js, 1, at)
	require.ErrorContains(t, err, "DECISIONS: message 10003: ")
}

// TestRecords: events share a record if they have the same subject, and the same revision or
// were all rejected.
func TestRecords(t *testing.T) {
	at := time.Unix(1_700_000_000, 5).UTC()
	var works []*work
	for _, seq := range []uint64{9_998, 1, 2, 3, 9_999, 10_000, 10_001, 7} {
		works = append(works, &work{seq: seq, time: at.Add(time.Duration(seq)), result: fired, revision: 5})
	}
	works[2].result, works[3].result, works[7].revision = rejected, none, 6
	works[2].revision = 0
	var got []decision
	for _, group := range byRecord(works) {
		m := newRecord(group, "d")
		var d decision
		require.NoError(t, json.Unmarshal(m.Data, &d))
		require.Equal(t, decisionSubject(d.Events[0][0]), m.Subject)
		d.At = time.Time{}
		got = append(got, d)
	}
	record := func(result string, revision uint64, events ...[2]uint64) decision {
		return decision{Events: events, First: at.Add(time.Duration(events[0][0])), Last: at.Add(time.Duration(events[len(events)-1][1])),
			Result: result, Revision: revision, Dispatcher: "d"}
	}
	want := []decision{
		record(decided, 5, [2]uint64{1, 1}, [2]uint64{3, 3}, [2]uint64{9_998, 9_999}),
		record(decided, 6, [2]uint64{7, 7}),
		record(rejected, 0, [2]uint64{2, 2}),
		record(decided, 5, [2]uint64{10_000, 10_001}),
	}
	require.Equal(t, want, got)
	require.True(t, slices.ContainsFunc(got, func(d decision) bool { return d.has(9_999, at.Add(9_999)) }))
	require.False(t, got[0].has(2, at.Add(2)))
	require.False(t, got[0].has(1, at.Add(-time.Hour)), "an event of a stream that was deleted")
	require.False(t, got[0].has(1, at.Add(time.Hour)))
}
