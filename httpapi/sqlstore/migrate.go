package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// newest is the version of the newest migration in this package.
const newest = 1

// Migrate creates or migrates the tables of this package, whose names begin with hookfilter_. The
// role must have the right to create tables only if something has to be migrated. Several processes
// may call Migrate at the same time. The error is [httpapi.ErrUnavailable] if the database does not
// respond within the timeout of [WithTimeout]; a migration takes as long as ctx permits. The other
// options have no effect.
//
// Migrate returns an error if a newer version of this package has migrated the database.
func Migrate(ctx context.Context, db *sql.DB, dialect Dialect, opts ...Option) error {
	s, err := newStore(db, dialect, opts)
	if err != nil {
		return err
	}
	files, err := fs.Sub(migrations, s.migrations)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(s.goose, db, files,
		goose.WithTableName("hookfilter_migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	// If several calls create the same table at the same time, one succeeds. The others fail, and
	// find the table when they try again. So a call may fail once for the table of migrations and
	// once for each migration.
	var failed error
	for range 2 + newest {
		version, mayCreate, err := s.version(ctx, "migrate", s.timeout)
		if err != nil || version == newest {
			return err
		}
		if !mayCreate {
			return errors.New("sqlstore: migrate: the role may not create tables in the schema: call Migrate with a role that may")
		}
		if _, failed = provider.Up(ctx); failed == nil {
			return nil
		}
	}
	return s.failure(ctx, "migrate", failed)
}

// version returns the version of the database, 0 if it has no tables, and whether the role may
// create tables. A version newer than this package is an error.
func (s *Store) version(ctx context.Context, what string, timeout time.Duration) (version int64, mayCreate bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	var exists bool
	err = s.query(ctx, what, func(rows *sql.Rows) error { return rows.Scan(&exists, &mayCreate) }, s.migrationsTable)
	if err == nil && exists {
		err = s.query(ctx, what, func(rows *sql.Rows) error { return rows.Scan(&version) },
			`SELECT coalesce(max(version_id), 0) FROM hookfilter_migrations`)
	}
	if err == nil && version > newest {
		err = fmt.Errorf("sqlstore: %s: the database has version %d of the tables, from a newer version of this module: want at most %d", what, version, newest)
	}
	return version, mayCreate, err
}
