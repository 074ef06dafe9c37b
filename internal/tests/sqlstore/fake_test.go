//go:build linux

package sqlstore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/sqlite"
)

// fake is a slow database, for tests in the fake time of synctest.
type fake struct {
	connect time.Duration
	// query returns the rows of a statement and the delay before each row.
	query  func(query string) (delay time.Duration, rows [][]driver.Value)
	err    error         // if not nil, the error of every statement
	end    chan error    // errors of statements after their last row
	linger time.Duration // how long a statement runs after its context is done
	active atomic.Int64  // number of running statements
}

func (f *fake) Driver() driver.Driver { return nil }

func (f *fake) Connect(ctx context.Context) (driver.Conn, error) {
	if err := pause(ctx, f.connect); err != nil {
		return nil, err
	}
	return &fakeConn{f}, nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type fakeConn struct{ *fake }

func (c *fakeConn) Prepare(string) (driver.Stmt, error) { panic("not used") }
func (c *fakeConn) Begin() (driver.Tx, error)           { panic("not used") }
func (c *fakeConn) Close() error                        { return nil }

func (c *fakeConn) QueryContext(ctx context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	c.active.Add(1)
	defer c.active.Add(-1)
	if c.err != nil {
		return nil, c.err
	}
	delay, rows := c.query(query)
	if err := pause(ctx, delay); err != nil {
		time.Sleep(c.linger)
		return nil, err
	}
	return &fakeRows{c.fake, ctx, delay, rows, 0}, nil
}

type fakeRows struct {
	*fake
	ctx   context.Context
	delay time.Duration
	rows  [][]driver.Value
	read  int
}

func (r *fakeRows) Close() error { return nil }

func (r *fakeRows) Columns() []string {
	if len(r.rows) == 0 {
		return nil
	}
	return make([]string, len(r.rows[0]))
}

func (r *fakeRows) Next(dest []driver.Value) error {
	if r.read == len(r.rows) {
		select {
		case err := <-r.end:
			return err
		default:
			return io.EOF
		}
	}
	if r.read > 0 {
		if err := pause(r.ctx, r.delay); err != nil {
			return err
		}
	}
	copy(dest, r.rows[r.read])
	r.read++
	return nil
}

// One timeout covers waiting for other writers, connecting, executing and reading.
func TestOneTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delay := time.Hour
		var rows [][]driver.Value
		f := &fake{connect: 3 * time.Second, query: func(string) (time.Duration, [][]driver.Value) { return delay, rows }}
		s := sqlstore.New(sql.OpenDB(f), sqlstore.PostgreSQL)
		defer s.Close()
		organization := uuid.New()
		took := func(what func(ctx context.Context) error) time.Duration {
			start := time.Now()
			err := what(context.Background())
			require.ErrorIs(t, err, httpapi.ErrUnavailable)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			return time.Since(start)
		}
		put := func(ctx context.Context) error { _, err := s.Put(ctx, organization, made("")); return err }
		get := func(ctx context.Context) error { _, err := s.Webhook(ctx, organization, uuid.New()); return err }
		list := func(ctx context.Context) error { _, err := s.Webhooks(ctx, organization); return err }
		require.Equal(t, 5*time.Second, took(put))
		require.Equal(t, 5*time.Second, took(get))
		require.Equal(t, 5*time.Second, took(s.Ping))

		// More waiting writers than connections.
		ends := make(chan time.Duration)
		for range 40 {
			go func() { ends <- took(put) }()
		}
		synctest.Wait()
		time.Sleep(2 * time.Second)
		require.Equal(t, 5*time.Second, took(put))
		require.Equal(t, 5*time.Second, took(get), "a read waits for writers")
		for range 40 {
			require.Equal(t, 5*time.Second, <-ends)
		}

		// A list whose rows arrive slowly.
		delay = time.Second
		for range 20 {
			w := made("")
			rows = append(rows, []driver.Value{w.ID.String(), encoded(t, w)})
		}
		require.Equal(t, 5*time.Second, took(list))

		short := sqlstore.New(sql.OpenDB(f), sqlstore.PostgreSQL, sqlstore.WithTimeout(time.Second))
		defer short.Close()
		require.Equal(t, time.Second, took(short.Ping))
		none := sqlstore.New(sql.OpenDB(f), sqlstore.PostgreSQL, sqlstore.WithTimeout(-1))
		defer none.Close()
		delay = time.Hour
		require.Equal(t, 5*time.Second, took(none.Ping))
	})
}

