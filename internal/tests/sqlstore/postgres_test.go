//go:build linux

package sqlstore_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/internal/tests/postgrestest"
)

// hold executes a statement in a transaction that stays open until release is called.
func hold(t *testing.T, url, query string) (release func()) {
	t.Helper()
	db := raw(t, url)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(t.Context(), query)
	require.NoError(t, err)
	release = sync.OnceFunc(func() {
		require.NoError(t, tx.Rollback())
		require.NoError(t, db.Close())
	})
	return release
}

// Puts wait for a row that another transaction has locked. There are more waiting Puts than
// connections, but reads do not wait.
func testReadsDuringWrites(t *testing.T, url string, _ *postgrestest.Server) {
	s := open(t, url)
	f := follow(t, s)
	organization, w := uuid.New(), made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	defer hold(t, url, `SELECT last FROM hookfilter_changes FOR UPDATE`)()

	const puts = 20
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	errs := make(chan error, puts)
	for range puts {
		go func() { _, err := s.Put(ctx, organization, made("")); errs <- err }()
	}
	require.Eventually(t, func() bool { return count(t, url, `SELECT count(*) FROM pg_locks WHERE NOT granted`) >= 4 }, soon, time.Millisecond)
	for range 50 {
		_, err := s.Webhook(t.Context(), organization, w.ID)
		require.NoError(t, err)
		_, err = s.Webhooks(t.Context(), organization)
		require.NoError(t, err)
	}
	waitRead(t, f)
	require.Empty(t, errs, "a Put did not wait")
	cancel()
	for range puts {
		require.ErrorIs(t, <-errs, context.Canceled)
	}
}

// Another transaction locks a row that should be purged.
func testPurgeWithLockedRow(t *testing.T, url string, _ *postgrestest.Server) {
	s := open(t, url)
	organization, w := uuid.New(), made("")
	locked := deleted(t, url, organization, 2)
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	release := hold(t, url, `SELECT FROM hookfilter_webhooks WHERE id = '`+locked.String()+`' FOR UPDATE`)
	defer release()

	_, err = s.Delete(t.Context(), organization, w.ID)
	require.NoError(t, err)
	left := func(n int) func() bool {
		return func() bool {
			return count(t, url, `SELECT count(*) FROM hookfilter_webhooks WHERE deleted_at < now() - interval '7 days'`) == n
		}
	}
	require.Eventually(t, left(1), soon, time.Millisecond)
	_, err = s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	release()
	_, err = s.Delete(t.Context(), organization, w.ID)
	require.NoError(t, err)
	require.Eventually(t, left(0), soon, time.Millisecond)
}

// firewall forwards connections to a server, and can drop them silently.
type firewall struct {
	mu      sync.Mutex
	dropped []*atomic.Bool
}

// startFirewall returns a firewall in front of a server, and the URL through it.
func startFirewall(t *testing.T, serverURL string) (f *firewall, through string) {
	t.Helper()
	u, err := url.Parse(serverURL)
	require.NoError(t, err)
	socket := filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	f = new(firewall)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("unix", socket)
			if err != nil {
				client.Close()
				continue
			}
			dropped := new(atomic.Bool)
			f.mu.Lock()
			f.dropped = append(f.dropped, dropped)
			f.mu.Unlock()
			forward := func(to, from net.Conn) {
				defer from.Close()
				buffer := make([]byte, 1<<16)
				for {
					n, err := from.Read(buffer)
					if err == nil && !dropped.Load() {
						_, err = to.Write(buffer[:n])
					}
					if err != nil {
						if !dropped.Load() {
							to.Close()
						}
						return
					}
				}
			}
			go forward(client, server)
			go forward(server, client)
		}
	}()
	return f, fmt.Sprintf("postgres://postgres@%s%s?sslmode=disable", listener.Addr(), u.Path)
}

// drop drops all current connections: they stay open, but forward nothing.
func (f *firewall) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, dropped := range f.dropped {
		dropped.Store(true)
	}
}

