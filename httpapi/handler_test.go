package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// The response depends on the results of the authorizer and the store.
func TestResponses(t *testing.T) {
	unencodable := hook(webhookID)
	unencodable.CreatedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	other := hook(uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052b"))
	wrapped := func(err error) error { return fmt.Errorf("%w: %w", errInternal, err) }

	for _, c := range []struct {
		name    string
		auth    error
		webhook *webhook.Webhook
		err     error
		want    int
		message string // empty for 200
		header  string // value of the status's own header
	}{
		{"found", nil, hook(webhookID), nil, 200, "", ""},
		{"not found", nil, nil, httpapi.ErrNotFound, 404, "Resource not found", ""},
		{"not found, wrapped", nil, nil, wrapped(httpapi.ErrNotFound), 404, "Resource not found", ""},
		{"not found, with a webhook", nil, hook(webhookID), httpapi.ErrNotFound, 404, "Resource not found", ""},
		{"another webhook", nil, other, nil, 404, "Resource not found", ""},
		{"unavailable", nil, nil, httpapi.ErrUnavailable, 503, "The lookup is not possible now; try again", "5"},
		{"unavailable, wrapped", nil, nil, wrapped(httpapi.ErrUnavailable), 503, "The lookup is not possible now; try again", "5"},
		{"not found joined with unavailable", nil, nil, errors.Join(httpapi.ErrNotFound, httpapi.ErrUnavailable), 503, "The lookup is not possible now; try again", "5"},
		{"not found joined with a deadline", nil, nil, errors.Join(httpapi.ErrNotFound, context.DeadlineExceeded), 503, "The lookup is not possible now; try again", "5"},
		{"the store's deadline", nil, nil, wrapped(context.DeadlineExceeded), 503, "The lookup is not possible now; try again", "5"},
		{"the store's own cancellation", nil, nil, context.Canceled, 500, "The lookup failed", ""},
		{"another error", nil, nil, errInternal, 500, "The lookup failed", ""},
		{"an error with a webhook", nil, hook(webhookID), errInternal, 500, "The lookup failed", ""},
		{"ErrForbidden from the store", nil, nil, httpapi.ErrForbidden, 500, "The lookup failed", ""},
		{"neither webhook nor error", nil, nil, nil, 500, "The lookup failed", ""},
		{"a webhook that cannot be encoded", nil, unencodable, nil, 500, "The lookup failed", ""},
		{"unauthenticated", httpapi.ErrUnauthenticated, hook(webhookID), nil, 401, "Access token is missing or invalid", `Bearer error="invalid_token"`},
		{"unauthenticated, wrapped", wrapped(httpapi.ErrUnauthenticated), hook(webhookID), nil, 401, "Access token is missing or invalid", `Bearer error="invalid_token"`},
		{"forbidden", httpapi.ErrForbidden, hook(webhookID), nil, 403, "Access forbidden", ""},
		{"forbidden, wrapped", wrapped(httpapi.ErrForbidden), hook(webhookID), nil, 403, "Access forbidden", ""},
		{"another authorizer error", errInternal, hook(webhookID), nil, 500, "The lookup failed", ""},
		{"the authorizer's deadline", wrapped(context.DeadlineExceeded), hook(webhookID), nil, 503, "The lookup is not possible now; try again", "5"},
		{"an unsupported lookup", nil, nil, errors.ErrUnsupported, 500, "The lookup failed", ""},
		{"the authorizer unavailable", httpapi.ErrUnavailable, hook(webhookID), nil, 503, "The lookup is not possible now; try again", "5"},
		{"the authorizer unavailable, wrapped", wrapped(httpapi.ErrUnavailable), hook(webhookID), nil, 503, "The lookup is not possible now; try again", "5"},
		{"unavailable joined with unauthenticated", errors.Join(httpapi.ErrUnavailable, httpapi.ErrUnauthenticated), hook(webhookID), nil, 401, "Access token is missing or invalid", `Bearer error="invalid_token"`},
		{"unavailable joined with forbidden", errors.Join(httpapi.ErrUnavailable, httpapi.ErrForbidden), hook(webhookID), nil, 403, "Access forbidden", ""},
		{"ErrNotFound from the authorizer", httpapi.ErrNotFound, hook(webhookID), nil, 500, "The lookup failed", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			storeCalled := false
			store := httpapi.StoreFunc(func(_ context.Context, organization, webhook uuid.UUID) (*webhook.Webhook, error) {
				storeCalled = true
				require.Equal(t, organizationID, organization)
				require.Equal(t, webhookID, webhook)
				return c.webhook, c.err
			})
			auth := httpapi.AuthorizerFunc(func(_ context.Context, sent httpapi.Credential, organization uuid.UUID) error {
				require.Equal(t, httpapi.Credential{Scheme: httpapi.SchemeBearer, Token: token}, sent)
				require.Equal(t, organizationID, organization)
				return c.auth
			})
			h := httpapi.NewHandler(store, auth, nil)

			got := serve(h, request("GET", goodPath, bearer))
			require.Equal(t, c.want, got.Code, got.Body)
			require.Equal(t, c.auth == nil, storeCalled, "the store is called only for callers who may read")
			require.NoError(t, checkResponse("GET", got.Code, got.Header(), got.Body.String()))
			require.Equal(t, c.header, got.Header().Get(ownHeader[c.want]))
			if c.message != "" {
				require.Equal(t, fmt.Sprintf(`{"status":%d,"error":%q,"message":%q}`,
					c.want, http.StatusText(c.want), c.message), got.Body.String())
			}

			head := serve(h, request("HEAD", goodPath, bearer))
			require.Equal(t, c.want, head.Code)
			require.Empty(t, head.Body.String())
			require.Equal(t, got.Header(), head.Header())
		})
	}
}

