//go:build linux

package sqlstore_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/webhook"
)

// Concurrent writers change different webhooks. Wait for a change must return only when the index
// has it.
func testManyWriters(t *testing.T, url string) {
	s := open(t, url)
	f := follow(t, s)
	organizations := []uuid.UUID{uuid.New(), uuid.New()}
	errs := make(chan error)
	var revisions sync.Map
	const writers = 8
	for writer := range writers {
		go func() {
			errs <- func() error {
				ids := []uuid.UUID{uuid.New(), uuid.New()}
				stored := map[uuid.UUID]bool{}
				random := rand.New(rand.NewPCG(1, uint64(writer)))
				for i := range 60 {
					organization, id := organizations[writer%2], ids[random.IntN(2)]
					var change uint64
					var err error
					want := ""
					if stored[id] && random.IntN(3) == 0 {
						change, err = s.Delete(t.Context(), organization, id)
					} else {
						w := made(fmt.Sprint(i))
						w.ID, want = id, w.Description
						change, err = s.Put(t.Context(), organization, w)
					}
					if err != nil {
						return err
					}
					if _, duplicate := revisions.LoadOrStore(change, true); duplicate {
						return fmt.Errorf("two changes have revision %d", change)
					}
					stored[id] = want != ""
					if err := f.Wait(t.Context(), change); err != nil {
						return err
					}
					got, ok := f.Index().Get(organization, id)
					if ok != stored[id] || ok && got.Description != want {
						return fmt.Errorf("after change %d: got %v, %v, want %q", change, got, ok, want)
					}
				}
				return nil
			}()
		}()
	}
	for range writers {
		require.NoError(t, <-errs)
	}
	require.Equal(t, contents(t, s, organizations...), indexed(t, f, organizations...))
	waitRead(t, f)
}

// fires reports whether a webhook in the feed's index fires for an event. Every result of made()
// fires for that event.
func fires(f *sqlstore.Feed, organization uuid.UUID, w *webhook.Webhook) bool {
	for _, fired := range f.Index().AppendMatches(nil, organization, webhook.Event{
		Type: webhook.DeploymentFailure, ProjectName: "p", EnvironmentMode: webhook.Production,
	}) {
		if fired.ID == w.ID {
			return true
		}
	}
	return false
}

// Rows become invalid through changes that have new revisions, so the feed reads them.
func testFeedInvalidRow(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	log := newLogged()
	broken, empty, repeated, good := made("broken"), made("an empty entry"), made("a repeated member"), made("good")
	f := follow(t, s, log.option())
	var change uint64
	for _, w := range []*webhook.Webhook{broken, empty, repeated, good} {
		var err error
		change, err = s.Put(t.Context(), organization, w)
		require.NoError(t, err)
	}
	wait(t, f, change)
	require.True(t, fires(f, organization, broken))

	const secret = "https://example.com/secret"
	emptied := *empty
	emptied.TargetURL, emptied.ProjectNamesFilter = secret, []string{""}
	for w, document := range map[*webhook.Webhook]string{
		broken:   `{"target_url":"` + secret + `",`,
		empty:    encoded(t, &emptied),
		repeated: strings.Replace(encoded(t, repeated), `"enabled":true`, `"enabled":true,"enabled":true`, 1),
	} {
		replace(t, url, w.ID, document)
	}
	notAnID := uuid.New()
	if url[:6] == "sqlite" { // in PostgreSQL, the columns of ids have the type uuid, so every id is valid
		exec(t, url, fmt.Sprintf(`INSERT INTO hookfilter_webhooks (organization_id, id, document, change) SELECT 'acme', '%s', '{}', last + 1 FROM hookfilter_changes`, notAnID))
	}
	last, err := s.Put(t.Context(), organization, made("after"))
	require.NoError(t, err)
	wait(t, f, last)

	require.False(t, fires(f, organization, broken))
	require.False(t, fires(f, organization, empty))
	require.False(t, fires(f, organization, repeated))
	require.True(t, fires(f, organization, good))
	require.Equal(t, 2, f.Index().Len())
	want := 3
	if url[:6] == "sqlite" {
		want++
	}
	var reported []string
	for range want {
		line := log.next(t, "WARN webhook is invalid and fires for nothing key=")
		require.Contains(t, line, " reason=")
		require.NotContains(t, line, "secret")
		reported = append(reported, line)
	}
	require.Empty(t, log.lines, "more than one report of a row")
	require.Equal(t, want, f.Invalid())
	for _, w := range []*webhook.Webhook{broken, empty, repeated} {
		require.Contains(t, fmt.Sprint(reported), "key="+organization.String()+"."+w.ID.String()+" revision=")
	}

	// A new feed reports the same rows. They can be repaired one by one.
	log = newLogged()
	f = follow(t, s, log.option())
	require.Equal(t, 2, f.Index().Len())
	require.Len(t, log.lines, want)
	change, err = s.Put(t.Context(), organization, broken)
	require.NoError(t, err)
	wait(t, f, change)
	require.True(t, fires(f, organization, broken))
	require.Equal(t, want-1, f.Invalid())
	change, err = s.Delete(t.Context(), organization, empty.ID)
	require.NoError(t, err)
	wait(t, f, change)
	require.Equal(t, want-2, f.Invalid())
}

