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

// newest is the version of the migrations that this package has.
const newest = 1

// Migrate creates or migrates the tables of this package, whose names begin with hookfilter_. It
// needs a role that may create tables only if there is something to do. Several
// processes may call it at once. A database that does not answer within the timeout of
// [WithTimeout] is [httpapi.ErrUnavailable]; a migration takes as long as ctx allows. The other
// options have no effect.
//
// Migrate refuses a database that a newer version of this package has migrated.
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
	// Where several start at once, one makes a table and the others fail at it, and
	// find it at their next try: the table of migrations, and what each of them makes.
	var failed error
	for range 2 + newest {
		version, mayCreate, err := s.version(ctx, "migrate", s.timeout)
		if err != nil || version == newest {
			return err
		}
		if !mayCreate {
			return errors.New("sqlstore: migrate: the role may not create tables in the schema; call Migrate with one that may")
		}
		if _, failed = provider.Up(ctx); failed == nil {
			return nil
		}
	}
	return s.failure(ctx, "migrate", failed)
}

// version returns the version that the database has, 0 if it has no tables, and whether the role
// may create tables. A version that is newer than this package is an error.
func (s *Store) version(ctx context.Context, what string, timeout time.Duration) (version int64, mayCreate bool, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	defer cancel()
	var there bool
	err = s.query(ctx, what, func(rows *sql.Rows) error { return rows.Scan(&there, &mayCreate) }, s.migrationsTable)
	if err == nil && there {
		err = s.query(ctx, what, func(rows *sql.Rows) error { return rows.Scan(&version) },
			`SELECT coalesce(max(version_id), 0) FROM hookfilter_migrations`)
	}
	if err == nil && version > newest {
		err = fmt.Errorf("sqlstore: %s: the database has version %d of the tables, from a newer version of this module, which knows %d", what, version, newest)
	}
	return version, mayCreate, err
}
