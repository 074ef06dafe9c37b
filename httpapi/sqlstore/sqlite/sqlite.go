// Package sqlite opens a sqlstore.Store on SQLite with the driver modernc.org/sqlite, which needs no
// cgo.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	_ "modernc.org/sqlite" // the driver

	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
)

// maxConns is the maximum number of connections.
const maxConns = 16

// Open opens a database and migrates its tables:
//
//	sqlite:FILE       a file, which is created if it does not exist
//	sqlite::memory:   a database in memory that only this Store uses
//
// The error is httpapi.ErrUnavailable if the database is locked for too long. Several processes may
// open the same file at the same time. ctx is for this call alone.
//
// If the file is removed or replaced while the store is open, every operation fails until the
// program is restarted.
func Open(ctx context.Context, url string, opts ...sqlstore.Option) (*sqlstore.Store, error) {
	name, err := dataSource(url)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %v", err)
	}
	conns := maxConns
	if url == "sqlite::memory:" {
		conns = 1 // each connection would have its own database
	}
	db.SetMaxOpenConns(conns)
	s := sqlstore.New(db, sqlstore.SQLite, opts...)
	if err := sqlstore.Migrate(ctx, db, sqlstore.SQLite, opts...); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// dataSource returns the data source name for a URL.
func dataSource(rawURL string) (string, error) {
	file, ok := strings.CutPrefix(rawURL, "sqlite:")
	switch {
	case !ok:
		return "", errors.New("sqlstore: unsupported URL scheme: want sqlite")
	case file == "":
		return "", errors.New("sqlstore: the SQLite URL has no file")
	}
	// With WAL, readers do not wait for the writer. With FULL, committed changes are on the disk. After
	// the busy timeout, Store executes a statement again until the timeout of its operation.
	parameters := url.Values{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"},
		"_busy_timeout": {"5000"},
		"_txlock":       {"immediate"},
	}
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + parameters.Encode(), nil
}
