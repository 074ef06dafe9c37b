package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
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

// TestRoles runs each role against one server, in the order of real use.
func TestRoles(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	do := func(stdin, name string, args ...string) result {
		t.Helper()
		return cluster(t, stdin, append([]string{name, "-nats", c.URL()}, args...)...)
	}
	number := func(s string) uint64 {
		n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 64)
		require.NoError(t, err)
		return n
	}

	// put
	put := do("", "put")
	require.Zero(t, put.status, put.stderr)
	require.Equal(t, "put 25, deleted 0, unchanged 0, invalid webhooks 0\n", put.stderr)
	again := do("", "put")
	require.Equal(t, "put 0, deleted 0, unchanged 25, invalid webhooks 0\n", again.stderr)
	require.Equal(t, put.stdout, again.stdout, "the same revision")

	dir := t.TempDir()
	organizationID := uuid.New()
	kept, changed, broken, gone := newWebhook("kept"), newWebhook("changed"), newWebhook("broken"), newWebhook("gone")
	writeFolder(t, dir, organizationID, kept, changed, broken, gone)
	first := do("", "put", "-webhooks", dir)
	require.Equal(t, "put 4, deleted 25, unchanged 0, invalid webhooks 0\n", first.stderr)
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	_, err = kv.Put(t.Context(), natsfeed.Key(organizationID, uuid.New()), []byte("no webhook"))
	require.NoError(t, err)
	_, err = kv.Put(t.Context(), "foreign", nil)
	require.NoError(t, err)
	changed.ProjectNamesFilter, broken.ProjectNamesFilter = []string{"other"}, []string{""}
	writeFolder(t, dir, organizationID, kept, changed, broken)
	second := do("", "put", "-webhooks", dir)
	require.Equal(t, 1, second.status)
	require.Contains(t, second.stderr, "put 1, deleted 2, unchanged 1, invalid webhooks 1\n")
	require.Contains(t, second.stderr, "webhook "+broken.ID.String()+": project_names_filter[0]: empty")
	_, err = kv.Get(t.Context(), natsfeed.Key(organizationID, broken.ID))
	require.NoError(t, err, "a command that is refused changes nothing")
	require.Contains(t, second.stderr, `key "foreign" is not of the form <organizationId>.<webhookId> and stays`)
	require.Greater(t, number(second.stdout), number(first.stdout))

	// An invalid webhook whose id cannot be read may be any webhook of its organization.
	file := filepath.Join(dir, organizationID.String()+".json")
	list, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(`{"results":[{"id":5}]}`), 0o600))
	got := do("", "put", "-webhooks", dir)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "no webhook of organization "+organizationID.String()+" is deleted")
	require.Contains(t, got.stderr, "put 0, deleted 0, unchanged 0, invalid webhooks 1\n")
	require.NoError(t, os.WriteFile(file, list, 0o600))

	// If a file cannot be read as a whole, put writes nothing.
	unread := filepath.Join(dir, uuid.NewString()+".json")
	require.NoError(t, os.WriteFile(unread, []byte(`{"results":`), 0o600))
	writeFolder(t, dir, organizationID, newWebhook("new"))
	got = do("", "put", "-webhooks", dir)
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, unread+": invalid format: ")
	require.NotContains(t, got.stderr, "put ")
	require.NoError(t, os.Remove(unread))
	writeFolder(t, dir, organizationID, kept, changed)
	got = do("", "put", "-webhooks", dir)
	require.Contains(t, got.stderr, "put 0, deleted 1, unchanged 2, invalid webhooks 0\n")

	// publish
	line := eventLine(organizationID, "changed") + eventLine(organizationID, "other")
	require.Equal(t, "published 2, duplicates 0, malformed lines 0, last sequence 2\n", do(line, "publish", "-events", "-").stdout)
	got = do(line+"{}\n"+eventLine(organizationID, "kept"), "publish", "-events", "-")
	require.Equal(t, 1, got.status)
	require.Equal(t, "published 1, duplicates 2, malformed lines 1, last sequence 3\n", got.stdout)
	require.Contains(t, got.stderr, "stdin:3: ")

	// dispatch
	address := freeAddress(t)
	d := startDispatcher(t, "-nats", c.URL(), "-metrics", address)
	want := map[string]int{fmt.Sprint(2, " ", changed.ID): 1, fmt.Sprint(3, " ", kept.ID): 1}
	eventually(t, func() bool { return strings.Count(d.stdout.String(), "\n") == 2 })
	require.Equal(t, want, queue(t, js))
	require.Equal(t, 200, status(t, address))

	// an event ahead of the feed waits
	future := number(second.stdout) + 3
	got = do(eventLine(organizationID, "kept"), "publish", "-events", "-", "-after", strconv.FormatUint(future, 10))
	require.Equal(t, "published 1, duplicates 0, malformed lines 0, last sequence 4\n", got.stdout)
	got = do(eventLine(organizationID, "other"), "publish", "-events", "-") // the id differs, because the file does
	require.Contains(t, got.stdout, "published 1")
	eventually(t, func() bool { return strings.Contains(d.stdout.String(), `"event_seq":5`) })
	require.NotContains(t, d.stdout.String(), `"event_seq":4`)
	kept.Description = "changed"
	writeFolder(t, dir, organizationID, kept, changed)
	for revision := number(second.stdout); revision < future; {
		kept.Description += "."
		writeFolder(t, dir, organizationID, kept, changed)
		revision = number(do("", "put", "-webhooks", dir).stdout)
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

	// why
	why := func(seq int, id uuid.UUID) result {
		return do("", "why", "-event", strconv.Itoa(seq), "-webhook", id.String())
	}
	got = why(2, changed.ID)
	require.Zero(t, got.status, got.stderr)
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	require.Len(t, lines, 3, got.stdout)
	require.Contains(t, lines[0], "event 2 of "+organizationID.String())
	require.Contains(t, lines[1], `does not fire: project_names_filter ["changed"] does not match "other"`)
	require.Contains(t, lines[2], `: fires: `)
	require.Contains(t, lines[2], `project_names_filter[0] "other" matches "other"`)
	got = why(4, broken.ID)
	require.Contains(t, got.stdout, "not decided before revision "+strconv.FormatUint(future, 10))
	require.Contains(t, got.stdout, "does not fire: the webhook is deleted")
	require.Contains(t, why(2, uuid.New()).stdout, "no version of webhook")
	require.Contains(t, why(99, kept.ID).stderr, "event 99 is not stored")
	require.Contains(t, why(6, kept.ID).stderr, "event 6 was rejected")
	value, err := json.Marshal(changed)
	require.NoError(t, err)
	for range 64 {
		_, err := kv.Put(t.Context(), natsfeed.Key(organizationID, changed.ID), value)
		require.NoError(t, err)
	}
	got = why(2, changed.ID)
	require.Regexp(t, `versions before revision \d+ are not stored: the bucket keeps the last 64`, got.stdout)
	require.Equal(t, 2+64, strings.Count(got.stdout, "\n"))
	require.NoError(t, kv.Purge(t.Context(), natsfeed.Key(organizationID, changed.ID)))
	require.Regexp(t, `versions before revision \d+ were purged`, why(2, changed.ID).stdout)
	for _, value := range []string{"x", `{"id":"` + uuid.NewString() + `","created_at":"2024-01-07T11:34:13Z"}`} {
		_, err := kv.Put(t.Context(), natsfeed.Key(organizationID, changed.ID), []byte(value))
		require.NoError(t, err)
	}
	got = why(2, changed.ID)
	require.Contains(t, got.stdout, "the value is not a webhook")
	require.Contains(t, got.stdout, "the value is webhook")

	// try
	require.Zero(t, do("", "put", "-webhooks", dir).status)
	invalid := *kept
	invalid.ProjectNamesFilter = []string{""}
	writeFolder(t, dir, organizationID, &invalid, changed)
	got = do("", "try", "-webhooks", dir)
	require.Equal(t, 1, got.status)
	require.Equal(t, "events 5, deliveries added 0, removed 0\n", got.stdout, "put would leave the version that is there")
	writeFolder(t, dir, organizationID, kept, changed)
	got = do("", "try", "-webhooks", dir)
	require.Equal(t, "events 5, deliveries added 0, removed 0\n", got.stdout)
	kept.ProjectNamesFilter, changed.ProjectNamesFilter = []string{"k?pt"}, []string{"changed"}
	writeFolder(t, dir, organizationID, changed)
	got = do("", "try", "-webhooks", dir)
	require.Zero(t, got.status, got.stderr)
	for _, want := range []string{
		fmt.Sprintf("added: event 1, webhook %s: ", changed.ID),
		fmt.Sprintf(`removed: event 2, webhook %s: project_names_filter ["changed"] does not match "other"`, changed.ID),
		fmt.Sprintf("removed: event 3, webhook %s: the webhook is not in the folder", kept.ID),
		"events 5, deliveries added 1, removed 4\n",
	} {
		require.Contains(t, got.stdout, want)
	}
	got = do("", "try", "-webhooks", dir, "-last", "3") // one event and the two that were rejected
	require.Contains(t, got.stdout, "events 1, deliveries added 0, removed 1\n")
}

func pendingAcks(t *testing.T, js jetstream.JetStream) int {
	t.Helper()
	consumer, err := js.Consumer(t.Context(), eventsStream, consumerName)
	require.NoError(t, err)
	return consumer.CachedInfo().NumAckPending + int(consumer.CachedInfo().NumPending)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
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
	address := freeAddress(t)
	d := startDispatcher(t, "-nats", c.URL(), "-metrics", address)
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
