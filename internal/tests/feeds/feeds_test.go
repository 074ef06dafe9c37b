//go:build linux

// Package feeds tests that the feeds of natsfeed and sqlstore have the same contract.
package feeds

import (
	"context"
	"database/sql"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/postgres"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/sqlite"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/internal/tests/postgrestest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestMain(m *testing.M) { natstest.Main(m) }

// feed has the methods of both feeds.
type feed interface {
	Index() *filter.Index
	Revision() uint64
	Wait(ctx context.Context, revision uint64) error
	Age() time.Duration
	Invalid() int
	Close() error
}

// invalid is the report of an invalid webhook in both packages.
type invalid struct {
	key      string
	revision uint64
	err      error
}

// options are the options of both packages.
type options struct {
	onInvalid         func(invalid)
	logger            *slog.Logger
	interval, timeout time.Duration
}

// source is a store of webhooks that a feed follows.
type source struct {
	put       func(organizationID uuid.UUID, w *webhook.Webhook) (uint64, error)
	delete    func(organizationID, webhookID uuid.UUID) (uint64, error)
	spoil     func(organizationID, webhookID uuid.UUID, value string) // stores a value without the checks of Put
	follow    func(options) (feed, error)
	errClosed error
}

func sources(t *testing.T) map[string]func(t *testing.T) source {
	js := natstest.Start(t, 1).Connect()
	return map[string]func(*testing.T) source{
		"NATS":   func(t *testing.T) source { return natsSource(t, js) },
		"SQLite": func(t *testing.T) source { return sqlSource(t, "sqlite:"+filepath.Join(t.TempDir(), "webhooks.db")) },
		"PostgreSQL": func(t *testing.T) source {
			return sqlSource(t, postgrestest.Start(t).Database(t, strings.ToLower(strings.ReplaceAll(uuid.NewString(), "-", "x"))))
		},
	}
}

func natsSource(t *testing.T, js jetstream.JetStream) source {
	bucket := uuid.NewString()
	kv, err := natsfeed.OpenBucket(t.Context(), js, bucket, 1)
	require.NoError(t, err)
	return source{
		put: func(organizationID uuid.UUID, w *webhook.Webhook) (uint64, error) {
			return natsfeed.Put(t.Context(), kv, organizationID, w)
		},
		delete: func(organizationID, webhookID uuid.UUID) (uint64, error) {
			return natsfeed.Delete(t.Context(), kv, organizationID, webhookID)
		},
		spoil: func(organizationID, webhookID uuid.UUID, value string) {
			_, err := kv.Put(t.Context(), natsfeed.Key(organizationID, webhookID), []byte(value))
			require.NoError(t, err)
		},
		follow: func(o options) (feed, error) {
			var report func(natsfeed.Invalid)
			if o.onInvalid != nil {
				report = func(i natsfeed.Invalid) { o.onInvalid(invalid{i.Key, i.Revision, i.Err}) }
			}
			return natsfeed.Follow(t.Context(), js, bucket, natsfeed.OnInvalid(report), natsfeed.WithLogger(o.logger),
				natsfeed.WithInterval(o.interval), natsfeed.WithTimeout(o.timeout))
		},
		errClosed: natsfeed.ErrClosed,
	}
}

func sqlSource(t *testing.T, url string) source {
	open := postgres.Open
	if strings.HasPrefix(url, "sqlite:") {
		open = sqlite.Open
	}
	store, err := open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { store.Close() })
	return source{
		put: func(organizationID uuid.UUID, w *webhook.Webhook) (uint64, error) {
			return store.Put(t.Context(), organizationID, w)
		},
		delete: func(organizationID, webhookID uuid.UUID) (uint64, error) {
			return store.Delete(t.Context(), organizationID, webhookID)
		},
		spoil: func(organizationID, webhookID uuid.UUID, value string) { spoil(t, url, webhookID, value) },
		follow: func(o options) (feed, error) {
			var report func(sqlstore.Invalid)
			if o.onInvalid != nil {
				report = func(i sqlstore.Invalid) { o.onInvalid(invalid{i.Key, i.Revision, i.Err}) }
			}
			return store.Follow(t.Context(), sqlstore.OnInvalid(report), sqlstore.WithLogger(o.logger),
				sqlstore.WithInterval(o.interval), sqlstore.WithTimeout(o.timeout))
		},
		errClosed: sqlstore.ErrClosed,
	}
}

// spoil stores a document without any check, as a change that a feed sees.
func spoil(t *testing.T, url string, webhookID uuid.UUID, document string) {
	driver, dsn := "pgx", url
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+file+"?_busy_timeout=10000&_txlock=immediate"
	}
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer tx.Rollback()
	_, err = tx.Exec(`UPDATE hookfilter_changes SET last = last + 1`)
	require.NoError(t, err)
	_, err = tx.Exec(`UPDATE hookfilter_webhooks SET document = $1, change = (SELECT last FROM hookfilter_changes) WHERE id = $2`, document, webhookID.String())
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
}

// each runs a test on every feed.
func each(t *testing.T, test func(t *testing.T, s source)) {
	for name, source := range sources(t) {
		t.Run(name, func(t *testing.T) { test(t, source(t)) })
	}
}

func made(entries ...string) *webhook.Webhook {
	return &webhook.Webhook{ID: uuid.New(), CreatedAt: time.Unix(1_700_000_000, 0).UTC(), Enabled: true,
		Events: []webhook.EventType{webhook.DeploymentFailure}, ProjectNamesFilter: entries}
}

func fires(f feed, organizationID uuid.UUID, project string) int {
	e := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: project, EnvironmentMode: webhook.Production}
	return len(f.Index().AppendMatches(nil, organizationID, e))
}

