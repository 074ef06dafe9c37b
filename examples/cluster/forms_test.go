package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// TestPublishForms: publish stores the events of other forms in our form, each once.
func TestPublishForms(t *testing.T) {
	c := natstest.Start(t, 1)
	js := c.Connect()
	file := "../../testdata/forms/past-deliveries-cli.json"
	publish := func(args ...string) result {
		t.Helper()
		return cluster(t, "", append([]string{"publish", "-nats", c.URL(), "-events", file}, args...)...)
	}
	got := publish("-webhooks", sampleWebhooks)
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, "published 3, duplicates 0, malformed lines 0,")
	var stored []string
	for _, m := range storedIn(t, js, eventsStream) {
		stored = append(stored, string(m.Data))
	}
	require.Equal(t, []string{
		`{"organization_id":"8f36c487-4e75-4da9-a5bc-d7916f1acda0","event_type":"DEPLOYMENT_FAILURE","project_name":"checkout","environment_mode":"PRODUCTION","id":"f00d0001-0000-4000-8000-000000000001"}`,
		`{"organization_id":"8f36c487-4e75-4da9-a5bc-d7916f1acda0","event_type":"DEPLOYMENT_SUCCESSFUL","project_name":"storefront","environment_mode":"PRODUCTION","id":"f00d0002-0000-4000-8000-000000000002"}`,
		`{"organization_id":"8f36c487-4e75-4da9-a5bc-d7916f1acda0","event_type":"DEPLOYMENT_STARTED","project_name":"Straße","environment_mode":"DEVELOPMENT","id":"f00d0003-0000-4000-8000-000000000003"}`,
	}, stored)
	require.Contains(t, publish("-webhooks", sampleWebhooks).stdout, "published 0, duplicates 3,")

	got = publish() // without the names
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "payload.payload.project.name: missing")
	got = publish("-webhooks", "absent")
	require.Equal(t, 2, got.status)
	require.Contains(t, got.stderr, "-webhooks: ")
}

// TestRequests: put refuses a create request, and try judges it.
func TestRequests(t *testing.T) {
	c := natstest.Start(t, 1)
	do := func(stdin, name string, args ...string) result {
		t.Helper()
		return cluster(t, stdin, append([]string{name, "-nats", c.URL()}, args...)...)
	}
	organizationID := uuid.New()
	dir := t.TempDir()
	write := func(list string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, organizationID.String()+".json"), []byte(list), 0o600))
	}
	webhook := `{"id":"` + uuid.NewString() + `","created_at":"2023-11-07 05:31:56.5 +0000 UTC","events":["DEPLOYMENT_STARTED"]}`
	write("[" + webhook + "]")
	got := do("", "put", "-webhooks", dir)
	require.Equal(t, "put 1, deleted 0, unchanged 0, invalid webhooks 0\n", got.stderr)
	require.Zero(t, do(eventLine(organizationID, "shop"), "publish", "-events", "-").status)

	write("[" + webhook + `,{"description":"Pager","target_secret":"` + secret + `","events":["DEPLOYMENT_FAILURE"]}]`)
	got = do("", "put", "-webhooks", dir)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "results[1].id: required: this is a request to create or edit a webhook")
	require.Contains(t, got.stderr, "put 0, deleted 0, unchanged 1, invalid webhooks 1\n")
	got = do("", "try", "-webhooks", dir)
	require.Zero(t, got.status, got.stderr)
	require.Contains(t, got.stdout, fmt.Sprintf("added: event 1, webhook %s \"Pager\" (not created yet): ", uuid.NewSHA1(organizationID, []byte("description Pager"))))
	require.Contains(t, got.stdout, `"Pager" (not created yet): for example `)
	require.Contains(t, got.stdout, "events 1, deliveries added 1, removed 0\n")

	write("[" + webhook + ",\n" + `{"description":"Pager","events":[""]}]`)
	got = do("", "try", "-webhooks", dir)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, fmt.Sprintf("%s.json:2: webhook %s \"Pager\" (not created yet): events[0]: empty\n", organizationID, uuid.NewSHA1(organizationID, []byte("description Pager"))))
}
