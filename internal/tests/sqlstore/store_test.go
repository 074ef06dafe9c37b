//go:build linux

package sqlstore_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/webhook"
)

var _ httpapi.Store = (*sqlstore.Store)(nil)

// genDocument generates the JSON of valid webhooks: optional fields absent, empty or present, lists
// with repetitions, times with fractions and offsets, and all kinds of text.
func genDocument() gopter.Gen {
	field := func(name string, values ...string) gopter.Gen {
		options := []any{""}
		for _, v := range values {
			options = append(options, fmt.Sprintf(",%q:%s", name, v))
		}
		return gen.OneConstOf(options...)
	}
	text := gen.OneGenOf(gen.AnyString(), gen.OneConstOf("", "<&>", "\x00", "a\u2028b", "ünï", `"\'; DROP TABLE x`, "\U0001f600"))
	return gopter.CombineGens(
		gen.OneConstOf("2023-11-07T05:31:56Z", "2023-11-07T05:31:56.123456789Z", "2023-11-07T05:31:56.1+05:30"),
		field("updated_at", `"2024-02-29T23:59:59.000001-08:00"`, `"2024-02-29T00:00:00Z"`),
		field("kind", `"STANDARD"`, `"SLACK"`, `""`),
		field("target_url", `"https://example.com/a?b=<c>&d#e"`, `""`),
		field("target_secret_set", `true`, `false`),
		text,
		field("enabled", `true`, `false`),
		field("events", `[]`, `["DEPLOYMENT_STARTED"]`, `["DEPLOYMENT_FAILURE","DEPLOYMENT_STARTED","DEPLOYMENT_FAILURE"]`),
		field("project_names_filter", `[]`, `["a*"]`, `["Ünï*","b","b","*?"]`),
		field("environment_types_filter", `[]`, `["PRODUCTION"]`, `["STAGING","PRODUCTION","STAGING"]`),
	).Map(func(v []any) string {
		description, err := json.Marshal(v[5])
		if err != nil {
			panic(err)
		}
		return fmt.Sprintf(`{"id":%q,"created_at":%q%s%s%s%s,"description":%s%s%s%s%s}`,
			uuid.NewString(), v[0], v[1], v[2], v[3], v[4], description, v[6], v[7], v[8], v[9])
	})
}

func testGet(t *testing.T, url string) {
	s := open(t, url)
	f := follow(t, s)
	organization := uuid.New()
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = 100
	properties := gopter.NewProperties(parameters)
	properties.Property("Webhook, Webhooks and Index return what was put", prop.ForAll(func(document string) (bool, error) {
		w := new(webhook.Webhook)
		if err := json.Unmarshal([]byte(document), w); err != nil {
			return false, err
		}
		want := encoded(t, w)
		change, err := s.Put(t.Context(), organization, w)
		if err != nil {
			return false, err
		}
		got, err := s.Webhook(t.Context(), organization, w.ID)
		if err != nil || encoded(t, got) != want {
			return false, err
		}
		if err := f.Wait(t.Context(), change); err != nil {
			return false, err
		}
		got, ok := f.Index().Get(organization, w.ID)
		return ok && encoded(t, got) == want && contents(t, s, organization)[organization.String()+" "+w.ID.String()] == want, nil
	}, genDocument()))
	properties.TestingRun(t)
}

func testMadeInGo(t *testing.T, url string) {
	s := open(t, url)
	w := made("")
	w.TargetURL = "https://example.com/<path>"
	w.ProjectNamesFilter = []string{}
	organization := uuid.New()
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	got, err := s.Webhook(t.Context(), organization, w.ID)
	require.NoError(t, err)
	require.Equal(t, encoded(t, w), encoded(t, got))
}

func testPutRefuses(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	w := made("the previous version")
	first, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)

	for name, test := range map[string]struct {
		organization uuid.UUID
		change       func(*webhook.Webhook)
		fields       []string
	}{
		"invalid filters": {organization, func(w *webhook.Webhook) {
			w.Events, w.ProjectNamesFilter, w.EnvironmentTypesFilter = []webhook.EventType{""}, []string{"a", ""}, []webhook.EnvironmentMode{""}
		}, []string{"events[0]", "project_names_filter[1]", "environment_types_filter[0]"}},
		"invalid UTF-8": {organization, func(w *webhook.Webhook) {
			w.Kind, w.TargetURL, w.Description = "\xff", "https://example.com/\xff", "\xff"
			w.Events, w.EnvironmentTypesFilter = []webhook.EventType{"a", "\xff"}, []webhook.EnvironmentMode{"\xff"}
		}, []string{"kind", "target_url", "description", "events[1]", "environment_types_filter[0]"}},
		"no organization": {uuid.Nil, func(*webhook.Webhook) {}, []string{"organization_id"}},
		"no id":           {organization, func(w *webhook.Webhook) { w.ID = uuid.Nil }, []string{"id"}},
		"a time that JSON cannot hold": {organization, func(w *webhook.Webhook) {
			w.UpdatedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
		}, []string{"updated_at"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused := *w
			test.change(&refused)
			change, err := s.Put(t.Context(), test.organization, &refused)
			require.Equal(t, test.fields, fieldErrors(err))
			require.NotErrorIs(t, err, httpapi.ErrUnavailable)
			require.NotContains(t, err.Error(), "\n")
			require.Zero(t, change)
		})
	}
	_, err = s.Put(t.Context(), organization, nil)
	require.Equal(t, []string{"webhook"}, fieldErrors(err))
	got, err := s.Webhook(t.Context(), organization, w.ID)
	require.NoError(t, err)
	require.Equal(t, "the previous version", got.Description)
	require.Len(t, contents(t, s, organization), 1)
	require.Equal(t, first, follow(t, s).Revision(), "a refused Put has taken a revision")
}

