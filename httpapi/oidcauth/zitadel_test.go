package oidcauth_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/oidcauth"
)

const clientID, clientSecret, redirectURI = "web", "client-secret", "http://localhost:9999/auth/callback"

// realProvider is zitadel's OpenID Provider.
type realProvider struct {
	*httptest.Server
	handler atomic.Value // http.Handler
}

func startProvider(t *testing.T) *realProvider {
	t.Helper()
	logger := slog.Default() // the provider replaces it
	t.Cleanup(func() { slog.SetDefault(logger) })
	p := new(realProvider)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.handler.Load().(http.Handler).ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	storage.RegisterClients(storage.WebClient(clientID, clientSecret, redirectURI))
	p.rotate()
	return p
}

// rotate replaces the provider by one with new keys.
func (p *realProvider) rotate() {
	p.handler.Store(http.HandlerFunc(exampleop.SetupServer(p.URL,
		storage.NewStorage(storage.NewUserStore(p.URL)), slog.New(slog.DiscardHandler), false).ServeHTTP))
}

// login logs in as a browser and a client do, and returns the user's ID token.
func (p *realProvider) login(t *testing.T) string {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirectURI) {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	ask := func(client *http.Client, r *http.Request, err error) (*http.Response, string) {
		t.Helper()
		require.NoError(t, err)
		res, err := client.Do(r)
		require.NoError(t, err)
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		return res, string(body)
	}
	form := func(path string, values url.Values) (*http.Request, error) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL+path, strings.NewReader(values.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return r, err
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.URL+"/auth?"+url.Values{
		"client_id": {clientID}, "redirect_uri": {redirectURI}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s"},
	}.Encode(), nil)
	page, _ := ask(browser, r, err)
	id := page.Request.URL.Query().Get("authRequestID")
	require.NotEmpty(t, id)

	r, err = form("/login/username", url.Values{"id": {id}, "username": {"test-user@127.0.0.1"}, "password": {"verysecure"}})
	res, _ := ask(browser, r, err)
	back, err := res.Location()
	require.NoError(t, err)
	code := back.Query().Get("code")
	require.NotEmpty(t, code)

	r, err = form("/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirectURI}})
	r.SetBasicAuth(clientID, clientSecret)
	_, body := ask(http.DefaultClient, r, err)
	var tokens struct {
		ID string `json:"id_token"`
	}
	require.NoError(t, json.Unmarshal([]byte(body), &tokens))
	require.NotEmpty(t, tokens.ID, body)
	return tokens.ID
}

func TestRealProvider(t *testing.T) {
	p := startProvider(t)
	a, err := oidcauth.New(t.Context(), oidcauth.Config{
		Issuer: p.URL, Audience: clientID, KeysEvery: time.Nanosecond,
		Organizations: func(_ context.Context, claims json.RawMessage) ([]uuid.UUID, error) {
			var c struct{ Sub string }
			err := json.Unmarshal(claims, &c)
			if c.Sub == "id1" {
				return []uuid.UUID{acme}, err
			}
			return nil, err
		},
	})
	require.NoError(t, err)
	old := p.login(t)
	require.NoError(t, authorize(t, a, old))
	require.ErrorIs(t, a.Authorize(t.Context(), bearer(old), other), httpapi.ErrForbidden)
	for _, hostile := range []string{old + "x", validToken(), old[:strings.LastIndexByte(old, '.')+1]} {
		require.ErrorIs(t, authorize(t, a, hostile), httpapi.ErrUnauthenticated)
	}

	p.rotate()
	token := p.login(t)
	require.NoError(t, authorize(t, a, token), "a token with a new key, without a restart")
	require.ErrorIs(t, authorize(t, a, old), httpapi.ErrUnauthenticated)

	p.Close()
	require.NoError(t, authorize(t, a, token), "a token with a known key")
	require.ErrorIs(t, authorize(t, a, old), httpapi.ErrUnavailable)
	_, err = oidcauth.New(t.Context(), oidcauth.Config{Issuer: p.URL, Audience: clientID, Organizations: oidcauth.Claim("x")})
	require.ErrorIs(t, err, httpapi.ErrUnavailable)
}
