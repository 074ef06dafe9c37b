//go:build linux

package sqlstore_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/internal/tests/postgrestest"
	"github.com/hookfilter/hookfilter/webhook"
)

// databases calls bench with an empty database of each kind, with durable commits as in production.
func databases(b *testing.B, bench func(b *testing.B, url string)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, "sqlite:"+filepath.Join(b.TempDir(), "webhooks.db")) })
	b.Run("postgres", func(b *testing.B) { bench(b, postgrestest.Start(b, "fsync=on").Database(b, "bench")) })
}

// fill inserts n webhooks without any check, a thousand in each organization.
func fill(b *testing.B, url string, n int) (organizations, ids []uuid.UUID) {
	b.Helper()
	db := raw(b, url)
	defer db.Close()
	tx, err := db.BeginTx(b.Context(), nil)
	require.NoError(b, err)
	defer tx.Rollback()
	insert, err := tx.PrepareContext(b.Context(), `INSERT INTO hookfilter_webhooks (organization_id, id, document, change) VALUES ($1, $2, $3, $4)`)
	require.NoError(b, err)
	organization := uuid.New()
	for i := range n {
		if i%1000 == 0 {
			organization = uuid.New()
		}
		w := made(fmt.Sprint("webhook ", i))
		w.TargetURL = "https://hooks.example.com/services/deployments"
		w.ProjectNamesFilter = []string{fmt.Sprintf("team-%d-*", i%5000), "shared"}
		w.EnvironmentTypesFilter = []webhook.EnvironmentMode{webhook.Production}
		document, err := w.MarshalJSON()
		require.NoError(b, err)
		_, err = insert.ExecContext(b.Context(), organization.String(), w.ID.String(), string(document), i+1)
		require.NoError(b, err)
		organizations, ids = append(organizations, organization), append(ids, w.ID)
	}
	_, err = tx.ExecContext(b.Context(), fmt.Sprintf(`UPDATE hookfilter_changes SET last = %d`, n))
	require.NoError(b, err)
	require.NoError(b, tx.Commit())
	return organizations, ids
}

// percentiles reports the median and the 99th percentile, in microseconds.
func percentiles(b *testing.B, took []time.Duration) {
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds())/1000, "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1000, "p99-µs")
}

// discarded is a ResponseWriter that discards the body.
type discarded struct {
	header http.Header
	status int
}

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarded) WriteHeader(status int)      { d.status = status }

// BenchmarkLookup measures lookups through the handler by eight concurrent clients. There are 10,000
// webhooks, in each database and in memory.
func BenchmarkLookup(b *testing.B) {
	const n, clients = 10_000, 8
	allowAll := httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error { return nil })
	run := func(b *testing.B, store httpapi.Store, organizations, ids []uuid.UUID) {
		handler := httpapi.NewHandler(store, allowAll, nil)
		requests := make([]*http.Request, n)
		for i := range requests {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, fmt.Sprintf("/organization/%s/webhook/%s", organizations[i], ids[i]), nil)
			require.NoError(b, err)
			r.Header.Set("Authorization", "Bearer x")
			requests[i] = r
		}
		took := make([]time.Duration, b.N)
		b.ResetTimer()
		var running sync.WaitGroup
		for c := range clients {
			running.Go(func() {
				w := &discarded{header: http.Header{}}
				for i := c; i < b.N; i += clients {
					start := time.Now()
					handler.ServeHTTP(w, requests[i*7919%n])
					took[i] = time.Since(start)
					if w.status != http.StatusOK {
						b.Errorf("got status %d, want 200", w.status)
					}
				}
			})
		}
		running.Wait()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lookups/s")
		percentiles(b, took)
	}
	databases(b, func(b *testing.B, url string) {
		s := open(b, url)
		organizations, ids := fill(b, url, n)
		b.Run("database", func(b *testing.B) { run(b, s, organizations, ids) })

		type key struct{ organization, id uuid.UUID }
		webhooks := make(map[key]*webhook.Webhook)
		for i, id := range ids {
			w, err := s.Webhook(b.Context(), organizations[i], id)
			require.NoError(b, err)
			webhooks[key{organizations[i], id}] = w
		}
		memory := httpapi.StoreFunc(func(_ context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
			return webhooks[key{organizationID, webhookID}], nil
		})
		b.Run("memory", func(b *testing.B) { run(b, memory, organizations, ids) })
	})
}

// BenchmarkPut measures Put, and the time from the start of Put until the webhook is in a feed's
// index, with and without Wait.
func BenchmarkPut(b *testing.B) {
	databases(b, func(b *testing.B, url string) {
		s := open(b, url)
		organization := uuid.New()
		feed := follow(b, s)
		run := func(visible func(change uint64)) func(b *testing.B) {
			return func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					w := made("")
					start := time.Now()
					change, err := s.Put(b.Context(), organization, w)
					if err != nil {
						b.Fatal(err)
					}
					visible(change)
					took = append(took, time.Since(start))
				}
				percentiles(b, took)
			}
		}
		b.Run("stored", run(func(uint64) {}))
		b.Run("visible-by-Wait", run(func(change uint64) { wait(b, feed, change) }))
		b.Run("visible", run(func(change uint64) {
			require.Eventually(b, func() bool { return feed.Revision() >= change }, soon, 20*time.Microsecond)
		}))
		b.Run("8-writers", func(b *testing.B) {
			var writers sync.WaitGroup
			for range 8 {
				writers.Go(func() {
					for range (b.N + 7) / 8 {
						if _, err := s.Put(b.Context(), organization, made("")); err != nil {
							b.Error(err)
						}
					}
				})
			}
			writers.Wait()
			b.ReportMetric(float64((b.N+7)/8*8)/b.Elapsed().Seconds(), "puts/s")
		})
	})
}

// BenchmarkFollow measures Follow with 200,000 and 1,000,000 webhooks, or 10,000 with -short.
func BenchmarkFollow(b *testing.B) {
	sizes := []int{200_000, 1_000_000}
	if testing.Short() {
		sizes = []int{10_000}
	}
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			databases(b, func(b *testing.B, url string) {
				s := open(b, url)
				fill(b, url, n)
				b.ReportAllocs()
				for b.Loop() {
					f, err := s.Follow(b.Context())
					require.NoError(b, err)
					require.Equal(b, n, f.Index().Len())
					require.NoError(b, f.Close())
				}
				b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "webhooks/s")
			})
		})
	}
}
