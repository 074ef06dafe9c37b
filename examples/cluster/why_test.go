package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

// whyTest is a server with one organization, and records of decisions that the test writes.
type whyTest struct {
	*testing.T
	js             jetstream.JetStream
	do             func(stdin, name string, args ...string) result
	kv             jetstream.KeyValue
	organizationID uuid.UUID
}

func newWhyTest(t *testing.T) *whyTest {
	w := &whyTest{T: t, organizationID: uuid.New()}
	w.js, w.do, _ = startServer(t)
	var err error
	w.kv, err = openBucket(t.Context(), w.js, 1)
	require.NoError(t, err)
	for _, config := range []jetstream.StreamConfig{
		{Name: decisionsStream, Subjects: []string{"decisions.*"}},
		{Name: rejectedStream, Subjects: []string{"rejected"}},
	} {
		_, err := openStream(t.Context(), w.js, config)
		require.NoError(t, err)
	}
	return w
}

// publish publishes an event of a project, and returns its sequence.
func (w *whyTest) publish(project string, args ...string) uint64 {
	w.Helper()
	got := w.do(eventLine(w.organizationID, project), "publish", append([]string{"-events", "-"}, args...)...)
	require.Zero(w, got.status, got.stderr)
	_, last, _ := strings.Cut(got.stdout, "last sequence ")
	return number(w.T, last)
}

// put stores a version of a webhook, and returns its revision.
func (w *whyTest) put(hook *webhook.Webhook) uint64 {
	w.Helper()
	revision, err := natsfeed.Put(w.Context(), w.kv, w.organizationID, hook)
	require.NoError(w, err)
	return revision
}

// putValue stores a value as a version of a webhook, and returns its revision.
func (w *whyTest) putValue(id uuid.UUID, value string) uint64 {
	w.Helper()
	revision, err := w.kv.Put(w.Context(), natsfeed.Key(w.organizationID, id), []byte(value))
	require.NoError(w, err)
	return revision
}

// timeOf returns when a revision was stored.
func (w *whyTest) timeOf(revision uint64) time.Time {
	w.Helper()
	stream, err := w.js.Stream(w.Context(), bucketStream)
	require.NoError(w, err)
	m, err := stream.GetMsg(w.Context(), revision)
	require.NoError(w, err)
	return m.Time
}

// record stores the record of an event that was decided at a revision and a time, or rejected.
func (w *whyTest) record(seq uint64, result string, revision uint64, at time.Time) {
	w.Helper()
	stream, err := w.js.Stream(w.Context(), eventsStream)
	require.NoError(w, err)
	m, err := stream.GetMsg(w.Context(), seq)
	require.NoError(w, err)
	data, err := json.Marshal(decision{Events: [][2]uint64{{seq, seq}}, First: m.Time, Last: m.Time, Result: result, Revision: revision,
		At: at, Dispatcher: "d1"})
	require.NoError(w, err)
	_, err = w.js.Publish(w.Context(), decisionSubject(seq), data)
	require.NoError(w, err)
}

// why returns the lines after the first one, which describes the event.
func (w *whyTest) why(seq uint64, id uuid.UUID) []string {
	w.Helper()
	got := w.do("", "why", "-event", strconv.FormatUint(seq, 10), "-webhook", id.String())
	require.Zero(w, got.status, got.stderr)
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	require.Regexp(w, fmt.Sprintf("^event %d (of %s )?at |^event %d of %s at ", seq, w.organizationID, seq, w.organizationID), lines[0])
	return lines[1:]
}

// verdict returns the verdict in a line of why, which must be about a record at the revision.
func (w *whyTest) verdict(line string, revision uint64) string {
	w.Helper()
	prefix := fmt.Sprintf(`decided at \S+Z by d1, at revision %d: `, revision)
	require.Regexp(w, "^"+prefix, line)
	_, verdict, _ := strings.Cut(line, fmt.Sprintf("revision %d: ", revision))
	return verdict
}