// delayed returns a feed that has read three valid webhooks and an invalid one, and reads no more until
// release is called.
func delayed(t *testing.T, url string, s *sqlstore.Store, organization uuid.UUID) (f *sqlstore.Feed, webhooks []*webhook.Webhook, release func()) {
	t.Helper()
	log := newLogged()
	log.release = make(chan struct{})
	f = follow(t, s, log.option())
	for i := range 3 {
		webhooks = append(webhooks, made(fmt.Sprint(i)))
		change, err := s.Put(t.Context(), organization, webhooks[i])
		require.NoError(t, err)
		wait(t, f, change)
	}
	broken := made("broken")
	_, err := s.Put(t.Context(), uuid.New(), broken)
	require.NoError(t, err)
	wait(t, f, 4)
	replace(t, url, broken.ID, "")
	log.next(t, "WARN webhook is invalid and fires for nothing ")
	return f, webhooks, sync.OnceFunc(func() { close(log.release) })
}

func testDeletesWhileDisconnected(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	f, webhooks, release := delayed(t, url, s, organization)
	defer release()
	index := f.Index()
	_, err := s.Delete(t.Context(), organization, webhooks[0].ID)
	require.NoError(t, err)
	change, err := s.Delete(t.Context(), organization, webhooks[1].ID)
	require.NoError(t, err)
	require.Less(t, f.Revision(), change)
	require.True(t, fires(f, organization, webhooks[0]), "the feed has already read the deletion")
	release()
	wait(t, f, change)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
	require.Same(t, index, f.Index(), "the index was rebuilt")
}

func testDeletesBeyondRetention(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	f, webhooks, release := delayed(t, url, s, organization)
	defer release()
	index := f.Index()
	_, err := s.Delete(t.Context(), organization, webhooks[0].ID)
	require.NoError(t, err)
	_, err = s.Delete(t.Context(), organization, webhooks[1].ID)
	require.NoError(t, err)
	if url[:6] == "sqlite" {
		exec(t, url, `UPDATE hookfilter_webhooks SET deleted_at = deleted_at - 7*24*3600 - 5 WHERE id = '`+webhooks[0].ID.String()+`'`)
		exec(t, url, `UPDATE hookfilter_webhooks SET deleted_at = deleted_at - 7*24*3600 + 60 WHERE id = '`+webhooks[1].ID.String()+`'`)
	} else {
		exec(t, url, `UPDATE hookfilter_webhooks SET deleted_at = deleted_at - interval '7 days 5 seconds' WHERE id = '`+webhooks[0].ID.String()+`'`)
		exec(t, url, `UPDATE hookfilter_webhooks SET deleted_at = deleted_at - interval '6 days 23 hours 59 minutes' WHERE id = '`+webhooks[1].ID.String()+`'`)
	}
	// The next deletion purges the first one, but not the second.
	gone := made("deleted")
	_, err = s.Put(t.Context(), organization, gone)
	require.NoError(t, err)
	change, err := s.Delete(t.Context(), organization, gone.ID)
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		return count(t, url, `SELECT count(*) FROM hookfilter_webhooks WHERE deleted_at IS NOT NULL`) == 2
	}, soon, time.Millisecond)
	release()
	wait(t, f, change)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
	require.NotSame(t, index, f.Index(), "the index was not rebuilt")

	// The index is not rebuilt again.
	index = f.Index()
	change, err = s.Delete(t.Context(), organization, webhooks[2].ID)
	require.NoError(t, err)
	wait(t, f, change)
	require.Same(t, index, f.Index())
	require.Zero(t, index.Len())
}