// Values that a newer API may have added are stored and returned.
func testPutAcceptsNewer(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	w := made("newer")
	w.CreatedAt, w.Kind, w.TargetURL = time.Time{}, "TEAMS", "ftp://example.com"
	w.Events, w.EnvironmentTypesFilter = []webhook.EventType{"DEPLOYMENT_QUEUED"}, []webhook.EnvironmentMode{"SANDBOX"}
	_, err := s.Put(t.Context(), organization, w)
	require.NoError(t, err)
	got, err := s.Webhook(t.Context(), organization, w.ID)
	require.NoError(t, err)
	require.Equal(t, encoded(t, w), encoded(t, got))
}

func testIsolation(t *testing.T, url string) {
	s := open(t, url)
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	w := made("a's")
	other := *w
	other.Description = "b's"
	_, err := s.Put(t.Context(), a, w)
	require.NoError(t, err)
	_, err = s.Put(t.Context(), b, &other)
	require.NoError(t, err)

	for organization, want := range map[uuid.UUID]string{a: "a's", b: "b's"} {
		got, err := s.Webhook(t.Context(), organization, w.ID)
		require.NoError(t, err)
		require.Equal(t, want, got.Description)
		webhooks, err := s.Webhooks(t.Context(), organization)
		require.NoError(t, err)
		require.Len(t, webhooks, 1)
	}
	_, err = s.Webhook(t.Context(), c, w.ID)
	require.ErrorIs(t, err, httpapi.ErrNotFound)
	webhooks, err := s.Webhooks(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, webhooks)
	_, err = s.Delete(t.Context(), c, w.ID)
	require.ErrorIs(t, err, httpapi.ErrNotFound)

	_, err = s.Delete(t.Context(), a, w.ID)
	require.NoError(t, err)
	_, err = s.Webhook(t.Context(), a, w.ID)
	require.ErrorIs(t, err, httpapi.ErrNotFound)
	_, err = s.Delete(t.Context(), a, w.ID)
	require.ErrorIs(t, err, httpapi.ErrNotFound, "already deleted")
	got, err := s.Webhook(t.Context(), b, w.ID)
	require.NoError(t, err)
	require.Equal(t, "b's", got.Description)
}

// After each of many random changes, the store must equal a model.
func testModel(t *testing.T, url string) {
	s := open(t, url)
	f := follow(t, s)
	organizations := []uuid.UUID{uuid.New(), uuid.New()}
	ids := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	model := map[string]string{}
	var last uint64
	for i := range 300 {
		organization, id := organizations[rand.IntN(2)], ids[rand.IntN(3)]
		key := organization.String() + " " + id.String()
		_, there := model[key]
		var change uint64
		var err error
		if rand.IntN(3) == 0 {
			change, err = s.Delete(t.Context(), organization, id)
			if !there {
				require.ErrorIs(t, err, httpapi.ErrNotFound)
				continue
			}
			delete(model, key)
		} else {
			w := made(fmt.Sprint(i))
			w.ID = id
			change, err = s.Put(t.Context(), organization, w)
			model[key] = encoded(t, w)
		}
		require.NoError(t, err)
		require.Greater(t, change, last)
		last = change
		require.Equal(t, model, contents(t, s, organizations...))
		wait(t, f, change)
		require.Equal(t, model, indexed(t, f, organizations...))
	}
}

