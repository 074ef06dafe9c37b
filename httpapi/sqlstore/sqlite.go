package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The triggers of the migration write the counter.
const (
	sqlitePut = `
INSERT INTO hookfilter_webhooks (organization_id, id, document, change)
SELECT ?1, ?2, ?3, last + 1 FROM hookfilter_changes WHERE true
ON CONFLICT (organization_id, id) DO UPDATE SET document = excluded.document, deleted_at = NULL, change = excluded.change
RETURNING change, NULL`

	sqliteDelete = `
UPDATE hookfilter_webhooks SET document = NULL, deleted_at = unixepoch(), change = (SELECT last + 1 FROM hookfilter_changes)
WHERE organization_id = ?1 AND id = ?2 AND document IS NOT NULL
RETURNING change, NULL`

	sqlitePurge = `DELETE FROM hookfilter_webhooks WHERE deleted_at < unixepoch() - ?1`
)

func (s *Store) openSQLite(file string) error {
	if file == "" {
		return errors.New("sqlstore: the sqlite URL names no file")
	}
	// Readers do not wait for the writer, what is committed is on the disk, and a
	// writer waits for the one before as long as for a slow database.
	parameters := url.Values{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_busy_timeout": {fmt.Sprint(patience.Milliseconds())},
		"_txlock":       {"immediate"},
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+parameters.Encode())
	if err != nil {
		return fmt.Errorf("sqlstore: %v", err)
	}
	conns := maxConns
	if file == ":memory:" {
		conns = 1 // each would have a database of its own
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	s.db = db
	s.dialect = dialect{
		put: sqlitePut, delete: sqliteDelete, purge: sqlitePurge,
		parameter: "?",
		// SQLite's own waiting is by sleeping and trying: under load some never get it.
		writer: make(chan struct{}, 1),
		passes: sqlitePasses,
		listen: func(context.Context, func()) {}, // SQLite tells nobody
	}
	return nil
}

func sqlitePasses(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return true
	}
	return false
}