// TestWhy: why shows what each decision meant for a webhook, at the revision of the decision.
func TestWhy(t *testing.T) {
	w := newWhyTest(t)
	hook := newWebhook("p")
	before := w.put(newWebhook("p"))
	seq := w.publish("p")
	fires := w.put(hook)
	hook.ProjectNamesFilter = []string{"other"}
	silent := w.put(hook)
	broken := w.putValue(hook.ID, "x")
	foreign := w.putValue(hook.ID, `{"id":"`+uuid.NewString()+`","created_at":"2024-01-07T11:34:13Z"}`)
	unrelated := w.put(newWebhook("p"))
	deleted, err := natsfeed.Delete(t.Context(), w.kv, w.organizationID, hook.ID)
	require.NoError(t, err)
	hook.ProjectNamesFilter = []string{"p"}
	later := w.put(hook)
	w.put(hook)

	for _, revision := range []uint64{before, fires, silent, broken, foreign, unrelated, deleted} {
		w.record(seq, decided, revision, w.timeOf(revision))
	}
	w.record(seq, decided, silent, w.timeOf(broken))
	lines := w.why(seq, hook.ID)
	require.Len(t, lines, 9, lines)
	put := func(revision uint64) string {
		return fmt.Sprintf(`^the webhook's version of revision %d, put at \S+Z, `, revision)
	}
	require.Equal(t, "the webhook did not exist", w.verdict(lines[0], before))
	require.Regexp(t, put(fires)+`fired: .*project_names_filter\[0\] "p" matches "p"`, w.verdict(lines[1], fires))
	require.Regexp(t, put(silent)+`did not fire: project_names_filter \["other"\] does not match "p": "other" expects "o" at the start, the name has "p"$`, w.verdict(lines[2], silent))
	require.Regexp(t, fmt.Sprintf(`^%s; or the dispatcher used its version of revision %d, put at \S+Z, before the decision was stored$`,
		regexp.QuoteMeta(w.verdict(lines[2], silent)), broken), w.verdict(lines[7], silent))
	require.Regexp(t, put(broken)+"did not fire: the value is not a webhook: ", w.verdict(lines[3], broken))
	require.Regexp(t, put(foreign)+"did not fire: the value is webhook .*, with another id$", w.verdict(lines[4], foreign))
	require.Equal(t, w.verdict(lines[4], foreign), w.verdict(lines[5], unrelated), "the version before")
	require.Regexp(t, fmt.Sprintf(`^the webhook was deleted at revision %d, at \S+Z$`, deleted), w.verdict(lines[6], deleted))
	require.Equal(t, fmt.Sprintf("changes of the webhook after that, which did not count: 2, the first at revision %d", later), lines[8])

	uncertain := w.publish("p")
	w.record(uncertain, decided, deleted, w.timeOf(later))
	lines = w.why(uncertain, hook.ID)
	require.Len(t, lines, 2, lines)
	require.Contains(t, lines[0], fmt.Sprintf("; or the dispatcher used its version of revision %d,", later))
	require.Equal(t, fmt.Sprintf("changes of the webhook after that, which did not count: 1, the first at revision %d", later+1), lines[1])

	// Another webhook, and versions that are no longer stored.
	require.Equal(t, "the webhook did not exist", w.verdict(w.why(seq, uuid.New())[0], before))
	for range 64 {
		w.put(hook)
	}
	first := w.put(hook) - 63
	require.Equal(t, fmt.Sprintf("not known: the bucket keeps the last 64 versions of the webhook, which begin at revision %d", first),
		w.verdict(w.why(seq, hook.ID)[1], fires))
	require.NoError(t, w.kv.Purge(t.Context(), natsfeed.Key(w.organizationID, hook.ID)))
	require.Equal(t, fmt.Sprintf("not known: the webhook's versions before revision %d were purged", first+64), w.verdict(w.why(seq, hook.ID)[1], fires))

	// The bucket is deleted and created again.
	require.NoError(t, w.js.DeleteKeyValue(t.Context(), bucket))
	w.kv, err = openBucket(t.Context(), w.js, 1)
	require.NoError(t, err)
	stream, err := w.js.Stream(t.Context(), bucketStream)
	require.NoError(t, err)
	begins := stream.CachedInfo().Config.FirstSeq
	require.Equal(t, fmt.Sprintf("not known: the bucket of that time was deleted, and the present one begins at revision %d", begins),
		w.verdict(w.why(seq, hook.ID)[1], fires))
	empty := w.publish("p")
	w.record(empty, decided, begins-1, time.Now())
	require.Equal(t, "the webhook did not exist", w.verdict(w.why(empty, hook.ID)[0], begins-1), "decided with an empty bucket")
}

