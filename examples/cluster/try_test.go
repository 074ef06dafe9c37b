package main

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// TestTry: try prints what a put of the folder would change for the stored events.
func TestTry(t *testing.T) {
	js, do, _ := startServer(t)
	dir := t.TempDir()
	organizationID := uuid.New()
	kept, changed := newWebhook("kept"), newWebhook("other")
	writeFolder(t, dir, organizationID, kept, changed)
	require.Zero(t, do("", "put", "-webhooks", dir).status)
	for _, line := range []string{eventLine(organizationID, "changed"), eventLine(organizationID, "other"), eventLine(organizationID, "kept"), "hello"} {
		_, err := openEvents(t.Context(), js, 1)
		require.NoError(t, err)
		_, err = js.Publish(t.Context(), "events.x", []byte(line))
		require.NoError(t, err)
	}

	invalid := *kept
	invalid.ProjectNamesFilter = []string{""}
	writeFolder(t, dir, organizationID, &invalid, changed)
	got := do("", "try", "-webhooks", dir)
	require.Equal(t, 1, got.status)
	require.Equal(t, "events 3, deliveries added 0, removed 0\n", got.stdout, "put would leave the version that is there")
	writeFolder(t, dir, organizationID, kept, changed)
	got = do("", "try", "-webhooks", dir)
	require.Equal(t, "events 3, deliveries added 0, removed 0\n", got.stdout)
	changed.ProjectNamesFilter = []string{"changed"}
	writeFolder(t, dir, organizationID, changed)
	got = do("", "try", "-webhooks", dir)
	require.Zero(t, got.status, got.stderr)
	for _, want := range []string{
		fmt.Sprintf("added: possible events, webhook %s: for example ", changed.ID),
		fmt.Sprintf("removed: possible events, webhook %s: for example ", kept.ID),
		fmt.Sprintf("added: event 1, webhook %s: ", changed.ID),
		fmt.Sprintf(`removed: event 2, webhook %s: project_names_filter ["changed"] does not match "other"`, changed.ID),
		fmt.Sprintf("removed: event 3, webhook %s: the webhook is not in the folder", kept.ID),
		"events 3, deliveries added 1, removed 2\n",
	} {
		require.Contains(t, got.stdout, want)
	}
	got = do("", "try", "-webhooks", dir, "-last", "2") // one event and the one that cannot be read
	require.Contains(t, got.stdout, "events 1, deliveries added 0, removed 1\n")

	// Like put, try leaves the webhooks of organizations without a file alone.
	other := t.TempDir()
	writeFolder(t, other, uuid.New(), newWebhook("p"))
	require.Contains(t, do("", "try", "-webhooks", other).stdout, "events 3, deliveries added 0, removed 0\n")
	require.Contains(t, do("", "try", "-webhooks", other, "-prune").stdout, "events 3, deliveries added 0, removed 2\n")
}