// Idle connections are closed only after the store's own timeout has ended a statement.
func TestTimeoutDropsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delay := time.Millisecond
		f := &fake{query: func(string) (time.Duration, [][]driver.Value) { return delay, nil }}
		db := sql.OpenDB(f)
		db.SetMaxOpenConns(4) // one of them for writers
		s := sqlstore.New(db, sqlstore.PostgreSQL)
		defer s.Close()
		pings := make(chan error)
		for range 2 {
			go func() { pings <- s.Ping(context.Background()) }()
		}
		require.NoError(t, <-pings)
		require.NoError(t, <-pings)
		require.Equal(t, 2, s.Stats().Idle)

		delay = time.Hour
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.Ping(ctx), context.DeadlineExceeded)
		require.Equal(t, 2, s.Stats().Idle, "after the caller's deadline")
		ctx, cancel = context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		require.ErrorIs(t, s.Ping(ctx), context.Canceled)
		require.Equal(t, 2, s.Stats().Idle, "after the caller's cancellation")

		f.linger = time.Minute
		put := func() error { _, err := s.Put(context.Background(), uuid.New(), made("")); return err }
		first := make(chan error)
		go func() { first <- put() }()
		synctest.Wait()
		require.ErrorIs(t, put(), context.DeadlineExceeded)
		require.Equal(t, 1, s.Stats().Idle, "after a timeout while waiting for another writer")
		require.ErrorIs(t, <-first, context.DeadlineExceeded)
		require.Zero(t, s.Stats().Idle)
	})
}

// Migrate and Follow read the version of the tables with the timeout of their own options.
func TestTimeoutOfVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sql.OpenDB(&fake{query: func(string) (time.Duration, [][]driver.Value) { return time.Hour, nil }})
		s := sqlstore.New(db, sqlstore.PostgreSQL, sqlstore.WithTimeout(time.Minute))
		defer s.Close()
		for timeout, opts := range map[time.Duration][]sqlstore.Option{
			5 * time.Second: nil, time.Second: {sqlstore.WithTimeout(time.Second)},
		} {
			start := time.Now()
			err := sqlstore.Migrate(context.Background(), db, sqlstore.PostgreSQL, opts...)
			require.EqualError(t, err, "sqlstore: migrate: unavailable: timeout: context deadline exceeded")
			require.Equal(t, timeout, time.Since(start))
		}
		start := time.Now()
		_, err := s.Follow(context.Background(), sqlstore.WithTimeout(time.Second))
		require.EqualError(t, err, "sqlstore: follow: unavailable: timeout: context deadline exceeded")
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestUnknownDialect(t *testing.T) {
	db := sql.OpenDB(new(fake))
	defer db.Close()
	for dialect, want := range map[sqlstore.Dialect]string{
		0: "sqlstore: unknown dialect 0: want PostgreSQL or SQLite", 3: "sqlstore: unknown dialect 3: want PostgreSQL or SQLite",
	} {
		require.EqualError(t, sqlstore.Migrate(t.Context(), db, dialect), want)
		require.PanicsWithError(t, want, func() { sqlstore.New(db, dialect) })
	}
}

// sqlState is an error of PostgreSQL.
type sqlState string

func (s sqlState) Error() string    { return "code " + string(s) }
func (s sqlState) SQLState() string { return string(s) }

// Only transient errors of PostgreSQL become ErrUnavailable.
func TestTransient(t *testing.T) {
	f := new(fake)
	s := sqlstore.New(sql.OpenDB(f), sqlstore.PostgreSQL)
	defer s.Close()
	for _, code := range []sqlState{"08006", "25006", "26000", "42P05", "40003", "53300", "55P03", "57P01", "58030", ""} {
		f.err = code
		require.ErrorIs(t, s.Ping(t.Context()), httpapi.ErrUnavailable, code)
	}
	for _, code := range []sqlState{"0A000", "22021", "23505", "28P01", "3D000", "42501", "42P01"} {
		f.err = code
		require.ErrorContains(t, s.Ping(t.Context()), "sqlstore: ping: code "+string(code))
		require.NotErrorIs(t, s.Ping(t.Context()), httpapi.ErrUnavailable, code)
	}
}

