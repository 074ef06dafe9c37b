// Package postgres opens a sqlstore.Store on PostgreSQL with the driver pgx. It is tested with
// PostgreSQL 15. The migration fails on versions before 13, which lack gen_random_uuid.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
)

// Open opens the database at url, postgres://user:password@host:5432/database with the parameters of
// pgx, and migrates its tables. The error is httpapi.ErrUnavailable if the database does not respond.
// Several processes may open the same database at the same time. ctx is for this call alone.
//
// If the tables are up to date, the role needs no right to create tables. The store's feeds are
// notified of changes.
//
// The store does not use prepared statements (default_query_exec_mode=exec, unless url has another
// mode), so that it works behind PgBouncer in transaction mode. There, feeds are not notified: they
// poll at the interval of [sqlstore.WithInterval].
func Open(ctx context.Context, url string, opts ...sqlstore.Option) (*sqlstore.Store, error) {
	config, err := parse(url)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector{stdlib.GetConnector(*config), config})
	s := sqlstore.New(db, sqlstore.PostgreSQL, opts...)
	if err := sqlstore.Migrate(ctx, db, sqlstore.PostgreSQL, opts...); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// parse returns pgx's configuration for a URL. Its errors do not quote the URL, which may contain a
// password.
func parse(rawURL string) (*pgx.ConnConfig, error) {
	u, err := url.Parse(rawURL)
	if e := new(url.Error); errors.As(err, &e) {
		// A quoted part may belong to a password that is not percent-encoded.
		return nil, unparsable(quoted.ReplaceAllLiteralString(e.Err.Error(), ""))
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errors.New("sqlstore: unsupported URL scheme: want postgres")
	}
	config, err := pgx.ParseConfig(rawURL)
	if e := new(pgconn.ParseConfigError); errors.As(err, &e) {
		e.ConnString = ""
		return nil, unparsable(strings.TrimPrefix(e.Error(), "cannot parse ``: "))
	}
	if err != nil {
		return nil, err
	}
	if !u.Query().Has("default_query_exec_mode") {
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	return config, nil
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*" ?`)

// unparsable returns a one-line error.
func unparsable(reason string) error {
	return fmt.Errorf("sqlstore: cannot parse the PostgreSQL URL: %s", strings.Join(strings.Fields(reason), " "))
}

// connectTimeout is the timeout for the connections that database/sql opens without a deadline, for
// operations that wait for a connection of a full pool.
const connectTimeout = 5 * time.Second

// connector is pgx's connector with a driver that listens.
type connector struct {
	driver.Connector
	config *pgx.ConnConfig
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, connectTimeout)
		defer cancel()
	}
	return c.Connector.Connect(ctx)
}

func (c connector) Driver() driver.Driver { return listener{c.Connector.Driver(), c.config} }

// listener implements the interface of package sqlstore for drivers whose database announces changes.
type listener struct {
	driver.Driver
	config *pgx.ConnConfig
}

// idle is how long a listening connection may be silent before it is checked, since a firewall may
// have dropped it.
const idle = 30 * time.Second

// Listen listens until the connection ends or ctx is done.
func (l listener) Listen(ctx context.Context, channel string, timeout time.Duration, heard func()) error {
	within := func(limit time.Duration, f func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return f(ctx)
	}
	var conn *pgx.Conn
	err := within(timeout, func(ctx context.Context) (err error) {
		conn, err = pgx.ConnectConfig(ctx, l.config)
		return err
	})
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	err = within(timeout, func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize())
		return err
	})
	for err == nil {
		heard() // also at first, since earlier announcements were missed
		for {
			err = within(idle, func(ctx context.Context) error {
				_, err := conn.WaitForNotification(ctx)
				return err
			})
			if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
				break
			}
			if err = within(timeout, conn.Ping); err != nil {
				break
			}
		}
	}
	return err
}
