//go:build linux

package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
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

// soon is longer than anything here takes.
const soon = 30 * time.Second

// testNumbersInTheOrderOfCommits has one Put hang between its number and its commit,
// while another does all of its own.
func testNumbersInTheOrderOfCommits(t *testing.T, url string, _ *postgrestest.Server) {
	s := open(t, url)
	f := follow(t, s)
	first, second := made("first"), made("second")
	exec(t, url, `CREATE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$`)
	exec(t, url, `CREATE CONSTRAINT TRIGGER hang AFTER INSERT ON hookfilter_webhooks DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW WHEN (NEW.id = '`+first.ID.String()+`') EXECUTE FUNCTION hang()`)
	db := raw(t, url)
	defer db.Close()
	held, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = held.ExecContext(t.Context(), `SELECT pg_advisory_xact_lock(1)`)
	require.NoError(t, err)

	organization := uuid.New()
	put := func(w *webhook.Webhook) chan uint64 {
		done := make(chan uint64, 1)
		go func() {
			change, _ := s.Put(t.Context(), organization, w)
			done <- change
		}()
		return done
	}
	waiting := func(n int) func() bool {
		return func() bool { return count(t, url, `SELECT count(*) FROM pg_locks WHERE NOT granted`) == n }
	}
	one := put(first)
	require.Eventually(t, waiting(1), soon, time.Millisecond)
	two := put(second)
	require.Eventually(t, func() bool { return len(two) > 0 || waiting(2)() }, soon, time.Millisecond)
	// If the second were there by now, the feed would go on to it, and past the first.
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_ = f.Wait(ctx, 2)

	require.NoError(t, held.Rollback())
	a, b := <-one, <-two
	require.EqualValues(t, []uint64{1, 2}, []uint64{a, b})
	wait(t, f, 2)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
	require.Equal(t, 2, f.Index().Len())
}

// testNotified has feeds that would poll an hour from now.
func testNotified(t *testing.T, url string, _ *postgrestest.Server) {
	s := open(t, url)
	f := follow(t, s, sqlstore.WithInterval(time.Hour))
	organization, w := uuid.New(), made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return f.Revision() == 1 }, soon, time.Millisecond)

	// What comes while nobody listens is found when somebody does again.
	cutConnections(t, url)
	require.Eventually(t, func() bool {
		_, err := s.Delete(t.Context(), organization, w.ID)
		return err == nil
	}, soon, time.Millisecond)
	require.Eventually(t, func() bool { return f.Revision() == 2 }, soon, time.Millisecond)
	_, err = s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return f.Revision() == 3 }, soon, time.Millisecond)
}

// testKilled kills the server amid 2,000 Puts, with a feed and lookups beside
// them, and starts it again.
func testKilled(t *testing.T, url string, server *postgrestest.Server) {
	s := open(t, url)
	log := newLogged()
	f := follow(t, s, log.option())
	organization := uuid.New()
	const writers, puts = 8, 2000
	webhooks := make(chan *webhook.Webhook, puts)
	for i := range puts {
		webhooks <- made(fmt.Sprint(i))
	}
	close(webhooks)

	var acknowledged, killed atomic.Int64
	errs := make(chan error)
	var stored [writers]map[string]string
	kill := make(chan struct{})
	for i := range writers {
		stored[i] = map[string]string{}
		go func() {
			errs <- func() error {
				for w := range webhooks {
					for {
						_, err := s.Put(t.Context(), organization, w)
						if err == nil {
							break
						}
						killed.Add(1)
						if !errors.Is(err, httpapi.ErrUnavailable) {
							return err
						}
						time.Sleep(time.Millisecond) // a server that is away refuses at once
					}
					document, err := w.MarshalJSON()
					if err != nil {
						return err
					}
					stored[i][organization.String()+" "+w.ID.String()] = string(document)
					if acknowledged.Add(1) == puts/2 {
						close(kill)
					}
				}
				return nil
			}()
		}()
	}
	<-kill
	server.Signal(syscall.SIGKILL)
	_, err := s.Webhook(t.Context(), organization, uuid.New())
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	require.NotErrorIs(t, err, httpapi.ErrNotFound)
	_, err = s.Webhooks(t.Context(), organization)
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	require.ErrorIs(t, s.Ping(t.Context()), httpapi.ErrUnavailable)
	log.next(t, "WARN webhooks are not followed error=sqlstore: follow: unavailable: ")
	age := f.Age()
	require.Greater(t, f.Age(), age)
	server.Restart(t)
	for range writers {
		require.NoError(t, <-errs)
	}
	require.Positive(t, killed.Load(), "killed amid them")
	all := map[string]string{}
	for _, some := range stored {
		for key, document := range some {
			all[key] = document
		}
	}
	require.Len(t, all, puts)
	require.Equal(t, all, contents(t, s, organization))
	log.next(t, "INFO webhooks are followed again ")
	change, err := s.Put(t.Context(), uuid.New(), made("last"))
	require.NoError(t, err)
	wait(t, f, change)
	require.Equal(t, puts+1, f.Index().Len())
	n := 0
	for w := range f.Index().All(organization) {
		n++
		require.Equal(t, all[organization.String()+" "+w.ID.String()], encoded(t, w))
	}
	require.Equal(t, puts, n)
	require.Less(t, f.Age(), age+soon)
}