// The first request fails every check; each step repairs one.
func TestOrderOfChecks(t *testing.T) {
	var authErr, storeErr error = httpapi.ErrForbidden, httpapi.ErrNotFound
	h := httpapi.NewHandler(
		httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) {
			return hook(webhookID), storeErr
		}),
		httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error { return authErr }), nil)
	method, path, authorization := "POST", "/organization/1/hook/2", []string(nil)

	for _, step := range []struct {
		repair  func()
		want    int
		message string
	}{
		{func() {}, 404, "Resource not found"},
		{func() { path = pathOf(1, 2) }, 405, "Only GET and HEAD are allowed"},
		{func() { method = "GET" }, 401, "Access token is missing or invalid"},
		{func() { authorization = []string{bearer} }, 400, "Validation error: organizationId is not a UUID in its canonical 36-character form"},
		{func() { path = pathOf(organizationID, 2) }, 400, "Validation error: webhookId is not a UUID in its canonical 36-character form"},
		{func() { path = goodPath }, 403, "Access forbidden"},
		{func() { authErr = nil }, 404, "Resource not found"},
		{func() { storeErr = nil }, 200, ""},
	} {
		step.repair()
		got := serve(h, request(method, path, authorization...))
		require.Equal(t, step.want, got.Code, got.Body)
		require.NoError(t, checkResponse(method, got.Code, got.Header(), got.Body.String()))
		if step.message != "" {
			require.Contains(t, got.Body.String(), `"message":"`+step.message+`"}`)
		}
	}
}

func TestBody(t *testing.T) {
	t.Run("the documented example, byte for byte", func(t *testing.T) {
		const documented = `{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z",` +
			`"updated_at":"2023-11-07T05:31:56Z","kind":"STANDARD","target_url":"<string>","target_secret_set":true,` +
			`"description":"<string>","enabled":true,"events":["DEPLOYMENT_STARTED"],"project_names_filter":["<string>"],` +
			`"environment_types_filter":["PRODUCTION"]}`
		w := new(webhook.Webhook)
		require.NoError(t, json.Unmarshal([]byte(documented), w))
		got := serve(httpapi.NewHandler(storeOf(w, nil), allowAll, nil), request("GET", goodPath, bearer))
		require.Equal(t, documented, got.Body.String())
	})
	t.Run("as from encoding/json without HTML escapes", func(t *testing.T) {
		w := hook(webhookID)
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		require.NoError(t, enc.Encode(w))
		got := serve(httpapi.NewHandler(goodStore, allowAll, nil), request("GET", goodPath, bearer))
		require.Equal(t, want.String(), got.Body.String()+"\n")
		require.Contains(t, got.Body.String(), "<releases> & ")
	})
}

func TestMethods(t *testing.T) {
	h := httpapi.NewHandler(goodStore, allowAll, nil)
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "GETS"} {
		t.Run(method, func(t *testing.T) {
			for _, authorization := range [][]string{nil, {bearer}} {
				got := serve(h, request(method, goodPath, authorization...))
				require.Equal(t, 405, got.Code)
				require.Equal(t, "GET, HEAD", got.Header().Get("Allow"))
				require.NoError(t, checkResponse(method, got.Code, got.Header(), got.Body.String()))
			}
		})
	}
}

func TestDeadline(t *testing.T) {
	ctx, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	r := request("GET", goodPath, bearer).WithContext(ctx)
	for name, h := range map[string]http.Handler{
		"an error of the store":      httpapi.NewHandler(storeOf(nil, errInternal), allowAll, nil),
		"an error of the authorizer": httpapi.NewHandler(goodStore, authorizerOf(errInternal), nil),
	} {
		require.Equal(t, 503, serve(h, r).Code, name)
	}
	require.Equal(t, 404, serve(httpapi.NewHandler(storeOf(nil, httpapi.ErrNotFound), allowAll, nil), r).Code, "the store did not find it")
	require.Equal(t, 200, serve(httpapi.NewHandler(goodStore, allowAll, nil), r).Code, "the store found it")
}

func TestNewHandlerRefusesNil(t *testing.T) {
	for name, c := range map[string]struct {
		store httpapi.Store
		auth  httpapi.Authorizer
		want  string
	}{
		"store":           {nil, allowAll, "httpapi: NewHandler: the Store is nil"},
		"store func":      {httpapi.StoreFunc(nil), allowAll, "httpapi: NewHandler: the Store is nil"},
		"authorizer":      {goodStore, nil, "httpapi: NewHandler: the Authorizer is nil"},
		"authorizer func": {goodStore, httpapi.AuthorizerFunc(nil), "httpapi: NewHandler: the Authorizer is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			require.PanicsWithValue(t, c.want, func() { httpapi.NewHandler(c.store, c.auth, nil) })
		})
	}
}

// get requests the good path of a server.
func get(t *testing.T, base string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", base+goodPath, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", bearer)
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(res.Body)
	require.NoError(t, err)
	return res.StatusCode, b.String()
}
