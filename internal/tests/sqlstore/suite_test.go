//go:build linux

package sqlstore_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/postgres"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/sqlite"
	"github.com/hookfilter/hookfilter/internal/tests/postgrestest"
	"github.com/hookfilter/hookfilter/webhook"
)

// suite has the tests for both databases. Each gets a new, empty database.
var suite = []struct {
	name string
	test func(t *testing.T, url string)
}{
	{"Put and get", testGet},
	{"webhooks made in Go", testMadeInGo},
	{"Put refuses invalid webhooks", testPutRefuses},
	{"values of a newer API", testPutAcceptsNewer},
	{"isolation of organizations", testIsolation},
	{"equal to a model", testModel},
	{"a broken row", testBrokenRow},
	{"concurrent Open", testOpenedByMany},
	{"a reopened database", testReopened},
	{"a canceled context", testCanceled},
	{"a closed store", testClosedStore},
	{"many writers, one feed", testManyWriters},
	{"an invalid row in the feed", testFeedInvalidRow},
	{"deletes while disconnected", testDeletesWhileDisconnected},
	{"deletes beyond the retention", testDeletesBeyondRetention},
	{"a new database", testNewDatabase},
	{"a restored database", testRestored},
	{"tables missing for a while", testTablesMissing},
	{"Wait", testWait},
	{"purge", testPurge},
	{"a database migrated by a newer version", testNewer},
	{"a database that is not migrated", testNotMigrated},
}

func TestSQLite(t *testing.T) {
	for _, c := range suite {
		t.Run(c.name, func(t *testing.T) { c.test(t, "sqlite:"+filepath.Join(t.TempDir(), "webhooks.db")) })
	}
}

func TestPostgres(t *testing.T) {
	server := postgrestest.Start(t)
	for i, c := range suite {
		t.Run(c.name, func(t *testing.T) { c.test(t, server.Database(t, fmt.Sprintf("test%d", i))) })
	}
	for i, c := range []struct {
		name string
		test func(t *testing.T, url string, server *postgrestest.Server)
	}{
		{"revisions in the order of commits", testRevisionsInTheOrderOfCommits},
		{"a feed notified of changes", testNotified},
		{"a read-only database", testReadOnly},
		{"a suspended server", testHanging},
		{"a server killed during Puts", testKilled},
		{"reads during waiting writes", testReadsDuringWrites},
		{"purge with a locked row", testPurgeWithLockedRow},
		{"connections dropped by a firewall", testFirewall},
		{"a role without DDL", testRole},
		{"default isolation serializable", testIsolationLevel("serializable")},
		{"default isolation repeatable read", testIsolationLevel("repeatable read")},
		{"PgBouncer", testPgBouncer},
		{"hot standby", testStandby}, // last, since the server stays a standby
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, server.Database(t, fmt.Sprintf("faults%d", i)), server) })
	}
}

// openURL opens a store with the package for the scheme of url. Unless opts set another timeout, the
// timeout is longer than any operation takes on a slow machine.
func openURL(ctx context.Context, url string, opts ...sqlstore.Option) (*sqlstore.Store, error) {
	opts = append([]sqlstore.Option{sqlstore.WithTimeout(soon)}, opts...)
	if strings.HasPrefix(url, "sqlite:") {
		return sqlite.Open(ctx, url, opts...)
	}
	return postgres.Open(ctx, url, opts...)
}

