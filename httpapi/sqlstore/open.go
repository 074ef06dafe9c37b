package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations
var migrations embed.FS

// Open opens the database at url, and makes or migrates its tables, whose names begin
// with hookfilter_:
//
//	postgres://user:password@host:5432/database   PostgreSQL 12 or later, with pgx's parameters
//	sqlite:FILE                                   a file, made if it is not there
//	sqlite::memory:                               of this Store alone, and gone with it
//
// A database that does not answer is [httpapi.ErrUnavailable], here too. Several
// processes may open the same one at once. ctx is for opening alone.
func Open(ctx context.Context, url string) (*Store, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	var s Store
	var err error
	switch scheme {
	case "postgres", "postgresql":
		scheme = "postgres"
		err = s.openPostgres(url)
	case "sqlite":
		err = s.openSQLite(rest)
	default:
		err = errors.New("sqlstore: the URL begins neither with postgres:// nor with sqlite:") // and may have a password
	}
	if err != nil {
		return nil, err
	}
	s.closing, s.close = context.WithCancel(context.Background())
	if err := s.migrate(ctx, scheme); err != nil {
		s.Close()
		return nil, err
	}
	return &s, nil
}

func (s *Store) migrate(ctx context.Context, scheme string) error {
	// A database that is not there at all is found out within patience.
	if err := s.query(ctx, "open", func(*sql.Rows) error { return nil }, `SELECT 1`); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations/"+scheme)
	if err != nil {
		return err
	}
	dialects := map[string]goose.Dialect{"postgres": database.DialectPostgres, "sqlite": database.DialectSQLite3}
	provider, err := goose.NewProvider(dialects[scheme], s.db, files,
		goose.WithTableName("hookfilter_migrations"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return s.failure(ctx, "migrate", err)
	}
	// Where several start at once, one makes a table and the others fail at it, and
	// find it at their next try: the table of migrations, and what each of them makes.
	for range 2 + len(provider.ListSources()) {
		if _, err = provider.Up(ctx); err == nil {
			return nil
		}
	}
	return s.failure(ctx, "migrate", err)
}