// testHanging stops all processes of the server: it answers nobody, and connections
// stay.
func testHanging(t *testing.T, url string, server *postgrestest.Server) {
	short := sqlstore.WithTimeout(200 * time.Millisecond)
	s, impatient := open(t, url), open(t, url, short)
	f := follow(t, s)
	organization, w := uuid.New(), made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	wait(t, f, 1)
	server.SignalAll(t, syscall.SIGSTOP)
	defer server.SignalAll(t, syscall.SIGCONT)

	for name, operation := range map[string]func(context.Context) error{
		"Webhook":  func(ctx context.Context) error { _, err := s.Webhook(ctx, organization, w.ID); return err },
		"Webhooks": func(ctx context.Context) error { _, err := s.Webhooks(ctx, organization); return err },
		"Put":      func(ctx context.Context) error { _, err := s.Put(ctx, organization, made("")); return err },
		"Delete":   func(ctx context.Context) error { _, err := s.Delete(ctx, organization, w.ID); return err },
		"Follow":   func(ctx context.Context) error { _, err := s.Follow(ctx); return err },
		"Open":     func(ctx context.Context) error { _, err := openURL(ctx, url); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		start := time.Now()
		err := operation(ctx)
		cancel()
		require.ErrorIs(t, err, httpapi.ErrUnavailable, name)
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		require.Less(t, time.Since(start), soon/10, name)
	}
	// Without a deadline there is one nevertheless.
	errs := make(chan error)
	start := time.Now()
	go func() { _, err := impatient.Webhook(context.Background(), organization, w.ID); errs <- err }()
	go func() { _, err := openURL(context.Background(), url, short); errs <- err }()
	for range 2 {
		select {
		case err := <-errs:
			require.ErrorIs(t, err, httpapi.ErrUnavailable)
			require.ErrorIs(t, err, context.DeadlineExceeded)
		case <-time.After(soon):
			require.FailNow(t, "hangs")
		}
	}
	require.Less(t, time.Since(start), soon/10)
	require.Greater(t, f.Age(), 200*time.Millisecond)
	server.SignalAll(t, syscall.SIGCONT)
	require.Eventually(t, func() bool { return s.Ping(t.Context()) == nil && f.Age() < time.Second }, soon, time.Millisecond)
	got, err := s.Webhook(t.Context(), organization, w.ID)
	if err == nil { // the Delete may have been done
		require.Equal(t, w.ID, got.ID)
	}
}

// cutConnections ends all connections of the database but its own.
func cutConnections(t *testing.T, url string) {
	t.Helper()
	exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}

// testReadOnly is what a failover looks like to a writer.
func testReadOnly(t *testing.T, url string, _ *postgrestest.Server) {
	organization, w := uuid.New(), made("")
	s := open(t, url)
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	exec(t, url, `ALTER DATABASE faults2 SET default_transaction_read_only = on`)
	s = open(t, url)
	_, err = s.Put(t.Context(), organization, w)
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	_, err = s.Webhook(t.Context(), organization, w.ID)
	require.NoError(t, err)
}
