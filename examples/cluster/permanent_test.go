package main

import (
	"net/http"
	neturl "net/url"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// TestMissing: dispatch, why and try create neither the bucket nor EVENTS, and name the command
// that does. A put or publish that fails creates neither.
func TestMissing(t *testing.T) {
	js, do, _ := startServer(t)
	for name, flag := range map[string]string{"put": "-webhooks", "publish": "-events", "try": "-webhooks"} {
		got := do("", name, flag, "nowhere")
		require.Equal(t, 2, got.status, name)
		require.Contains(t, got.stderr, "cluster: "+flag+": open nowhere: ", name)
	}
	for _, stream := range []string{bucketStream, eventsStream} {
		_, err := js.Stream(t.Context(), stream)
		require.ErrorIs(t, err, jetstream.ErrStreamNotFound, "a command that fails creates nothing")
	}
	require.Zero(t, do("", "publish").status)
	const noWebhooks = "cluster: there are no webhooks, because the bucket webhooks does not exist: cluster put -webhooks DIR creates it\n"
	id := organization // any UUID
	for name, args := range map[string][]string{"dispatch": nil, "why": {"-event", "1", "-webhook", id}, "try": nil} {
		got := do("", name, args...)
		require.Equal(t, 1, got.status, name)
		require.Equal(t, noWebhooks, last(got.stderr), name)
		require.Empty(t, got.stdout, name)
	}
	_, err := js.KeyValue(t.Context(), bucket)
	require.ErrorIs(t, err, jetstream.ErrBucketNotFound)
	_, err = js.Consumer(t.Context(), eventsStream, consumerName)
	require.ErrorIs(t, err, jetstream.ErrConsumerNotFound, "no event is consumed")

	require.Zero(t, do("", "put").status)
	require.NoError(t, js.DeleteStream(t.Context(), eventsStream))
	for name, args := range map[string][]string{"why": {"-event", "1", "-webhook", id}, "try": nil} {
		got := do("", name, args...)
		require.Equal(t, 1, got.status, name)
		require.Equal(t, "cluster: there are no events, because the stream EVENTS does not exist: cluster publish -events FILE creates it\n", got.stderr, name)
	}
}

// TestReplicas: the flag must fit the servers and what exists on them.
func TestReplicas(t *testing.T) {
	_, do, _ := startServer(t)
	const unsupported = "err_code=10074 description=replicas > 1 not supported in non-clustered mode"
	for _, name := range []string{"put", "publish"} {
		got := do("", name, "-replicas", "3")
		require.Equal(t, 2, got.status, name)
		require.Contains(t, got.stderr, unsupported, name)
		require.NotContains(t, got.stderr, "gave up", name)
		require.Zero(t, do("", name).status)
		require.Zero(t, do("", name, "-replicas", "1").status)
	}
	for name, stream := range map[string]string{"put": "KV_webhooks", "publish": "EVENTS", "dispatch": "KV_webhooks"} {
		got := do("", name, "-replicas", "3")
		require.Equal(t, 2, got.status, name)
		require.Equal(t, "cluster: -replicas 3: the stream "+stream+" has 1; omit the flag to use the stream as it is\n", last(got.stderr), name)
	}
}

// last returns the last line of a text.
func last(text string) (line string) {
	for line = range strings.Lines(text) {
	}
	return line
}

// TestNoJetStream: the commands end with the reason instead of trying for long.
func TestNoJetStream(t *testing.T) {
	_, url := serve(t, &server.Options{})
	for name, args := range map[string][]string{"put": nil, "publish": nil, "dispatch": nil, "try": nil, "why": {"-event", "1", "-webhook", organization}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := cluster(t, "", append([]string{name, "-nats", url.String()}, args...)...)
			require.Equal(t, 2, got.status)
			require.Equal(t, "cluster: nats: no responders available for request: no server offers JetStream to this account\n", last(got.stderr))
		})
	}
}

// TestNoPermission: a server does not answer a request that is not permitted, and reports it
// on the connection. The commands end with that error.
func TestNoPermission(t *testing.T) {
	deny := func(name string, subjects ...string) *server.User {
		return &server.User{Username: name, Password: "pass", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: subjects}}}
	}
	_, url := serve(t, &server.Options{JetStream: true, Users: []*server.User{deny("api", "$JS.API.>"), deny("values", "$KV.>"), deny("events", "events.>")}})
	as := func(user string) string {
		u := *url
		u.User = neturl.UserPassword(user, "pass")
		return u.String()
	}
	for _, tc := range []struct{ user, command, subject string }{
		{"api", "put", "$JS.API.STREAM.INFO.KV_webhooks"},
		{"api", "publish", "$JS.API.STREAM.INFO.EVENTS"},
		{"api", "dispatch", "$JS.API.STREAM.INFO.KV_webhooks"},
		{"values", "put", "$KV.webhooks."},
		{"events", "publish", "events."},
	} {
		t.Run(tc.command+" without "+tc.subject, func(t *testing.T) {
			t.Parallel()
			got := cluster(t, "", tc.command, "-nats", as(tc.user))
			require.Equal(t, 2, got.status)
			require.Contains(t, got.stderr, `; the connection's last error: nats: permissions violation: Permissions Violation for Publish to "`+tc.subject)
			require.NotContains(t, got.stderr, "gave up")
		})
	}
}

// TestNoQuorum: a dispatcher that starts while the servers have no leader says so, is not
// ready, and goes on when they have one.
func TestNoQuorum(t *testing.T) {
	c := natstest.Start(t, 2)
	require.Zero(t, cluster(t, "", "put", "-nats", c.URL(), "-replicas", "2").status)
	c.Servers[1].Kill()
	d := startDispatcher(t, "-nats", c.Servers[0].URL, "-metrics", "127.0.0.1:0")
	address := d.address(t)
	eventually(t, func() bool {
		return strings.Contains(d.stderr.String(), "the servers fail or do not answer, retrying for 30s: ")
	})
	require.Equal(t, http.StatusServiceUnavailable, status(t, address))
	text := get(t, address, "/metrics")
	require.Contains(t, text, "hookfilter_feed_age_seconds +Inf\n")
	require.Contains(t, text, "hookfilter_webhooks 0\n")
	c.Servers[1].Start()
	eventually(t, func() bool { return status(t, address) == http.StatusOK })
	require.NotContains(t, get(t, address, "/metrics"), "+Inf\n")
	require.NoError(t, d.stop())
}

// TestOpenOptions: open passes on further options of the connection.
func TestOpenOptions(t *testing.T) {
	connected := make(chan struct{})
	c := new(connection)
	_, disconnect, err := c.open(nats.ConnectHandler(func(*nats.Conn) { close(connected) }))
	require.NoError(t, err)
	defer disconnect()
	eventually(t, func() bool {
		select {
		case <-connected:
			return true
		default:
			return false
		}
	})
}