// open opens a store and closes it at the end of the test.
func open(t testing.TB, url string, opts ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	s, err := openURL(t.Context(), url, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

// follow follows a store and closes the feed at the end of the test.
func follow(t testing.TB, s *sqlstore.Store, opts ...sqlstore.Option) *sqlstore.Feed {
	t.Helper()
	f, err := s.Follow(t.Context(), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// raw opens the database without package sqlstore.
func raw(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, url = "sqlite", file+"?_busy_timeout=10000"
	}
	db, err := sql.Open(driver, url)
	require.NoError(t, err)
	return db
}

// exec executes statements in one transaction, without package sqlstore.
func exec(t testing.TB, url string, queries ...string) {
	t.Helper()
	db := raw(t, url)
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	for _, query := range queries {
		_, err = tx.ExecContext(t.Context(), query)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
}

// replace stores a document without any check, as a change with a revision.
func replace(t testing.TB, url string, webhookID uuid.UUID, document string) {
	t.Helper()
	exec(t, url, `UPDATE hookfilter_changes SET last = last + 1`,
		fmt.Sprintf(`UPDATE hookfilter_webhooks SET document = '%s', change = (SELECT last FROM hookfilter_changes) WHERE id = '%s'`, document, webhookID))
}

// wait waits until the feed's index has a change.
func wait(t testing.TB, f *sqlstore.Feed, change uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	require.NoError(t, f.Wait(ctx, change), "the feed is at revision %d, want %d", f.Revision(), change)
}

// waitRead waits until the feed has polled the database after the call.
func waitRead(t testing.TB, f *sqlstore.Feed) {
	t.Helper()
	began := time.Now()
	require.Eventually(t, func() bool { return f.Age() < time.Since(began) }, soon, time.Millisecond, "the feed does not poll")
}

// made returns a new valid webhook with a description.
func made(description string) *webhook.Webhook {
	return &webhook.Webhook{
		ID: uuid.New(), CreatedAt: time.Date(2023, 11, 7, 5, 31, 56, 0, time.UTC), Enabled: true,
		Description: description, Events: []webhook.EventType{webhook.DeploymentFailure},
	}
}

func encoded(t testing.TB, w *webhook.Webhook) string {
	t.Helper()
	data, err := json.Marshal(w)
	require.NoError(t, err)
	return string(data)
}

// contents returns the encoded webhooks of a store by organization and id.
func contents(t testing.TB, s *sqlstore.Store, organizations ...uuid.UUID) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, organization := range organizations {
		webhooks, err := s.Webhooks(t.Context(), organization)
		require.NoError(t, err)
		for _, w := range webhooks {
			all[organization.String()+" "+w.ID.String()] = encoded(t, w)
		}
	}
	return all
}

// indexed returns the encoded webhooks of a feed's index by organization and id.
func indexed(t testing.TB, f *sqlstore.Feed, organizations ...uuid.UUID) map[string]string {
	t.Helper()
	all := map[string]string{}
	index := f.Index()
	for _, organization := range organizations {
		for w := range index.All(organization) {
			all[organization.String()+" "+w.ID.String()] = encoded(t, w)
		}
	}
	require.Equal(t, index.Len(), len(all), "the index has webhooks of other organizations")
	return all
}

// logged collects the log of a feed. If release is not nil, the report of an invalid webhook blocks
// until release is closed.
type logged struct {
	slog.Handler
	lines   chan string
	release chan struct{}
}

func newLogged() *logged {
	return &logged{Handler: slog.DiscardHandler, lines: make(chan string, 10000)}
}

func (l *logged) option() sqlstore.Option { return sqlstore.WithLogger(slog.New(l)) }

func (l *logged) Enabled(context.Context, slog.Level) bool { return true }

func (l *logged) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool {
		line += " " + a.String()
		return true
	})
	l.lines <- line
	if l.release != nil && r.Message == "webhook is invalid and fires for nothing" {
		<-l.release
	}
	return nil
}

// next returns the next line with a prefix, and drops the lines before it.
func (l *logged) next(t testing.TB, prefix string) string {
	t.Helper()
	for {
		select {
		case line := <-l.lines:
			if strings.HasPrefix(line, prefix) {
				return line
			}
		case <-time.After(soon):
			require.FailNow(t, "no line of the log has the prefix", prefix)
		}
	}
}

// fieldErrors returns the fields of the field errors in err.
func fieldErrors(err error) (fields []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			fields = append(fields, fieldErrors(err)...)
		}
		return fields
	}
	if f := new(webhook.FieldError); errors.As(err, &f) {
		fields = append(fields, f.Field)
	}
	return fields
}

// count returns the result of a query that counts.
func count(t testing.TB, url, query string) (n int) {
	t.Helper()
	db := raw(t, url)
	defer db.Close()
	require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}