// The tables are replaced by new ones, with the same or a higher revision.
func testNewDatabase(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	f := follow(t, s)
	change, err := s.Put(t.Context(), organization, made("old"))
	require.NoError(t, err)
	wait(t, f, change)

	drop(t, url)
	s = open(t, url)
	for range 3 {
		change, err = s.Put(t.Context(), organization, made("new"))
		require.NoError(t, err)
	}
	wait(t, f, change)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
}

// drop drops the tables in the order in which a feed locks them.
func drop(t *testing.T, url string) {
	t.Helper()
	exec(t, url, `DROP TABLE hookfilter_changes`, `DROP TABLE hookfilter_webhooks`, `DROP TABLE hookfilter_migrations`)
}

func testRestored(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	f := follow(t, s)
	for _, description := range []string{"kept", "lost"} {
		change, err := s.Put(t.Context(), organization, made(description))
		require.NoError(t, err)
		wait(t, f, change)
	}
	exec(t, url, `DELETE FROM hookfilter_webhooks WHERE change = 2`, `UPDATE hookfilter_changes SET last = 1, purged = 0`)
	require.Eventually(t, func() bool { return f.Revision() == 1 }, soon, time.Millisecond)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
	require.Equal(t, 1, f.Index().Len())
}

func testTablesMissing(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	log := newLogged()
	f := follow(t, s, log.option())
	w := made("")
	change, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	wait(t, f, change)
	drop(t, url)
	const reason = `sqlstore: follow: .*hookfilter_changes.* \(the tables are missing: call Migrate\)`
	require.Regexp(t, "error="+reason+" revision=1$", log.next(t, "WARN webhooks are not followed "))
	require.True(t, fires(f, organization, w), "the index must stay as it was")
	require.Error(t, s.Ping(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = f.Wait(ctx, change+1)
	require.ErrorIs(t, err, context.Canceled)
	require.Regexp(t, "^sqlstore: wait for revision 2: context canceled: "+reason+"$", err)
	s = open(t, url)
	log.next(t, "INFO webhooks are followed again revision=0")
	require.Zero(t, f.Index().Len())
	exec(t, url, `DELETE FROM hookfilter_changes`)
	log.next(t, "WARN webhooks are not followed error=sqlstore: follow: hookfilter_changes is empty")
}

func testWait(t *testing.T, url string) {
	s := open(t, url)
	// The interval is so long that only Wait and, on PostgreSQL, notifications make the feed poll.
	f := follow(t, s, sqlstore.WithInterval(time.Hour))
	require.NoError(t, f.Wait(t.Context(), 0))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := f.Wait(ctx, 1)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.EqualError(t, err, "sqlstore: wait for revision 1: context deadline exceeded")
	change, err := s.Put(t.Context(), uuid.New(), made(""))
	require.NoError(t, err)
	require.EqualValues(t, 1, change)
	wait(t, f, 1)
	require.NoError(t, f.Close())
	require.ErrorIs(t, f.Wait(t.Context(), 2), sqlstore.ErrClosed)
	age := f.Age()
	require.Greater(t, f.Age(), age)
}