// PostgreSQL may report after the last row that it could not serialize a transaction.
func TestRolledBackAtCommit(t *testing.T) {
	w := made("")
	rows := [][]driver.Value{{int64(7), nil}}
	f := &fake{end: make(chan error, 1), query: func(string) (time.Duration, [][]driver.Value) { return 0, rows }}
	s := sqlstore.New(sql.OpenDB(f), sqlstore.PostgreSQL)
	defer s.Close()
	f.end <- sqlState("40001")
	revision, err := s.Put(t.Context(), uuid.New(), w)
	require.NoError(t, err)
	require.EqualValues(t, 7, revision)

	// A list is not repeated, since it has already processed rows.
	rows = [][]driver.Value{{w.ID.String(), encoded(t, w)}}
	f.end <- sqlState("40001")
	_, err = s.Webhooks(t.Context(), uuid.New())
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	list, err := s.Webhooks(t.Context(), uuid.New())
	require.NoError(t, err)
	require.Len(t, list, 1)
}

// In a feed's query, the timeout limits the time between rows.
func TestFollowTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		delay := 4 * time.Second
		f := &fake{query: func(query string) (time.Duration, [][]driver.Value) {
			switch {
			case strings.Contains(query, "to_regclass"):
				return 0, [][]driver.Value{{true, true}}
			case strings.Contains(query, "version_id"):
				return 0, [][]driver.Value{{int64(1)}}
			}
			var rows [][]driver.Value
			for i := range 10 {
				w := made("")
				rows = append(rows, []driver.Value{"database", int64(10), int64(0), uuid.NewString(), w.ID.String(), encoded(t, w), int64(i + 1)})
			}
			return delay, rows
		}}
		s := sqlstore.New(sql.OpenDB(f), sqlstore.PostgreSQL)
		defer s.Close()
		start := time.Now()
		feed, err := s.Follow(t.Context())
		require.NoError(t, err)
		require.Equal(t, 40*time.Second, time.Since(start))
		require.Equal(t, 10, feed.Index().Len())
		require.NoError(t, feed.Close())
		delay = 6 * time.Second
		_, err = s.Follow(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, context.Canceled)
	})
}

// Close waits for a purge and a feed that do not end at once.
func TestCloseWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var deleted atomic.Bool
		f := &fake{linger: time.Minute, query: func(query string) (time.Duration, [][]driver.Value) {
			switch {
			case strings.Contains(query, "to_regclass"):
				return 0, [][]driver.Value{{true, true}}
			case strings.Contains(query, "version_id"):
				return 0, [][]driver.Value{{int64(1)}}
			case strings.Contains(query, "pg_notify"):
				deleted.Store(true)
				return 0, [][]driver.Value{{int64(1), nil}}
			case deleted.Load():
				return time.Hour, nil // the purge, and the feed
			}
			return 0, [][]driver.Value{{"database", int64(0), int64(0), nil, nil, nil, nil}}
		}}
		s := sqlstore.New(sql.OpenDB(f), sqlstore.PostgreSQL)
		feed, err := s.Follow(t.Context())
		require.NoError(t, err)
		_, err = s.Delete(t.Context(), uuid.New(), uuid.New())
		require.NoError(t, err)
		time.Sleep(time.Second)
		require.EqualValues(t, 2, f.active.Load())
		require.NoError(t, feed.Close())
		require.EqualValues(t, 1, f.active.Load(), "running statements: only the purge")
		_, err = s.Delete(t.Context(), uuid.New(), uuid.New())
		require.NoError(t, err)
		time.Sleep(5 * time.Second)
		require.EqualValues(t, 1, f.active.Load(), "running statements: only the purge")
		require.NoError(t, s.Close())
		require.Zero(t, f.active.Load())
	})
}

// announcing is a connector whose driver announces changes.
type announcing struct {
	driver.Connector
	listen func(ctx context.Context, heard func()) error
}

