package main

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/webhook"
)

func newWebhook(project string) *webhook.Webhook {
	return &webhook.Webhook{ID: uuid.New(), CreatedAt: time.Unix(1_700_000_000, 0).UTC(), Enabled: true,
		TargetURL: "https://chat.example.com/" + secret, Events: webhook.EventTypes(), ProjectNamesFilter: []string{project}}
}

func eventLine(organizationID uuid.UUID, project string) string {
	return fmt.Sprintf(`{"organization_id":"%s","event_type":"DEPLOYMENT_FAILURE","project_name":"%s","environment_mode":"PRODUCTION"}`+"\n", organizationID, project)
}

func eventually(t *testing.T, what func() bool) {
	t.Helper()
	require.Eventually(t, what, time.Minute, 5*time.Millisecond)
}

// startServer starts a server. do runs a command of the program against it.
func startServer(t *testing.T) (js jetstream.JetStream, do func(stdin, name string, args ...string) result, url string) {
	t.Helper()
	c := natstest.Start(t, 1)
	return c.Connect(), func(stdin, name string, args ...string) result {
		t.Helper()
		return cluster(t, stdin, append([]string{name, "-nats", c.URL()}, args...)...)
	}, c.URL()
}

// number returns the revision or sequence that a command printed.
func number(t *testing.T, stdout string) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimSpace(stdout), 10, 64)
	require.NoError(t, err)
	return n
}

// TestRoles: a dispatcher decides what was put and published.
func TestRoles(t *testing.T) {
	js, do, url := startServer(t)

	// put and publish
	dir := t.TempDir()
	organizationID := uuid.New()
	kept, changed := newWebhook("kept"), newWebhook("other")
	writeFolder(t, dir, organizationID, kept, changed)
	put := do("", "put", "-webhooks", dir)
	require.Zero(t, put.status, put.stderr)
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	_, err = kv.Put(t.Context(), "foreign", nil)
	require.NoError(t, err)
	got := do(eventLine(organizationID, "changed")+eventLine(organizationID, "other")+eventLine(organizationID, "kept"), "publish", "-events", "-")
	require.Equal(t, "published 3, duplicates 0, malformed lines 0, last sequence 3\n", got.stdout)

	// dispatch
	d := startDispatcher(t, "-nats", url, "-metrics", "127.0.0.1:0")
	address := d.address(t)
	want := map[string]int{fmt.Sprint(2, " ", changed.ID): 1, fmt.Sprint(3, " ", kept.ID): 1}
	eventually(t, func() bool { return strings.Count(d.stdout.String(), "\n") == 2 })
	require.Equal(t, want, queue(t, js))
	require.Equal(t, 200, status(t, address))

	// an event ahead of the feed waits
	future := number(t, put.stdout) + 4
	got = do(eventLine(organizationID, "kept"), "publish", "-events", "-", "-after", strconv.FormatUint(future, 10))
	require.Equal(t, "published 1, duplicates 0, malformed lines 0, last sequence 4\n", got.stdout)
	got = do(eventLine(organizationID, "other"), "publish", "-events", "-")
	require.Contains(t, got.stdout, "published 1")
	eventually(t, func() bool { return strings.Contains(d.stdout.String(), `"event_seq":5`) })
	require.NotContains(t, d.stdout.String(), `"event_seq":4`)
	kept.Description = "changed"
	writeFolder(t, dir, organizationID, kept, changed)
	for revision := number(t, put.stdout); revision < future; {
		kept.Description += "."
		writeFolder(t, dir, organizationID, kept, changed)
		revision = number(t, do("", "put", "-webhooks", dir).stdout)
	}
	eventually(t, func() bool { return strings.Contains(d.stdout.String(), `"event_seq":4`) })
	for _, d := range deliveriesIn(t, d.stdout.String()) {
		if d.EventSeq == 4 {
			require.GreaterOrEqual(t, d.Revision, future)
		}
	}

	// malformed events
	for _, m := range []*nats.Msg{
		{Subject: "events.x", Data: []byte("hello")},
		{Subject: "events.x", Data: []byte(eventLine(organizationID, "kept")), Header: nats.Header{afterHeader: {"soon"}}},
	} {
		_, err := js.PublishMsg(t.Context(), m)
		require.NoError(t, err)
	}
	eventually(t, func() bool {
		s, err := js.Stream(t.Context(), rejectedStream)
		return err == nil && s.CachedInfo().State.Msgs == 2
	})
	rejects := storedIn(t, js, rejectedStream)
	if rejects[0].Header.Get(seqHeader) != "6" { // two loops reject, in either order
		rejects[0], rejects[1] = rejects[1], rejects[0]
	}
	require.Equal(t, "hello", string(rejects[0].Data))
	require.Equal(t, "6", rejects[0].Header.Get(seqHeader))
	require.Contains(t, rejects[0].Header.Get(reasonHeader), "not JSON")
	require.Contains(t, rejects[1].Header.Get(reasonHeader), `not a revision: "soon"`)
	eventually(t, func() bool { return pendingAcks(t, js) == 0 })

	// metrics
	text := get(t, address, "/metrics")
	for _, line := range []string{
		`hookfilter_events_total{result="fired"} 4`, `hookfilter_events_total{result="none"} 1`, `hookfilter_events_total{result="rejected"} 2`,
		"hookfilter_deliveries_total 4", "hookfilter_decide_seconds_count 5", "hookfilter_webhooks 2", "hookfilter_invalid_webhooks 1",
		"hookfilter_feed_age_seconds 0.", "hookfilter_feed_revision 1.",
	} {
		require.Contains(t, text, line)
	}
	require.ErrorIs(t, d.stop(), cli.ErrReported)
	require.Contains(t, d.stderr.String(), "events 5, fired 4, deliveries 4, malformed lines 2, invalid webhooks 1\n")

	// why, of decisions that the dispatcher made
	why := func(seq int, id uuid.UUID) string {
		got := do("", "why", "-event", strconv.Itoa(seq), "-webhook", id.String())
		require.Zero(t, got.status, got.stderr)
		return got.stdout
	}
	require.Regexp(t, `decided at \S+ by \S+, at revision \d+: the webhook's version of revision \d+, put at \S+, fired: `, why(2, changed.ID))
	require.Regexp(t, `decided at .* did not fire: project_names_filter \["other"\] does not match "kept"`, why(3, changed.ID))
	require.Regexp(t, fmt.Sprintf(`not decided before revision %d\ndecided at \S+ by \S+, at revision \d+: .*, fired: `, future), why(4, kept.ID))
	require.Contains(t, why(5, uuid.New()), ": the webhook did not exist\n")
	require.Contains(t, why(6, kept.ID), "\nrejected, and stored in REJECTED: not JSON: ")
	require.Contains(t, why(7, kept.ID), `rejected, and stored in REJECTED: Hookfilter-After: not a revision: "soon"`)
}