func testBrokenRow(t *testing.T, url string) {
	s := open(t, url)
	organization := uuid.New()
	var webhooks []*webhook.Webhook
	for i := range 4 {
		webhooks = append(webhooks, made(fmt.Sprint(i)))
		_, err := s.Put(t.Context(), organization, webhooks[i])
		require.NoError(t, err)
	}
	for i, document := range []string{`{"id":`, encoded(t, made("another id"))} {
		exec(t, url, fmt.Sprintf(`UPDATE hookfilter_webhooks SET document = '%s' WHERE id = '%s'`, document, webhooks[i].ID))
		_, err := s.Webhook(t.Context(), organization, webhooks[i].ID)
		require.ErrorContains(t, err, webhooks[i].ID.String())
		require.ErrorContains(t, err, organization.String())
		require.NotErrorIs(t, err, httpapi.ErrNotFound)
		require.NotErrorIs(t, err, httpapi.ErrUnavailable)
	}
	for _, w := range webhooks[2:] {
		_, err := s.Webhook(t.Context(), organization, w.ID)
		require.NoError(t, err)
	}
	// There is no partial list: a client would take missing webhooks for deleted ones.
	list, err := s.Webhooks(t.Context(), organization)
	require.ErrorContains(t, err, webhooks[0].ID.String())
	require.ErrorContains(t, err, webhooks[1].ID.String())
	require.NotContains(t, err.Error(), "\n")
	require.NotErrorIs(t, err, httpapi.ErrUnavailable)
	require.Nil(t, list)

	// Put repairs a broken row, and Delete removes it.
	_, err = s.Put(t.Context(), organization, webhooks[0])
	require.NoError(t, err)
	_, err = s.Delete(t.Context(), organization, webhooks[1].ID)
	require.NoError(t, err)
	require.Len(t, contents(t, s, organization), 3)

	// The error names at most ten rows.
	exec(t, url, `UPDATE hookfilter_webhooks SET document = '[' WHERE document IS NOT NULL`)
	for range 12 {
		w := made("")
		_, err := s.Put(t.Context(), organization, w)
		require.NoError(t, err)
		exec(t, url, fmt.Sprintf(`UPDATE hookfilter_webhooks SET document = '[' WHERE id = '%s'`, w.ID))
	}
	_, err = s.Webhooks(t.Context(), organization)
	require.Equal(t, 10, strings.Count(err.Error(), "of organization"), err)
	require.ErrorContains(t, err, "; and 5 more")
}

func testCanceled(t *testing.T, url string) {
	s := open(t, url)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Webhook(ctx, uuid.New(), uuid.New())
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	ctx, cancel = context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	_, err = s.Put(ctx, uuid.New(), made(""))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
	cause := errors.New("the client is gone")
	canceled, cancelCause := context.WithCancelCause(t.Context())
	cancelCause(cause)
	late, cancel := context.WithDeadlineCause(t.Context(), time.Now(), cause)
	defer cancel()
	for want, ctx := range map[error]context.Context{context.Canceled: canceled, context.DeadlineExceeded: late} {
		_, err = s.Webhooks(ctx, uuid.New())
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, err, cause)
		require.ErrorIs(t, err, httpapi.ErrUnavailable)
		require.NotContains(t, err.Error(), "\n")
	}
	require.NoError(t, s.Ping(t.Context()))
	require.Positive(t, s.Stats().MaxOpenConnections)
}

func testClosedStore(t *testing.T, url string) {
	s := open(t, url)
	f := follow(t, s)
	waiting := make(chan error)
	go func() { waiting <- f.Wait(t.Context(), 1) }()
	require.NoError(t, s.Close())
	require.ErrorIs(t, <-waiting, sqlstore.ErrClosed)
	require.NoError(t, f.Close())
	require.NoError(t, f.Close())
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, ctx := range []context.Context{t.Context(), done} {
		require.Equal(t, sqlstore.ErrClosed, s.Ping(ctx))
		_, err := s.Webhook(ctx, uuid.New(), uuid.New())
		require.Equal(t, sqlstore.ErrClosed, err)
		_, err = s.Webhooks(ctx, uuid.New())
		require.Equal(t, sqlstore.ErrClosed, err)
		_, err = s.Put(ctx, uuid.New(), made(""))
		require.Equal(t, sqlstore.ErrClosed, err)
		_, err = s.Delete(ctx, uuid.New(), uuid.New())
		require.Equal(t, sqlstore.ErrClosed, err)
		_, err = s.Follow(ctx)
		require.Equal(t, sqlstore.ErrClosed, err)
	}
	require.Equal(t, sqlstore.ErrClosed, f.Wait(t.Context(), 1))
	require.NoError(t, s.Close())
}

// More goroutines use the database than it has connections, and some cancel their operations.
func TestSQLiteInMemory(t *testing.T) {
	s := open(t, "sqlite::memory:")
	f := follow(t, s)
	organization := uuid.New()
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for i := range 50 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*50*time.Microsecond)
				_, _ = s.Put(ctx, organization, made(""))
				cancel()
			}
		})
	}
	writers.Wait()
	last, err := s.Put(t.Context(), organization, made(""))
	require.NoError(t, err)
	wait(t, f, last)
	require.Equal(t, contents(t, s, organization), indexed(t, f, organization))
	other := open(t, "sqlite::memory:")
	require.Empty(t, contents(t, other, organization))
}
