package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/events"
)

const sampleSummary = "events 200, fired 140, deliveries 193, malformed lines 0, invalid webhooks 0\n"

func TestEmbedded(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	got := cluster(t, "")
	require.Zero(t, got.status, got.stderr)
	require.Empty(t, got.stderr)
	lines := strings.SplitAfter(strings.TrimSuffix(got.stdout, "\n"), "\n")
	require.Len(t, lines, 1+193+1)
	require.Regexp(t, "^EVENT +ORGANIZATION +WEBHOOK", lines[0])
	require.Equal(t, strings.TrimSpace(sampleSummary), lines[194])

	got = cluster(t, "", "-json")
	require.Zero(t, got.status)
	require.Equal(t, sampleSummary, got.stderr)
	all := make(map[string]int)
	for _, d := range deliveriesIn(t, got.stdout) {
		all[fmt.Sprint(d.EventSeq, " ", d.WebhookID)]++
		require.NotZero(t, d.Revision)
	}
	require.Equal(t, expected(t, sampleWebhooks, sampleEvents, 1), all)

	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)
	require.NoError(t, os.Remove(temporary))
	got = cluster(t, "")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, temporary)
}

// TestInvalidLines: an invalid line is reported, and the other lines are processed.
func TestInvalidLines(t *testing.T) {
	line := `{"organization_id":"` + organization + `","event_type":"DEPLOYMENT_FAILURE","project_name":"checkout","environment_mode":"PRODUCTION"}`
	got := cluster(t, "\n"+line+"\nhello\n"+line, "-events", "-", "-json")
	require.Equal(t, 1, got.status)
	require.Len(t, deliveriesIn(t, got.stdout), 2*3)
	require.Contains(t, got.stderr, "stdin:3: ")
	require.Contains(t, got.stderr, "events 2, fired 2, deliveries 6, malformed lines 1, invalid webhooks 0\n")

	got = cluster(t, "", "-events", "-")
	require.Zero(t, got.status, "no events at all")
	require.Contains(t, got.stdout, "events 0, fired 0, deliveries 0")
	got = cluster(t, "\ufeff"+line+"\n"+strings.Repeat("x", events.MaxLine+1)+"\n"+line, "-events", "-")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, fmt.Sprintf("stdin:2: longer than %d bytes\n", events.MaxLine))
	require.Contains(t, got.stdout, "events 2, fired 2, deliveries 6, malformed lines 1,")
	got = cluster(t, "["+line+"\n", "-events", "-")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "cluster: stdin: line 2: not JSON: unexpected end")
}

func TestArguments(t *testing.T) {
	for name, tc := range map[string]struct {
		args   []string
		status int
		stderr string
	}{
		"help":            {[]string{"-h"}, 0, "the program runs an embedded server in a temporary folder"},
		"command help":    {[]string{"put", "-h"}, 0, `(default "nats://127.0.0.1:4222")`},
		"unknown command": {[]string{"get"}, 2, `unknown command "get"`},
		"unknown flag":    {[]string{"put", "-events", "x"}, 2, "-events"},
		"argument":        {[]string{"dispatch", "x"}, 2, `unexpected argument: "x"`},
		"no folder":       {[]string{"-webhooks", "nowhere"}, 2, "cluster: -webhooks: open nowhere: "},
		"no file":         {[]string{"-events", "nowhere"}, 2, "cluster: -events: open nowhere: "},
		"not a URL":       {[]string{"put", "-nats", "nats://u:" + secret + "@h:x"}, 2, "cluster: -nats: invalid URL: want nats://HOST:PORT"},
		"no event":        {[]string{"why", "-webhook", organization}, 2, "cluster: -event: want the sequence of an event, from 1"},
		"no server":       {[]string{"put", "-nats", "nats://u:" + secret + "@127.0.0.1:1, " + secret + "@127.0.0.1:2"}, 2, `cluster: -nats "nats://127.0.0.1:1,nats://127.0.0.1:2": nats: no servers available`},
		"no credentials":  {[]string{"put", "-creds", "nowhere"}, 2, "nowhere"},
		"no seed":         {[]string{"put", "-nkey", "nowhere"}, 2, "nowhere"},
		"no certificate":  {[]string{"put", "-tlscert", "nowhere"}, 2, "nowhere"},
		"no authority":    {[]string{"put", "-tlsca", "nowhere"}, 2, "nowhere"},
		"not an id":       {[]string{"why", "-webhook", "x"}, 2, "-webhook: not a UUID"},
		"-3 replicas":     {[]string{"put", "-replicas", "-3"}, 2, "-replicas -3: want a positive number, or 0"},
		"not an address":  {[]string{"-metrics", "x"}, 2, "cluster: -metrics: listen tcp: address x: "},
	} {
		t.Run(name, func(t *testing.T) {
			got := cluster(t, "", tc.args...)
			require.Equal(t, tc.status, got.status)
			require.Contains(t, got.stderr, tc.stderr)
		})
	}
}
