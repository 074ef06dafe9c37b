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

// soon limits how long a test waits for an event. It is longer than any event takes.
const soon = 30 * time.Second

// A Put hangs between taking its revision and its commit. Another Put must not commit before it.
func testRevisionsInTheOrderOfCommits(t *testing.T, url string, _ *postgrestest.Server) {
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
	// If the second Put were committed by now, the feed would read it, and miss the first.
	waitRead(t, f)
	require.NoError(t, held.Rollback())
	a, b := <-one, <-two
	require.EqualValues(t, []uint64{1, 2}, []uint64{a, b})
	wait(t, f, 2)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
	require.Equal(t, 2, f.Index().Len())
}

// The interval is so long that only notifications make the feed poll during the test.
func testNotified(t *testing.T, url string, _ *postgrestest.Server) {
	s := open(t, url)
	f := follow(t, s, sqlstore.WithInterval(time.Hour))
	organization, w := uuid.New(), made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return f.Revision() == 1 }, soon, time.Millisecond)

	// When the feed listens again, it reads a change that was made while it did not listen.
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

// The server is killed during 2,000 Puts, and restarted. A feed follows it.
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

	var acknowledged, failed atomic.Int64
	errs := make(chan error)
	var stored [writers]map[string]string
	kill, restarted := make(chan struct{}), make(chan struct{})
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
						failed.Add(1)
						if !errors.Is(err, httpapi.ErrUnavailable) {
							return err
						}
						<-restarted
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
	close(restarted)
	for range writers {
		require.NoError(t, <-errs)
	}
	require.Positive(t, failed.Load(), "no Put failed: the server was not killed during the Puts")
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
	waitRead(t, f)
}

// All processes of the server are suspended: it does not respond, and connections stay open.
func testHanging(t *testing.T, url string, server *postgrestest.Server) {
	patient, short := sqlstore.WithTimeout(time.Hour), sqlstore.WithTimeout(200*time.Millisecond)
	s, impatient := open(t, url, patient), sqlstore.New(raw(t, url), sqlstore.PostgreSQL, short)
	defer impatient.Close()
	f := follow(t, s)
	organization, w := uuid.New(), made("")
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	wait(t, f, 1)
	server.SignalAll(t, syscall.SIGSTOP)
	defer server.SignalAll(t, syscall.SIGCONT)

	// An operation ends with the context of its caller, or after the timeout of its store.
	late, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	errs := make(map[string]chan error)
	for name, operation := range map[string]func() error{
		"Webhook":                       func() error { _, err := s.Webhook(late, organization, w.ID); return err },
		"Webhooks":                      func() error { _, err := s.Webhooks(late, organization); return err },
		"Put":                           func() error { _, err := s.Put(late, organization, made("")); return err },
		"Delete":                        func() error { _, err := s.Delete(late, organization, w.ID); return err },
		"Follow":                        func() error { _, err := s.Follow(late); return err },
		"Open":                          func() error { _, err := openURL(late, url, patient); return err },
		"Webhook, timeout of the store": func() error { _, err := impatient.Webhook(context.Background(), organization, w.ID); return err },
		"Open, timeout of the store":    func() error { _, err := openURL(context.Background(), url, short); return err },
	} {
		ended := make(chan error, 1)
		errs[name] = ended
		go func() { ended <- operation() }()
	}
	for name, ended := range errs {
		select {
		case err := <-ended:
			require.ErrorIs(t, err, httpapi.ErrUnavailable, name)
			require.ErrorIs(t, err, context.DeadlineExceeded, name)
		case <-time.After(soon):
			require.FailNow(t, "hangs", name)
		}
	}
	age := f.Age()
	require.Greater(t, f.Age(), age)
	server.SignalAll(t, syscall.SIGCONT)
	require.Eventually(t, func() bool { return s.Ping(t.Context()) == nil }, soon, time.Millisecond)
	waitRead(t, f)
	got, err := s.Webhook(t.Context(), organization, w.ID)
	if err == nil { // otherwise the Delete has taken effect
		require.Equal(t, w.ID, got.ID)
	}
}

// cutConnections ends all other connections of the database.
func cutConnections(t *testing.T, url string) {
	t.Helper()
	exec(t, url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
}

// The database is read-only, as after a failover.
func testReadOnly(t *testing.T, url string, _ *postgrestest.Server) {
	organization, w := uuid.New(), made("")
	s := open(t, url)
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	exec(t, url, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`)
	s = open(t, url)
	_, err = s.Put(t.Context(), organization, w)
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	_, err = s.Webhook(t.Context(), organization, w.ID)
	require.NoError(t, err)
}