// TestWhyUndecided: events without a decision.
func TestWhyUndecided(t *testing.T) {
	w := newWhyTest(t)
	hook := newWebhook("p")
	last := w.put(hook)
	reject := func(seq uint64, reason string) {
		_, err := w.js.PublishMsg(t.Context(), &nats.Msg{Subject: "rejected", Header: nats.Header{reasonHeader: {reason}, seqHeader: {strconv.FormatUint(seq, 10)}}})
		require.NoError(t, err)
	}
	for _, seq := range []uint64{1, 2, 3, 4, 5} {
		reject(seq, "an event of a deleted stream") // with the same sequences
	}
	require.Equal(t, []string{"not decided yet"}, w.why(w.publish("p"), hook.ID))

	waits := w.publish("p", "-after", strconv.FormatUint(last+5, 10))
	require.Equal(t, []string{fmt.Sprintf("not decided before revision %d", last+5),
		fmt.Sprintf("not decided yet: the event waits for revision %d, and the last is %d", last+5, last)}, w.why(waits, hook.ID))

	rejectedEvent := w.publish("p")
	reject(1000, "another event")
	reject(rejectedEvent, "too \x1b large")
	reject(1000, "another event")
	require.Equal(t, []string{`rejected, and stored in REJECTED: "too \x1b large"`}, w.why(rejectedEvent, hook.ID))
	w.record(rejectedEvent, rejected, 0, time.Now())
	require.Equal(t, []string{`rejected, and stored in REJECTED: "too \x1b large"`}, w.why(rejectedEvent, hook.ID))
	stream, err := w.js.Stream(t.Context(), rejectedStream)
	require.NoError(t, err)
	// The tail is gone, which the stream's last sequence does not show.
	require.NoError(t, stream.DeleteMsg(t.Context(), stream.CachedInfo().State.LastSeq))
	require.Equal(t, []string{`rejected, and stored in REJECTED: "too \x1b large"`}, w.why(rejectedEvent, hook.ID))
	require.NoError(t, stream.Purge(t.Context()))
	require.Equal(t, []string{"rejected, but REJECTED does not have it any more"}, w.why(rejectedEvent, hook.ID))

	_, err = w.js.Publish(t.Context(), "events.x", []byte("hello"))
	require.NoError(t, err)
	got := w.do("", "why", "-event", "4", "-webhook", hook.ID.String())
	require.Zero(t, got.status, got.stderr)
	require.Regexp(t, `^event 4 at \S+Z: invalid: not JSON: .*\nnot decided yet\n$`, got.stdout)

	// A dispatcher of an earlier version, which stores no records.
	events, err := w.js.Stream(t.Context(), eventsStream)
	require.NoError(t, err)
	consumer, err := events.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy})
	require.NoError(t, err)
	require.Equal(t, []string{"not decided yet"}, w.why(1, hook.ID))
	m, err := consumer.Next()
	require.NoError(t, err)
	require.NoError(t, m.DoubleAck(t.Context()))
	require.Equal(t, []string{"unknown: the consumer is past the event, but DECISIONS has no record of it"}, w.why(1, hook.ID))

	got = w.do("", "why", "-event", "99", "-webhook", hook.ID.String())
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "event 99 is not stored: events are kept for 168h0m0s, and the last is 4\n")
}
