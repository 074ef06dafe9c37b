package httpapi_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// slow waits until its context is done, and says when it was asked and with what
// error its context ended.
func slow() (wait func(context.Context) error, asked chan struct{}, ended chan error) {
	asked, ended = make(chan struct{}), make(chan error, 1)
	return func(ctx context.Context) error {
		close(asked)
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second): // nobody cancels: the test fails, and ends
		}
		ended <- ctx.Err()
		return fmt.Errorf("query: %w", ctx.Err())
	}, asked, ended
}

// slowStore is a store that waits.
func slowStore(wait func(context.Context) error) httpapi.StoreFunc {
	return func(ctx context.Context, _, _ uuid.UUID) (*webhook.Webhook, error) { return nil, wait(ctx) }
}

// requireGone checks the log of the one request whose client went away.
func requireGone(t *testing.T, log *logged) {
	t.Helper()
	lines := log.lines()
	require.Len(t, lines, 1)
	require.Equal(t, 0.0, lines[0]["status"])
	require.Equal(t, "INFO", lines[0]["level"])
	require.NotContains(t, lines[0], "error")
	require.NotContains(t, lines[0], "reason")
}

func TestSlowIsCancelled(t *testing.T) {
	for name, handler := range map[string]func(wait func(context.Context) error, log *slog.Logger) http.Handler{
		"store": func(wait func(context.Context) error, log *slog.Logger) http.Handler {
			return httpapi.NewHandler(slowStore(wait), anybody, log)
		},
		"authorizer": func(wait func(context.Context) error, log *slog.Logger) http.Handler {
			return httpapi.NewHandler(goodStore, httpapi.AuthorizerFunc(func(ctx context.Context, _ string, _ uuid.UUID) error {
				return wait(ctx)
			}), log)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log, errors logged
			wait, asked, ended := slow()
			server := httptest.NewUnstartedServer(handler(wait, log.logger()))
			server.Config.ErrorLog = serverLog(&errors)
			server.Start()
			defer server.Close()

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, "GET", server.URL+goodPath, nil)
			require.NoError(t, err)
			r.Header.Set("Authorization", bearer)
			failed := make(chan error)
			go func() {
				_, err := http.DefaultClient.Do(r)
				failed <- err
			}()
			<-asked
			cancel()
			require.ErrorIs(t, <-failed, context.Canceled)
			require.ErrorIs(t, <-ended, context.Canceled)
			server.Close() // waits for the request
			requireGone(t, &log)
			require.Empty(t, errors.String())
		})
	}
}

// TestHalfClosedClient has a client that could still read: it must not get the
// empty 200 that net/http makes of a handler that wrote nothing.
func TestHalfClosedClient(t *testing.T) {
	var log logged
	wait, asked, ended := slow()
	server := httptest.NewServer(httpapi.NewHandler(slowStore(wait), anybody, log.logger()))
	defer server.Close()
	conn := dial(t, server)
	_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", goodPath, bearer)
	require.NoError(t, err)
	<-asked
	require.NoError(t, conn.CloseWrite())
	require.ErrorIs(t, <-ended, context.Canceled)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Empty(t, answer)
	server.Close()
	requireGone(t, &log)
}

// TestGoneWithoutServer has no server to cut the connection, so nobody would
// recover a panic.
func TestGoneWithoutServer(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, store := range map[string]httpapi.StoreFunc{
		"the store was cancelled": storeOf(nil, context.Canceled),
		"the store failed":        storeOf(nil, errInternal),
		"the store had it":        goodStore,
	} {
		t.Run(name, func(t *testing.T) {
			var log logged
			got := serve(httpapi.NewHandler(store, anybody, log.logger()), request("GET", goodPath, bearer).WithContext(ctx))
			require.Empty(t, got.Header())
			require.Empty(t, got.Body.String())
			requireGone(t, &log)
		})
	}
	t.Run("a panic is logged all the same", func(t *testing.T) {
		var log logged
		store := httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { panic("bug") })
		got := serve(httpapi.NewHandler(store, anybody, log.logger()), request("GET", goodPath, bearer).WithContext(ctx))
		require.Empty(t, got.Header())
		require.Equal(t, "panic: bug", log.lines()[0]["error"])
		require.Equal(t, "ERROR", log.lines()[0]["level"])
	})
}