// A firewall drops all idle connections of the pool.
func testFirewall(t *testing.T, serverURL string, _ *postgrestest.Server) {
	wall, url := startFirewall(t, serverURL)
	s := open(t, url)
	organization, w := uuid.New(), made("")
	revision, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)

	release := hold(t, serverURL, `LOCK TABLE hookfilter_webhooks`)
	conns := s.Stats().MaxOpenConnections
	errs := make(chan error, conns)
	for range conns {
		go func() { _, err := s.Webhook(t.Context(), organization, w.ID); errs <- err }()
	}
	require.Eventually(t, func() bool { return s.Stats().InUse == conns }, soon, time.Millisecond)
	release()
	for range conns {
		require.NoError(t, <-errs)
	}
	require.Equal(t, conns, s.Stats().Idle)

	wall.drop()
	_, err = s.Follow(t.Context(), sqlstore.WithTimeout(100*time.Millisecond))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	for range conns {
		_, err := s.Webhook(t.Context(), organization, w.ID)
		require.NoError(t, err)
	}
	f := follow(t, s)
	require.Equal(t, revision, f.Revision())
	revision, err = s.Put(t.Context(), organization, made(""))
	require.NoError(t, err)
	wait(t, f, revision)
}

// A role that may not create tables cannot migrate the database, but can use it after the
// migration.
func testRole(t *testing.T, url string, _ *postgrestest.Server) {
	exec(t, url, `CREATE ROLE application LOGIN`)
	application := strings.Replace(url, "postgres@", "application@", 1)
	_, err := openURL(t.Context(), application)
	require.ErrorContains(t, err, "the role may not create tables in the schema: call Migrate with a role that may")
	require.NotErrorIs(t, err, httpapi.ErrUnavailable)

	db := raw(t, url)
	defer db.Close()
	require.NoError(t, sqlstore.Migrate(t.Context(), db, sqlstore.PostgreSQL))
	exec(t, url, `GRANT SELECT ON hookfilter_migrations TO application`, `GRANT SELECT, UPDATE ON hookfilter_changes TO application`,
		`GRANT SELECT, INSERT, UPDATE, DELETE ON hookfilter_webhooks TO application`)
	for _, s := range []*sqlstore.Store{open(t, application), sqlstore.New(raw(t, application), sqlstore.PostgreSQL, sqlstore.WithTimeout(soon))} {
		defer s.Close()
		f := follow(t, s)
		organization, w := uuid.New(), made("")
		deleted(t, url, organization, 1)
		_, err = s.Put(t.Context(), organization, w)
		require.NoError(t, err)
		revision, err := s.Delete(t.Context(), organization, w.ID)
		require.NoError(t, err)
		wait(t, f, revision)
		require.NoError(t, s.Ping(t.Context()))
		require.Eventually(t, func() bool { return count(t, url, `SELECT count(*) FROM hookfilter_webhooks`) == 1 }, soon, time.Millisecond)
		exec(t, url, `DELETE FROM hookfilter_webhooks`)
	}
}

// testIsolationLevel returns a test on a database with a higher default isolation level.
func testIsolationLevel(level string) func(t *testing.T, url string, _ *postgrestest.Server) {
	return func(t *testing.T, serverURL string, _ *postgrestest.Server) {
		u, err := url.Parse(serverURL)
		require.NoError(t, err)
		exec(t, serverURL, fmt.Sprintf(`ALTER DATABASE %s SET default_transaction_isolation = '%s'`, u.Path[1:], level))
		require.Equal(t, 1, count(t, serverURL, fmt.Sprintf(`SELECT count(*) FROM pg_settings WHERE name = 'transaction_isolation' AND setting = '%s'`, level)))
		testManyWriters(t, serverURL)
		testPurge(t, serverURL)
	}
}

// The server restarts as a hot standby.
func testStandby(t *testing.T, url string, server *postgrestest.Server) {
	s := open(t, url)
	organization, w := uuid.New(), made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	server.Standby(t)
	s = open(t, url)
	log := newLogged()
	f := follow(t, s, log.option())
	require.True(t, fires(f, organization, w))
	line := log.next(t, "WARN the database does not announce changes, so the feed polls interval=200ms error=")
	require.Contains(t, line, "cannot execute LISTEN during recovery")
	waitRead(t, f)
	_, err = s.Put(t.Context(), organization, w)
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	require.Empty(t, log.lines)
}
