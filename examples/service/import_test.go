//go:build linux

package main

import (
	"database/sql"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestImport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "webhooks.db")
	db := "sqlite:" + file
	store, err := openStore(t.Context(), db)
	require.NoError(t, err)
	defer store.Close()
	at := func() uint64 {
		f, err := store.Follow(t.Context())
		require.NoError(t, err)
		defer f.Close()
		return f.Revision()
	}
	second, newer := uuid.NewString(), uuid.NewString()
	dir := folder(t, described(first, "x"), described(second, "y"), `{"id":"`+uuid.NewString()+`","kind":1}`, `7`,
		`{"id":"`+newer+`","created_at":"2023-11-07T05:31:56Z","kind":"TEAMS","target_url":"ftp://host/SECRET","events":["DEPLOYMENT_QUEUED"]}`)
	p := start(t, "-db", db, "-import", dir)
	require.EqualValues(t, 3, at(), "the values of a newer API are imported")
	require.Equal(t, 2, strings.Count(p.stderr.String(), "not imported"), &p.stderr)
	require.NotContains(t, p.stderr.String(), "host/SECRET")
	_, err = store.Delete(t.Context(), uuid.MustParse(acme), uuid.MustParse(newer))
	require.NoError(t, err)

	// Only webhooks that differ are put, and none is deleted.
	dir = folder(t, described(second, "z"))
	start(t, "-db", db, "-import", dir)
	require.EqualValues(t, 5, at())
	all, err := store.Webhooks(t.Context(), uuid.MustParse(acme))
	require.NoError(t, err)
	require.Len(t, all, 2)
	start(t, "-db", db, "-import", dir)
	require.EqualValues(t, 5, at())

	// An invalid version is refused, and the stored one stays.
	invalid := strings.Replace(described(second, "invalid"), `"description"`, `"project_names_filter":[""],"description"`, 1)
	p = start(t, "-db", db, "-import", folder(t, invalid, described(first, "x")))
	require.Contains(t, p.stderr.String(), "project_names_filter[0]: empty")
	require.EqualValues(t, 5, at())

	// A broken row is repaired, and no other webhook is put.
	broken, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = broken.Exec(`UPDATE hookfilter_webhooks SET document = '{' WHERE id = ?`, second)
	require.NoError(t, err)
	require.NoError(t, broken.Close())
	_, err = store.Webhooks(t.Context(), uuid.MustParse(acme))
	require.ErrorContains(t, err, second)
	start(t, "-db", db, "-import", folder(t, described(second, "repaired"), described(first, "x")))
	all, err = store.Webhooks(t.Context(), uuid.MustParse(acme))
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.EqualValues(t, 6, at())

	// Nothing is imported from a folder with a file that cannot be read as a whole.
	dir = folder(t, described(first, "not imported"))
	write(t, filepath.Join(dir, uuid.NewString()+".json"), "{")
	err = run(t.Context(), []string{"-db", db, "-import", dir}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "-import: "+dir)
	require.ErrorContains(t, err, ".json:1: invalid format: not JSON: unexpected end")
	require.EqualValues(t, 6, at())
}
