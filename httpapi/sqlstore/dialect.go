package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3/database"
)

// Dialect is a kind of database.
type Dialect int

// The dialects.
const (
	PostgreSQL Dialect = iota + 1
	SQLite
)

func (d Dialect) dialect() (dialect, error) {
	switch d {
	case PostgreSQL:
		return postgreSQL, nil
	case SQLite:
		return sqLite, nil
	}
	return dialect{}, fmt.Errorf("sqlstore: unknown dialect %d", d)
}

// dialect is what the two databases do differently.
type dialect struct {
	goose      database.Dialect
	migrations string // folder
	// migrationsTable returns whether the migrations' table is there and whether the role may
	// create tables in schema.
	migrationsTable string

	// put has the parameters organization, webhook and document, delete the first
	// two. Their result is the change's revision and something to ignore, or empty.
	put, delete string
	// purge are statements that have the retention in seconds. Each is executed as long as its
	// result has purgeBatch rows.
	purge []string

	parameter string // prefix of a parameter in a query
	server    bool   // the database is a server, not a file

	// transient reports whether an operation that failed may succeed when it is repeated.
	transient func(error) bool
	// rolledBack reports whether a statement had no effect and can be executed again.
	rolledBack func(error) bool
	// hint returns what to do about an error, or nothing.
	hint func(error) string
}

// listener is implemented by the driver of a database that announces changes, as the driver of
// postgres.Open does.
type listener interface {
	// Listen calls heard when it begins to listen on a channel and for each announcement there.
	// It returns when it cannot go on, and when ctx is done. It may miss announcements.
	Listen(ctx context.Context, channel string, timeout time.Duration, heard func()) error
}

const channel = "hookfilter_changes"

const hintMigrate = " (the tables are missing: call Migrate)"

func sqlState(err error) string {
	var e interface{ SQLState() string } // implemented by pgconn.PgError
	if errors.As(err, &e) {
		return e.SQLState()
	}
	return ""
}
