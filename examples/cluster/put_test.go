package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

// TestPut: put makes the bucket equal to a folder, but keeps the versions of webhooks that are
// invalid in the folder, and keys that are not of a webhook.
func TestPut(t *testing.T) {
	js, do, _ := startServer(t)
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
	first := do("", "put", "-webhooks", dir, "-prune")
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
	require.NoError(t, err, "the version in the bucket stays")
	require.Contains(t, second.stderr, `key "foreign" is not of the form <organizationId>.<webhookId> and stays`)
	require.Greater(t, number(t, second.stdout), number(t, first.stdout))

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
	require.Contains(t, got.stderr, unread+":1: invalid format: ")
	require.NotContains(t, got.stderr, "put ")
	require.NoError(t, os.Remove(unread))
	writeFolder(t, dir, organizationID, kept, changed)
	got = do("", "put", "-webhooks", dir)
	require.Contains(t, got.stderr, "put 0, deleted 1, unchanged 2, invalid webhooks 0\n")
}

// TestPutTooLarge: a webhook that is larger than max_payload of the servers is refused like an
// invalid one. The largest one that the servers accept is put.
func TestPutTooLarge(t *testing.T) {
	js, do, _ := startServer(t)
	organizationID := uuid.New()
	most := int(js.Conn().MaxPayload())
	large, other := newWebhook("large"), newWebhook("other")
	large.Description = "x"
	grow := func(size int) { // makes the JSON of large that long
		data, err := large.MarshalJSON()
		require.NoError(t, err)
		large.Description += strings.Repeat("x", size-len(data))
	}
	dir := t.TempDir()
	grow(most)
	writeFolder(t, dir, organizationID, large)
	got := do("", "put", "-webhooks", dir)
	require.Equal(t, "put 1, deleted 0, unchanged 0, invalid webhooks 0\n", got.stderr)

	grow(most + 1)
	writeFolder(t, dir, organizationID, large, other)
	refused := fmt.Sprintf("organization %s, webhook %s: too large: its JSON takes %d bytes: want at most %d, which is max_payload of the servers\n",
		organizationID, large.ID, most+1, most)
	got = do("", "put", "-webhooks", dir, "-dry-run")
	require.Equal(t, 1, got.status)
	require.Equal(t, refused+"would put 1, delete 0, unchanged 0, invalid webhooks 1\n", got.stderr)
	got = do("", "put", "-webhooks", dir)
	require.Equal(t, 1, got.status)
	require.Equal(t, refused+"put 1, deleted 0, unchanged 0, invalid webhooks 1\n", got.stderr)
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	stays, err := kv.Get(t.Context(), natsfeed.Key(organizationID, large.ID))
	require.NoError(t, err)
	require.Len(t, stays.Value(), most)
}

// TestPutPrune: webhooks of an organization whose file is missing are deleted with -prune
// only, whether they are valid or not.
func TestPutPrune(t *testing.T) {
	js, do, _ := startServer(t)
	here, missing := uuid.New(), uuid.New()
	both, one := t.TempDir(), t.TempDir()
	kept := newWebhook("p")
	writeFolder(t, both, here, kept, newWebhook("p"))
	writeFolder(t, both, missing, newWebhook("p"))
	require.Zero(t, do("", "put", "-webhooks", both).status)
	kv, err := js.KeyValue(t.Context(), bucket)
	require.NoError(t, err)
	_, err = kv.Put(t.Context(), natsfeed.Key(missing, uuid.New()), []byte("no webhook"))
	require.NoError(t, err)

	writeFolder(t, one, here, kept)
	got := do("", "put", "-webhooks", one)
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, "organization "+missing.String()+" has no file in the folder, and 2 of its webhooks stay; -prune deletes them\n"+
		"put 0, deleted 1, unchanged 1, invalid webhooks 0\n", got.stderr)
	got = do("", "put", "-webhooks", one, "-prune")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, "put 0, deleted 2, unchanged 1, invalid webhooks 0\n", got.stderr)
	keys, err := kv.Keys(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{natsfeed.Key(here, kept.ID)}, keys)
}

// TestPutDryRun: -dry-run prints what put would change, and writes nothing.
func TestPutDryRun(t *testing.T) {
	js, do, _ := startServer(t)
	organizationID, other := uuid.New(), uuid.New()
	dir := t.TempDir()
	webhooks := []*webhook.Webhook{newWebhook("p"), newWebhook("p"), newWebhook("p"), newWebhook("p")}
	slices.SortFunc(webhooks, func(a, b *webhook.Webhook) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	lines := func(whats ...string) string {
		var all strings.Builder
		for i, what := range whats {
			if what != "" {
				fmt.Fprintf(&all, "%s: organization %s, webhook %s\n", what, organizationID, webhooks[i].ID)
			}
		}
		return all.String()
	}

	writeFolder(t, dir, organizationID, webhooks[:3]...)
	got := do("", "put", "-webhooks", dir, "-dry-run")
	require.Zero(t, got.status, got.stderr)
	require.Equal(t, lines("put, new", "put, new", "put, new"), got.stdout)
	require.Equal(t, "the bucket webhooks does not exist and would be created\n"+
		"would put 3, delete 0, unchanged 0, invalid webhooks 0\n", got.stderr)
	_, err := js.KeyValue(t.Context(), bucket)
	require.ErrorIs(t, err, jetstream.ErrBucketNotFound)

	put := do("", "put", "-webhooks", dir)
	require.Zero(t, put.status, put.stderr)
	webhooks[1].Description = "changed"
	invalid := *webhooks[2]
	invalid.ProjectNamesFilter = []string{""}
	writeFolder(t, dir, organizationID, webhooks[1], &invalid, webhooks[3])
	got = do("", "put", "-webhooks", dir, "-dry-run")
	require.Equal(t, 1, got.status, "a webhook is invalid")
	require.Equal(t, lines("delete", "put, changed", "", "put, new"), got.stdout)
	require.Contains(t, got.stderr, "would put 2, delete 1, unchanged 0, invalid webhooks 1\n")

	// An organization without a file, with and without -prune.
	require.NoError(t, os.Remove(filepath.Join(dir, organizationID.String()+".json")))
	writeFolder(t, dir, other, []*webhook.Webhook{}...)
	got = do("", "put", "-webhooks", dir, "-dry-run")
	require.Empty(t, got.stdout)
	require.Contains(t, got.stderr, "organization "+organizationID.String()+" has no file in the folder, and 3 of its webhooks stay")
	got = do("", "put", "-webhooks", dir, "-dry-run", "-prune")
	require.Equal(t, lines("delete", "delete", "delete"), got.stdout)

	stream, err := js.Stream(t.Context(), bucketStream)
	require.NoError(t, err)
	require.Equal(t, number(t, put.stdout), stream.CachedInfo().State.LastSeq, "nothing was written")
}