func (a announcing) Driver() driver.Driver { return announcer{a.Connector.Driver(), a.listen} }

type announcer struct {
	driver.Driver
	listen func(ctx context.Context, heard func()) error
}

func (a announcer) Listen(ctx context.Context, _ string, _ time.Duration, heard func()) error {
	return a.listen(ctx, heard)
}

// If the database refuses LISTEN, attempts become rare and the log has one warning.
func TestListenBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		attempts := make(chan time.Duration, 1000)
		var refuse, listening atomic.Bool
		refuse.Store(true)
		connector := announcing{
			Connector: connectorOf(t, ":memory:"),
			listen: func(ctx context.Context, heard func()) error {
				attempts <- time.Since(start)
				if refuse.Load() {
					return fmt.Errorf("cannot execute LISTEN during recovery")
				}
				heard()
				listening.Store(true)
				<-ctx.Done()
				time.Sleep(time.Minute)
				listening.Store(false)
				return ctx.Err()
			},
		}
		db := sql.OpenDB(connector)
		db.SetMaxOpenConns(1)
		require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.SQLite))
		s := sqlstore.New(db, sqlstore.SQLite)
		defer s.Close()
		log := newLogged()
		feed := follow(t, s, log.option(), sqlstore.WithInterval(time.Hour))
		time.Sleep(10*time.Second + time.Millisecond)
		require.Len(t, attempts, 6)
		for _, ms := range []time.Duration{0, 200, 600, 1400, 3000, 6200} {
			require.Equal(t, ms*time.Millisecond, <-attempts)
		}
		time.Sleep(10 * time.Minute)
		require.Less(t, len(attempts), 30)
		require.Len(t, log.lines, 1)
		require.Equal(t, "WARN the database does not announce changes, so the feed polls interval=1h0m0s error=cannot execute LISTEN during recovery", <-log.lines)

		refuse.Store(false)
		time.Sleep(31 * time.Second)
		require.True(t, listening.Load())
		require.Equal(t, "INFO the database announces changes again", <-log.lines)
		require.NoError(t, feed.Close())
		require.False(t, listening.Load(), "Close did not wait")
		require.Empty(t, log.lines)
	})
}

// connectorOf returns the connector of a SQLite database.
func connectorOf(t testing.TB, name string) driver.Connector {
	t.Helper()
	db, err := sql.Open("sqlite", name)
	require.NoError(t, err)
	defer db.Close()
	return nameConnector{db.Driver(), name}
}

type nameConnector struct {
	driver driver.Driver
	name   string
}

func (c nameConnector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.name) }
func (c nameConnector) Driver() driver.Driver                        { return c.driver }

// Invalid values mean the defaults, and options of Follow override options of the store.
func TestOptions(t *testing.T) {
	var byStore, byFeed []sqlstore.Invalid
	url := "sqlite:" + t.TempDir() + "/webhooks.db"
	s, err := sqlite.Open(t.Context(), url, sqlstore.WithInterval(0), sqlstore.WithTimeout(0), sqlstore.WithLogger(nil), nil,
		sqlstore.OnInvalid(func(i sqlstore.Invalid) { byStore = append(byStore, i) }))
	require.NoError(t, err)
	defer s.Close()
	f := follow(t, s, sqlstore.WithInterval(-1), sqlstore.WithTimeout(-1), sqlstore.WithLogger(nil), nil, sqlstore.OnInvalid(nil))
	organization, w := uuid.New(), made("")
	_, err = s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	replace(t, url, w.ID, "{")
	wait(t, f, 2)
	require.Empty(t, byStore)
	require.Equal(t, 1, f.Invalid())
	require.NoError(t, f.Close())

	follow(t, s)
	require.Len(t, byStore, 1)
	require.Equal(t, organization.String()+"."+w.ID.String(), byStore[0].Key)
	require.EqualValues(t, 2, byStore[0].Revision)
	require.ErrorContains(t, byStore[0].Err, w.ID.String())
	follow(t, s, sqlstore.OnInvalid(func(i sqlstore.Invalid) { byFeed = append(byFeed, i) }))
	require.Len(t, byStore, 1)
	require.Len(t, byFeed, 1)
}
