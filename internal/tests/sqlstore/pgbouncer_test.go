//go:build linux

package sqlstore_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	osexec "os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/internal/tests/postgrestest"
)

// startPgBouncer starts PgBouncer in transaction mode in front of a server, and returns the URL
// through it. It opens at most 3 connections to the server, fewer than there are clients.
func startPgBouncer(t *testing.T, serverURL string) string {
	t.Helper()
	program, err := osexec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; os.Getenv("CI") == "true" {
			require.FileExists(t, program)
		} else if _, err := os.Stat(program); err != nil {
			t.Skip("PgBouncer is not installed")
		}
	}
	server, err := url.Parse(serverURL)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "pb") // a short path, since the path of a Unix socket has at most 107 bytes
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(dir) })
	require.NoError(t, os.Chmod(dir, 0o777))
	config := filepath.Join(dir, "pgbouncer.ini")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `[databases]
* = host=%s user=postgres
[pgbouncer]
listen_port = 6432
unix_socket_dir = %s
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 1000
`, server.Query().Get("host"), dir), 0o644))
	args := []string{config}
	if os.Getuid() == 0 { // PgBouncer refuses to run as root
		for _, name := range []string{"postgres", "nobody"} {
			if _, err := user.Lookup(name); err == nil {
				args = []string{"-u", name, config}
				break
			}
		}
	}
	var log strings.Builder
	process := osexec.CommandContext(t.Context(), program, args...)
	process.Stderr = &log
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	through := fmt.Sprintf("postgres://postgres@%s?host=%s&port=6432", server.Path, dir)
	require.Eventually(t, func() bool {
		db := raw(t, through)
		defer db.Close()
		return db.PingContext(t.Context()) == nil
	}, soon, 10*time.Millisecond)
	return through
}

// There are more clients than connections to the server.
func testPgBouncer(t *testing.T, serverURL string, _ *postgrestest.Server) {
	url := startPgBouncer(t, serverURL)
	testManyWriters(t, url)

	// With prepared statements, the default of pgx, a client finds statements of another client, or
	// misses its own.
	s := sqlstore.New(raw(t, url), sqlstore.PostgreSQL, sqlstore.WithTimeout(soon))
	defer s.Close()
	organization := uuid.New()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	errs := make(chan error)
	var done atomic.Bool
	const clients = 12
	for range clients {
		go func() {
			var err error
			for err == nil && ctx.Err() == nil && !done.Load() {
				if _, err = s.Put(ctx, organization, made("")); err == nil {
					_, err = s.Webhooks(ctx, organization)
				}
			}
			done.Store(true)
			errs <- err
		}()
	}
	failed := 0
	for range clients {
		if err := <-errs; err != nil {
			failed++
			require.ErrorIs(t, err, httpapi.ErrUnavailable)
			require.ErrorContains(t, err, "pgx needs default_query_exec_mode=exec")
		}
	}
	require.Positive(t, failed)
}
