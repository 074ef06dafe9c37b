package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3/database"
)

// Dialect is a kind of database. The zero Dialect is invalid.
type Dialect int

// The supported databases.
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
	return dialect{}, fmt.Errorf("sqlstore: unknown dialect %d: want PostgreSQL or SQLite", d)
}

// dialect holds the differences between the databases.
type dialect struct {
	goose      database.Dialect
	migrations string // folder
	// migrationsTable is a query that returns whether the table of migrations exists and
	// whether the role may create tables in the schema.
	migrationsTable string

	// put and delete have the parameters organization id, webhook id and, for put, document. They
	// return a row with the revision of the change and a column to ignore, or no row.
	put, delete string
	// purge has statements with the retention in seconds as parameter. Each is repeated while
	// it returns purgeBatch rows.
	purge []string

	parameter string // prefix of a parameter in a query
	server    bool   // the database is a server, not a file

	// transient reports whether a failed operation may succeed when it is repeated.
	transient func(error) bool
	// rolledBack reports whether a statement had no effect and can be executed again.
	rolledBack func(error) bool
	// hint returns advice to append to an error, or "".
	hint func(error) string
}

// listener is implemented by a driver whose database announces changes, such as the driver of
// postgres.Open.
type listener interface {
	// Listen calls heard when it starts to listen on a channel, and for each announcement
	// there. It may miss announcements. It returns when the connection fails or ctx is done.
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
