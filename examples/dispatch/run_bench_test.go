package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/webhook"
)

// BenchmarkRun runs the program with -json on a file that repeats the shipped events, with
// all 25 shipped webhooks in one organization.
func BenchmarkRun(b *testing.B) {
	const events = 200_000
	organizations, err := webhookdir.Read(shippedWebhooks)
	require.NoError(b, err)
	var webhooks []webhook.Webhook
	for _, o := range organizations {
		for _, w := range o.Webhooks {
			webhooks = append(webhooks, *w)
		}
	}
	require.Len(b, webhooks, 25)
	dir := b.TempDir()
	writeOrganization(b, dir, organization, webhooks...)

	shipped, err := os.ReadFile(shippedEvents)
	require.NoError(b, err)
	id, err := json.Marshal(organization)
	require.NoError(b, err)
	shipped = regexp.MustCompile(`"organization_id":"[^"]*"`).ReplaceAll(shipped, append([]byte(`"organization_id":`), id...))
	file := filepath.Join(b.TempDir(), "events.ndjson")
	require.NoError(b, os.WriteFile(file, bytes.Repeat(shipped, events/200), 0o600))

	b.SetBytes(int64(len(shipped) * events / 200))
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, run(context.Background(), []string{"-webhooks", dir, "-events", file, "-json"}, nil, io.Discard, io.Discard))
	}
	b.ReportMetric(float64(b.N)*events/b.Elapsed().Seconds(), "events/s")
}