func TestFollows(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		organizationID, w := uuid.New(), made("a")
		first, err := s.put(organizationID, w)
		require.NoError(t, err)
		start := time.Now()
		f, err := s.follow(options{})
		require.NoError(t, err)
		defer f.Close()
		require.GreaterOrEqual(t, f.Revision(), first, "the index lacks changes from before Follow")
		require.Equal(t, 1, fires(f, organizationID, "a"))

		w.ProjectNamesFilter = []string{"b"}
		second, err := s.put(organizationID, w)
		require.NoError(t, err)
		require.Greater(t, second, first)
		require.NoError(t, f.Wait(t.Context(), second))
		require.Zero(t, fires(f, organizationID, "a"))
		require.Equal(t, 1, fires(f, organizationID, "b"))
		require.LessOrEqual(t, f.Age(), time.Since(start))

		third, err := s.delete(organizationID, w.ID)
		require.NoError(t, err)
		require.Greater(t, third, second)
		require.NoError(t, f.Wait(t.Context(), third))
		require.Zero(t, f.Index().Len())
	})
}

// Put refuses an invalid webhook and changes nothing. In a feed, an invalid version replaces the
// valid one before it.
func TestInvalidVersions(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		organizationID, w := uuid.New(), made("a")
		var mu sync.Mutex
		var reported []invalid
		f, err := s.follow(options{onInvalid: func(i invalid) {
			mu.Lock()
			defer mu.Unlock()
			reported = append(reported, i)
		}})
		require.NoError(t, err)
		defer f.Close()
		first, err := s.put(organizationID, w)
		require.NoError(t, err)
		require.NoError(t, f.Wait(t.Context(), first))

		invalidVersion := *w
		invalidVersion.ProjectNamesFilter = []string{"a", ""}
		for name, put := range map[string]func() (uint64, error){
			"an empty entry":  func() (uint64, error) { return s.put(organizationID, &invalidVersion) },
			"no organization": func() (uint64, error) { return s.put(uuid.Nil, w) },
			"nil":             func() (uint64, error) { return s.put(organizationID, nil) },
		} {
			revision, err := put()
			require.Zero(t, revision, name)
			require.NotEmpty(t, webhook.FieldErrors(err), name)
			require.Equal(t, 1, fires(f, organizationID, "a"), name)
		}

		for _, value := range []string{
			`{"id":"` + w.ID.String() + `","events":["DEPLOYMENT_FAILURE"],"project_names_filter":["a",""]}`,
			`{"id":"` + w.ID.String() + `","events":["DEPLOYMENT_FAILURE"],"events":["DEPLOYMENT_FAILURE"]}`,
			`{"id":"` + uuid.NewString() + `","events":["DEPLOYMENT_FAILURE"]}`,
		} {
			mu.Lock()
			reported = nil
			mu.Unlock()
			s.spoil(organizationID, w.ID, value)
			after, err := s.put(organizationID, made("other"))
			require.NoError(t, err)
			require.NoError(t, f.Wait(t.Context(), after))
			require.Zero(t, fires(f, organizationID, "a"), value)
			_, ok := f.Index().Get(organizationID, w.ID)
			require.False(t, ok)
			require.Equal(t, 1, f.Invalid())
			mu.Lock()
			require.Len(t, reported, 1, value)
			require.Equal(t, organizationID.String()+"."+w.ID.String(), reported[0].key)
			require.Greater(t, reported[0].revision, first)
			require.NotContains(t, reported[0].err.Error(), "\n")
			mu.Unlock()

			repaired, err := s.put(organizationID, w)
			require.NoError(t, err)
			require.NoError(t, f.Wait(t.Context(), repaired))
			require.Equal(t, 1, fires(f, organizationID, "a"))
			require.Zero(t, f.Invalid())
		}
	})
}

func TestWaitAndClose(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		f, err := s.follow(options{})
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, f.Wait(ctx, f.Revision()+1_000_000), context.Canceled)
		require.NoError(t, f.Wait(ctx, f.Revision()), "Wait for a current revision returns at once")
		waiting := make(chan error)
		go func() { waiting <- f.Wait(t.Context(), f.Revision()+1_000_000) }()
		require.NoError(t, f.Close())
		require.ErrorIs(t, <-waiting, s.errClosed)
		require.NoError(t, f.Close(), "a second Close")
		require.ErrorIs(t, f.Wait(t.Context(), f.Revision()+1_000_000), s.errClosed)
		require.NotNil(t, f.Index())
	})
}

// Negative durations mean the defaults. Without OnInvalid, a feed logs invalid webhooks with the given
// logger.
func TestOptions(t *testing.T) {
	each(t, func(t *testing.T, s source) {
		f, err := s.follow(options{interval: -time.Second, timeout: -time.Second})
		require.NoError(t, err)
		revision, err := s.put(uuid.New(), made())
		require.NoError(t, err)
		require.NoError(t, f.Wait(t.Context(), revision))
		require.NoError(t, f.Close())

		var log strings.Builder
		f, err = s.follow(options{logger: slog.New(slog.NewTextHandler(&log, nil))})
		require.NoError(t, err)
		organizationID, w := uuid.New(), made()
		_, err = s.put(organizationID, w)
		require.NoError(t, err)
		s.spoil(organizationID, w.ID, "{")
		revision, err = s.put(organizationID, made())
		require.NoError(t, err)
		require.NoError(t, f.Wait(t.Context(), revision))
		require.NoError(t, f.Close())
		require.Contains(t, log.String(), organizationID.String()+"."+w.ID.String())
		require.Contains(t, log.String(), "level=WARN")
	})
}
