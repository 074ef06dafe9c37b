package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	shippedWebhooks = "../../testdata/webhooks"
	shippedEvents   = "../../testdata/events.ndjson"
)

var organization = uuid.MustParse("5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21")

// result is the exit status and the output of a run.
type result struct {
	stdout, stderr string
	status         int
}

func dispatch(stdin io.Reader, args ...string) result {
	var stdout, stderr bytes.Buffer
	err := run(context.Background(), args, stdin, &stdout, &stderr)
	status := cli.Status("dispatch", err, &stderr)
	return result{stdout.String(), stderr.String(), status}
}

// writeOrganization writes the file of an organization.
func writeOrganization(tb testing.TB, dir string, id uuid.UUID, webhooks ...webhook.Webhook) {
	tb.Helper()
	for i := range webhooks {
		webhooks[i].CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	}
	data, err := json.Marshal(map[string]any{"results": webhooks})
	require.NoError(tb, err)
	require.NoError(tb, os.WriteFile(filepath.Join(dir, id.String()+".json"), data, 0o600))
}

// oneWebhook returns a folder in which organization has a webhook that fires for
// every started deployment, and the webhook's id.
func oneWebhook(tb testing.TB) (dir string, id uuid.UUID) {
	tb.Helper()
	dir, id = tb.TempDir(), uuid.New()
	writeOrganization(tb, dir, organization, webhook.Webhook{
		ID: id, Enabled: true, Description: "all", Events: []webhook.EventType{webhook.DeploymentStarted},
	})
	return dir, id
}

// started returns the line of an event of organization, with a newline.
func started(project string) string {
	name, err := json.Marshal(project)
	if err != nil {
		panic(err)
	}
	return `{"organization_id":"` + organization.String() + `","event_type":"DEPLOYMENT_STARTED","project_name":` +
		string(name) + `,"environment_mode":"PRODUCTION"}` + "\n"
}

// writeFile writes a file in a new folder, and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestExitStatus(t *testing.T) {
	dir, _ := oneWebhook(t)
	valid := writeFile(t, "events.ndjson", started("shop"))
	absent := filepath.Join(t.TempDir(), "absent")
	empty := t.TempDir()
	_, noFile := os.ReadFile(empty)
	summary := "events 1, fired 1, deliveries 1, malformed lines 0, invalid webhooks 0\n"
	for _, tc := range []struct {
		name   string
		args   []string
		status int
		stderr string // complete, or a prefix if it ends in …
	}{
		{"valid input", []string{"-webhooks", dir, "-events", valid, "-json"}, 0, summary},
		{"help", []string{"-h"}, 0, "Usage of dispatch:\n…"},
		{"malformed line", []string{"-webhooks", dir, "-events", writeFile(t, "e", "?\n"), "-json"}, 1, "…"},
		{"unknown flag", []string{"-verbose"}, 2, "flag provided but not defined: -verbose\nUsage of dispatch:\n…"},
		{"flag without its value", []string{"-events"}, 2, "flag needs an argument: -events\nUsage of dispatch:\n…"},
		{"argument", []string{"-json", "events.ndjson"}, 2, "unexpected argument: \"events.ndjson\"\nUsage of dispatch:\n…"},
		{"no such folder", []string{"-webhooks", absent, "-events", valid}, 2, "dispatch: -webhooks: open " + absent + ": " + syscall.ENOENT.Error() + "\n"},
		{"folder without webhooks", []string{"-webhooks", empty, "-events", valid}, 2, "dispatch: -webhooks: " + empty + ": no file <organizationId>.json in the folder\n"},
		{"no such file", []string{"-webhooks", dir, "-events", absent}, 2, "dispatch: -events: open " + absent + ": " + syscall.ENOENT.Error() + "\n"},
		{"file that cannot be read", []string{"-webhooks", dir, "-events", empty, "-json"}, 2, "dispatch: " + noFile.Error() + "\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := dispatch(strings.NewReader(""), tc.args...)
			require.Equal(t, tc.status, got.status, got.stderr)
			if beginning, cut := strings.CutSuffix(tc.stderr, "…"); cut {
				require.Equal(t, beginning, got.stderr[:min(len(beginning), len(got.stderr))])
			} else {
				require.Equal(t, tc.stderr, got.stderr)
			}
			if tc.status == 2 {
				require.Empty(t, got.stdout)
			}
		})
	}
}

func TestSummary(t *testing.T) {
	dir, _ := oneWebhook(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, uuid.Max.String()+".json"), []byte(`{"results":[17]}`), 0o600))
	input := started("a") + strings.Replace(started("b"), "STARTED", "FAILURE", 1) + "\n?\n" + started("c")
	const summary = "events 3, fired 2, deliveries 2, malformed lines 1, invalid webhooks 1\n"
	t.Run("text: on standard output", func(t *testing.T) {
		got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-")
		require.True(t, strings.HasSuffix(got.stdout, "\n"+summary), got.stdout)
		require.NotContains(t, got.stderr, summary)
	})
	t.Run("-json: on standard error", func(t *testing.T) {
		got := dispatch(strings.NewReader(input), "-webhooks", dir, "-events", "-", "-json")
		require.True(t, strings.HasSuffix(got.stderr, "\n"+summary), got.stderr)
		require.NotContains(t, got.stdout, summary)
	})
}
