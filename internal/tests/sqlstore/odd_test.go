//go:build linux

package sqlstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
)

func dialectOf(url string) sqlstore.Dialect {
	if url[:6] == "sqlite" {
		return sqlstore.SQLite
	}
	return sqlstore.PostgreSQL
}

// deleted inserts n records of deletions that are older than the retention, and returns the id of
// one of them.
func deleted(t *testing.T, url string, organization uuid.UUID, n int) (id uuid.UUID) {
	t.Helper()
	at := `now() - interval '8 days'`
	if dialectOf(url) == sqlstore.SQLite {
		at = `unixepoch() - 8*24*3600`
	}
	var queries []string
	for range n {
		id = uuid.New()
		queries = append(queries, `UPDATE hookfilter_changes SET last = last + 1`, fmt.Sprintf(`
INSERT INTO hookfilter_webhooks (organization_id, id, change, deleted_at)
SELECT '%s', '%s', last, %s FROM hookfilter_changes`, organization, id, at))
	}
	exec(t, url, queries...)
	return id
}

// More deletions are purged than one statement removes, while a feed follows the database.
func testPurge(t *testing.T, url string) {
	s := open(t, url)
	f := follow(t, s)
	organization := uuid.New()
	deleted(t, url, organization, 1200)
	w := made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	revision, err := s.Delete(t.Context(), organization, w.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return count(t, url, `SELECT count(*) FROM hookfilter_webhooks WHERE organization_id = '`+organization.String()+`'`) == 1
	}, soon, time.Millisecond)
	wait(t, f, revision)
	require.Equal(t, 1, count(t, url, `SELECT count(*) FROM hookfilter_changes WHERE purged = last - 2`))
	require.Empty(t, contents(t, s, organization))
}

// The database has a migration that package sqlstore does not know.
func testNewer(t *testing.T, url string) {
	s := open(t, url)
	exec(t, url, `INSERT INTO hookfilter_migrations (version_id, is_applied) VALUES (99, true)`)
	db := raw(t, url)
	defer db.Close()
	_, openErr := openURL(t.Context(), url)
	_, followErr := s.Follow(t.Context())
	for _, err := range []error{openErr, followErr, sqlstore.Migrate(t.Context(), db, dialectOf(url))} {
		require.ErrorContains(t, err, "version 99 of the tables, from a newer version of this module: want at most 1")
		require.NotErrorIs(t, err, httpapi.ErrUnavailable)
	}
}

// The database does not have the tables.
func testNotMigrated(t *testing.T, url string) {
	s := sqlstore.New(raw(t, url), dialectOf(url), sqlstore.WithTimeout(soon))
	defer s.Close()
	_, err := s.Follow(t.Context())
	require.ErrorContains(t, err, "the database has version 0 of the tables: want 1: call Migrate")
	require.NotErrorIs(t, err, httpapi.ErrUnavailable)
	_, putErr := s.Put(t.Context(), uuid.New(), made(""))
	for _, err := range []error{putErr, s.Ping(t.Context())} {
		require.ErrorContains(t, err, "the tables are missing: call Migrate")
		require.NotErrorIs(t, err, httpapi.ErrUnavailable)
	}
	db := raw(t, url)
	defer db.Close()
	require.NoError(t, sqlstore.Migrate(t.Context(), db, dialectOf(url)))
	f := follow(t, s, sqlstore.WithInterval(time.Millisecond))
	organization, w := uuid.New(), made("")
	_, err = s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return f.Revision() == 1 }, soon, time.Millisecond)
}

// The file is removed or replaced while the store has it open.
func TestSQLiteFileMoved(t *testing.T) {
	for name, move := range map[string]func(t *testing.T, file string){
		"removed": func(t *testing.T, file string) {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				require.NoError(t, os.Remove(file+suffix))
			}
		},
		"replaced": func(t *testing.T, file string) {
			other := filepath.Join(t.TempDir(), "other.db")
			require.NoError(t, open(t, "sqlite:"+other).Close())
			require.NoError(t, os.Rename(other, file))
		},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "webhooks.db")
			s := open(t, "sqlite:"+file)
			log := newLogged()
			follow(t, s, log.option())
			organization, w := uuid.New(), made("")
			_, err := s.Put(t.Context(), organization, w)
			require.NoError(t, err)
			move(t, file)
			_, putErr := s.Put(t.Context(), organization, w)
			_, getErr := s.Webhook(t.Context(), organization, w.ID)
			_, listErr := s.Webhooks(t.Context(), organization)
			for _, err := range []error{putErr, getErr, listErr, s.Ping(t.Context())} {
				require.ErrorContains(t, err, "the database file was removed or replaced while it was open: restart the program")
				require.NotErrorIs(t, err, httpapi.ErrUnavailable)
			}
			log.next(t, "WARN webhooks are not followed error=sqlstore: follow: the database file was removed or replaced")
		})
	}
}