func pendingAcks(t *testing.T, js jetstream.JetStream) int {
	t.Helper()
	consumer, err := js.Consumer(t.Context(), eventsStream, consumerName)
	require.NoError(t, err)
	return consumer.CachedInfo().NumAckPending + int(consumer.CachedInfo().NumPending)
}

func get(t *testing.T, address, path string) string {
	t.Helper()
	response, err := http.Get("http://" + address + path)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(body)
}

func status(t *testing.T, address string) int {
	t.Helper()
	response, err := http.Get("http://" + address + "/healthz")
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	return response.StatusCode
}

// TestStaleFeedStops: a dispatcher is not healthy without its server, and continues when
// the server is back.
func TestStaleFeedStops(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	require.Zero(t, cluster(t, "", "put", "-nats", c.URL()).status)
	d := startDispatcher(t, "-nats", c.URL(), "-metrics", "127.0.0.1:0")
	address := d.address(t)
	eventually(t, func() bool { return status(t, address) == http.StatusOK })
	c.Servers[0].Kill()
	eventually(t, func() bool { return status(t, address) == http.StatusServiceUnavailable })
	c.Servers[0].Start()
	eventually(t, func() bool { return status(t, address) == http.StatusOK })
	eventually(t, func() bool { return cluster(t, "", "publish", "-nats", c.URL()).status == 0 })
	want := expected(t, sampleWebhooks, sampleEvents, 1)
	eventually(t, func() bool { return strings.Count(d.stdout.String(), "\n") == len(want) })
	require.NoError(t, d.stop())
	require.Equal(t, want, queue(t, js))
}
