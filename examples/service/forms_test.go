//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A list in the form of the vendor's CLI is imported. A create request is refused, and its
// secret is neither stored nor shown.
func TestImportForms(t *testing.T) {
	store, err := openStore(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "webhooks.db"))
	require.NoError(t, err)
	defer store.Close()
	organizationID, id := uuid.New(), uuid.New()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, organizationID.String()+".json"), []byte(
		`[{"id":"`+id.String()+`","created_at":"2023-11-07 05:31:56.5 +0000 UTC","target_secret":"s3cret"},`+
			`{"description":"a request","target_secret":"s3cret","events":[]}]`), 0o600))
	var log bytes.Buffer
	_, err = importFolder(t.Context(), store, dir, slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, err)
	require.Contains(t, log.String(), "results[1].id: required: this is a request to create or edit a webhook")
	require.NotContains(t, log.String(), "s3cret")
	all, err := store.Webhooks(t.Context(), organizationID)
	require.NoError(t, err)
	text, err := json.Marshal(all)
	require.NoError(t, err)
	require.JSONEq(t, `[{"id":"`+id.String()+`","created_at":"2023-11-07T05:31:56.5Z"}]`, string(text))
}
