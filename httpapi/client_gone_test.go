package httpapi_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// slow returns a function that waits until its context is done, a channel that is closed when
// it is called, and a channel that gets the error of its context.
func slow() (wait func(context.Context) error, called chan struct{}, ended chan error) {
	called, ended = make(chan struct{}), make(chan error, 1)
	return func(ctx context.Context) error {
		close(called)
		select {
		case <-ctx.Done():
		case <-time.After(limit): // the test fails instead of hanging
		}
		ended <- ctx.Err()
		return fmt.Errorf("query: %w", ctx.Err())
	}, called, ended
}

// slowStore returns a store that waits.
func slowStore(wait func(context.Context) error) httpapi.StoreFunc {
	return func(ctx context.Context, _, _ uuid.UUID) (*webhook.Webhook, error) { return nil, wait(ctx) }
}

// requireCanceled requires that the log has only one request, which the client canceled.
func requireCanceled(t *testing.T, log *logged) {
	t.Helper()
	lines := log.lines()
	require.Len(t, lines, 1)
	require.Equal(t, 503.0, lines[0]["status"])
	require.Equal(t, "INFO", lines[0]["level"])
	require.NotContains(t, lines[0], "error")
	require.Equal(t, "query: context canceled", lines[0]["reason"])
}

func TestClientDisconnects(t *testing.T) {
	for name, handler := range map[string]func(wait func(context.Context) error, log *slog.Logger) http.Handler{
		"store": func(wait func(context.Context) error, log *slog.Logger) http.Handler {
			return httpapi.NewHandler(slowStore(wait), allowAll, log)
		},
		"authorizer": func(wait func(context.Context) error, log *slog.Logger) http.Handler {
			return httpapi.NewHandler(goodStore, httpapi.AuthorizerFunc(func(ctx context.Context, _ httpapi.Credential, _ uuid.UUID) error {
				return wait(ctx)
			}), log)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log, complaints logged
			wait, called, ended := slow()
			server := httptest.NewUnstartedServer(handler(wait, log.logger()))
			server.Config.ErrorLog = serverLog(&complaints)
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
			<-called
			cancel()
			require.ErrorIs(t, <-failed, context.Canceled)
			require.ErrorIs(t, <-ended, context.Canceled)
			server.Close() // waits for the request
			requireCanceled(t, &log)
			require.Empty(t, complaints.String())
		})
	}
}

// A client sends its whole request, closes its half of the connection, and waits. Then net/http
// cancels the request's context, and after that the store or the authorizer returns.
func TestHalfClosedClient(t *testing.T) {
	canceled := func(ctx context.Context) error { return fmt.Errorf("query: %w", ctx.Err()) }
	for name, c := range map[string]struct {
		authorization string
		auth, store   func(context.Context) error // nil: returns nil at once
		want          int
	}{
		"200":                         {bearer, nil, func(context.Context) error { return nil }, 200},
		"200 of a slow authorizer":    {bearer, func(context.Context) error { return nil }, nil, 200},
		"401":                         {"", nil, nil, 401},
		"401 of the authorizer":       {bearer, func(context.Context) error { return httpapi.ErrUnauthenticated }, nil, 401},
		"404":                         {bearer, nil, func(context.Context) error { return httpapi.ErrNotFound }, 404},
		"503, the store gave up":      {bearer, nil, canceled, 503},
		"503, the authorizer gave up": {bearer, canceled, nil, 503},
		"500, the store panicked":     {bearer, nil, func(context.Context) error { panic("bug") }, 500},
	} {
		for _, what := range []string{"GET " + goodPath, "HEAD " + goodPath, "GET " + listPath, "HEAD " + listPath} {
			method, path, _ := strings.Cut(what, " ")
			t.Run(name+" to "+what, func(t *testing.T) {
				var log logged
				called := make(chan struct{})
				afterCancel := func(ctx context.Context, result func(context.Context) error) error {
					if result == nil {
						return nil
					}
					close(called)
					select {
					case <-ctx.Done():
					case <-time.After(limit): // the test fails instead of hanging
						return errors.New("the context was not canceled")
					}
					return result(ctx)
				}
				server := httptest.NewServer(httpapi.NewHandler(
					listStore(func(ctx context.Context) ([]*webhook.Webhook, error) {
						return []*webhook.Webhook{hook(webhookID)}, afterCancel(ctx, c.store)
					}),
					httpapi.AuthorizerFunc(func(ctx context.Context, _ httpapi.Credential, _ uuid.UUID) error {
						return afterCancel(ctx, c.auth)
					}), log.logger()))
				defer server.Close()
				conn := dial(t, server)
				_, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\n\r\n", method, path, c.authorization)
				require.NoError(t, err)
				if c.auth != nil || c.store != nil {
					<-called
				}
				require.NoError(t, conn.CloseWrite())
				res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
				require.NoError(t, err)
				body, err := io.ReadAll(res.Body)
				require.NoError(t, err)
				require.Equal(t, c.want, res.StatusCode, log.String())
				require.NoError(t, checkResponse(method, res.StatusCode, res.Header, string(body)))
				server.Close() // waits until the request is logged
				require.Len(t, log.lines(), 1)
				require.Equal(t, c.want == 500, log.lines()[0]["level"] == "ERROR")
			})
		}
	}
}

// A request that is canceled before the handler gets it still gets a response. No server takes part.
func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		store httpapi.Store
		auth  httpapi.Authorizer
		want  int
	}{
		"the store was canceled":      {storeOf(nil, context.Canceled), allowAll, 503},
		"the store failed":            {storeOf(nil, errInternal), allowAll, 503},
		"the store found it":          {goodStore, allowAll, 200},
		"the store did not find it":   {storeOf(nil, httpapi.ErrNotFound), allowAll, 404},
		"the authorizer was canceled": {goodStore, authorizerOf(context.Canceled), 503},
		"the authorizer refused":      {goodStore, authorizerOf(httpapi.ErrForbidden), 403},
	} {
		t.Run(name, func(t *testing.T) {
			var log logged
			got := serve(httpapi.NewHandler(c.store, c.auth, log.logger()), request("GET", goodPath, bearer).WithContext(ctx))
			require.Equal(t, c.want, got.Code)
			require.NoError(t, checkResponse("GET", got.Code, got.Header(), got.Body.String()))
			require.Equal(t, "INFO", log.lines()[0]["level"])
		})
	}
	t.Run("a panic is still logged as an error", func(t *testing.T) {
		var log logged
		store := httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { panic("bug") })
		got := serve(httpapi.NewHandler(store, allowAll, log.logger()), request("GET", goodPath, bearer).WithContext(ctx))
		require.Equal(t, 500, got.Code)
		require.Equal(t, "panic: bug", log.lines()[0]["error"])
		require.Equal(t, "ERROR", log.lines()[0]["level"])
	})
}
