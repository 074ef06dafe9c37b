//go:build linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/internal/tests/postgrestest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestReadiness(t *testing.T) {
	server := postgrestest.Start(t)
	p := start(t, "-db", server.Database(t, "test"))
	for _, base := range []string{p.base, p.metrics} {
		for _, path := range []string{"/healthz", "/readyz"} {
			status, body := get(t, base+path, "")
			require.Equal(t, 200, status)
			require.Equal(t, "ok\n", body)
		}
	}
	server.Signal(syscall.SIGQUIT)
	status, body := get(t, p.base+"/readyz", "")
	require.Equal(t, 503, status)
	require.Equal(t, "database unreachable\n", body)
	status, _ = get(t, p.base+"/healthz", "")
	require.Equal(t, 200, status)
	server.Restart(t)
	require.Eventually(t, func() bool { status, _ := get(t, p.base+"/readyz", ""); return status == 200 }, soon, time.Millisecond)
}

// load is a number of clients, each of which sends one request after the other.
type load struct {
	mu    sync.Mutex
	phase int
	had   []map[int]bool // by client: the statuses of requests that began in this phase
	seen  map[int]int    // number of responses by status
	err   error          // of a request without a response
}

// startLoad starts clients that call request until stop is called.
func startLoad(clients int, request func() (status int, err error)) (l *load, stop func()) {
	l = &load{had: make([]map[int]bool, clients), seen: make(map[int]int)}
	l.next()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for i := range clients {
		running.Go(func() {
			for ctx.Err() == nil {
				l.mu.Lock()
				phase := l.phase
				l.mu.Unlock()
				status, err := request()
				l.mu.Lock()
				if err != nil {
					l.err = err
				} else if l.seen[status]++; phase == l.phase {
					l.had[i][status] = true
				}
				l.mu.Unlock()
			}
		})
	}
	return l, func() {
		cancel()
		running.Wait()
	}
}

// next begins the next phase.
func (l *load) next() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase++
	for i := range l.had {
		l.had[i] = make(map[int]bool)
	}
}

// all waits until every client has received the status for a request that began after the call.
func (l *load) all(t *testing.T, status int) {
	t.Helper()
	l.next()
	require.Eventually(t, func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, had := range l.had {
			if !had[status] {
				return l.err != nil
			}
		}
		return true
	}, soon, time.Millisecond, "status %d", status)
	l.mu.Lock()
	defer l.mu.Unlock()
	require.NoError(t, l.err)
}

// TestDatabaseRestarts restarts the database under load: clients receive only 200 and 503,
// and every client receives 200 again after the restart.
func TestDatabaseRestarts(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"fast shutdown": syscall.SIGINT, "SIGKILL": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			server := postgrestest.Start(t)
			p := start(t, "-db", server.Database(t, "test"), "-import", folder(t, described(first, "x")), "-tokens", tokensFile(t, "tok"))
			l, stop := startLoad(8, func() (int, error) {
				status, _, err := try(context.Background(), client, p.one(acme, first), "Token tok")
				return status, err
			})
			defer stop()
			l.all(t, 200)
			server.Signal(signal)
			l.all(t, 503)
			server.Restart(t)
			returned := time.Now()
			l.all(t, 200)
			t.Logf("200 for every client %v after the database's return", time.Since(returned).Round(time.Millisecond))
			stop()
			require.NoError(t, l.err)
			require.Len(t, l.seen, 2, "%v", l.seen)
			p.requireMetric(t, fmt.Sprintf(`hookfilter_requests_total{code="200",operation="one"} %d`, l.seen[200]))
			p.requireMetric(t, fmt.Sprintf(`hookfilter_requests_total{code="503",operation="one"} %d`, l.seen[503]))
			p.requireMetric(t, fmt.Sprintf(`hookfilter_store_errors_total{kind="unavailable",operation="one"} %d`, l.seen[503]))
			require.NotContains(t, p.stderr.String(), "tok")
		})
	}
}

// TestGracefulEnd ends the program while a request waits for the database.
func TestGracefulEnd(t *testing.T) {
	server := postgrestest.Start(t)
	db := server.Database(t, "test")
	store, err := openStore(t.Context(), db, sqlstore.WithTimeout(soon))
	require.NoError(t, err)
	w := new(webhook.Webhook)
	require.NoError(t, json.Unmarshal([]byte(described(first, "x")), w))
	_, err = store.Put(t.Context(), uuid.MustParse(acme), w)
	require.NoError(t, err)
	require.NoError(t, store.Close())
	p := start(t, "-db", db, "-tokens", tokensFile(t, "tok"))
	server.SignalAll(t, syscall.SIGSTOP)
	answered := make(chan int)
	go func() {
		status, _, _ := try(context.Background(), client, p.one(acme, first), "Token tok")
		answered <- status
	}()
	inUse := func() bool {
		_, text := get(t, p.metrics+"/metrics", "")
		return strings.Contains(text, "hookfilter_database_connections_in_use 1\n")
	}
	require.Eventually(t, inUse, soon, time.Millisecond)
	p.end()
	require.Eventually(t, func() bool { // no new connections
		_, _, err := try(t.Context(), &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, p.base+"/healthz", "")
		return err != nil
	}, soon, time.Millisecond)
	require.False(t, p.hasEnded())
	server.SignalAll(t, syscall.SIGCONT)
	require.Equal(t, 200, <-answered)
	require.NoError(t, p.wait(t))
	require.Contains(t, p.stderr.String(), "status=200")
}

// TestDatabaseErrors: the error of a PostgreSQL server has the server's URL without the password.
func TestDatabaseErrors(t *testing.T) {
	server := postgrestest.Start(t)
	url := strings.Replace(server.Database(t, "test"), "postgres@", "postgres:SECRET@", 1)
	_, err := openStore(t.Context(), strings.Replace(url, "/test", "/absent", 1))
	require.ErrorContains(t, err, `postgres:///absent: sqlstore: migrate: `)
	require.ErrorContains(t, err, `database "absent" does not exist`)
	require.NotContains(t, err.Error(), "SECRET")

	server.SignalAll(t, syscall.SIGSTOP)
	_, err = openStore(t.Context(), url, sqlstore.WithTimeout(time.Millisecond))
	require.Regexp(t, `^postgres:///test: sqlstore: migrate: unavailable: .*context deadline exceeded`, err)
	require.NotContains(t, err.Error(), "SECRET")
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	server.SignalAll(t, syscall.SIGCONT)

	server.Signal(syscall.SIGINT)
	_, err = openStore(t.Context(), url)
	require.ErrorContains(t, err, `postgres:///test: sqlstore: migrate: unavailable: `)
	require.NotContains(t, err.Error(), "SECRET")
}

func TestWithoutSecrets(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://u:SECRET@db.example.com:5432/hooks?sslpassword=SECRET": "postgres://db.example.com:5432/hooks",
		"postgresql://SECRET@a:1,b:2/hooks":                                "postgresql://a:1,b:2/hooks",
		"postgres://u:SECRET@/hooks?host=/run":                             "postgres:///hooks",
		"postgres://u:x@SECRET/y@host/hooks":                               "postgres",
		"postgres://u:1/SECRET@host/hooks":                                 "postgres",
		"postgres://u:1?SECRET@host/hooks":                                 "postgres",
		"postgres://u:1#SECRET@host/hooks":                                 "postgres",
		"postgres://u:SEC/RET@host/hooks":                                  "postgres",
		"postgres://u:100%SECRET@host/hooks":                               "postgres",
	} {
		require.Equal(t, want, withoutSecrets(url))
	}
}
