package oidcauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/oidcauth"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestAccepts(t *testing.T) {
	now := time.Now()
	for name, token := range map[string]string{
		"RS256":                    validToken(),
		"PS512":                    sign(jose.PS512, rsaKey, claims(nil), kid("rsa")),
		"ES256":                    sign(jose.ES256, ecKey, claims(nil), kid("ec")),
		"EdDSA":                    sign(jose.EdDSA, edKey, claims(nil), kid("ed")),
		"no key id":                sign(jose.ES256, ecKey, claims(nil), nil),
		"several audiences":        sign(jose.RS256, rsaKey, claims(map[string]any{"aud": []any{"x", audience}}), kid("rsa")),
		"typ at+jwt":               sign(jose.RS256, rsaKey, claims(nil), map[jose.HeaderKey]any{"kid": "rsa", "typ": "at+jwt"}),
		"expired within the skew":  sign(jose.RS256, rsaKey, claims(map[string]any{"exp": now.Add(-50 * time.Second).Unix()}), kid("rsa")),
		"not yet, within the skew": sign(jose.RS256, rsaKey, claims(map[string]any{"nbf": now.Add(50 * time.Second).Unix()}), kid("rsa")),
		"exp with a fraction":      sign(jose.RS256, rsaKey, claims(map[string]any{"exp": float64(now.Unix()) + 100.5}), kid("rsa")),
	} {
		t.Run(name, func(t *testing.T) {
			a := newProvider().authorizer(t)
			require.NoError(t, authorize(t, a, token))
			require.ErrorIs(t, a.Authorize(t.Context(), bearer(token), other), httpapi.ErrForbidden)
			require.ErrorIs(t, a.Authorize(t.Context(), bearer(token), uuid.Nil), httpapi.ErrForbidden)
			err := a.Authorize(t.Context(), httpapi.Credential{Scheme: httpapi.SchemeToken, Token: token}, acme)
			require.ErrorIs(t, err, httpapi.ErrUnauthenticated)
		})
	}
}

func TestAlgorithms(t *testing.T) {
	a := newProvider().authorizer(t, func(c *oidcauth.Config) { c.Algorithms = []string{"ES256"} })
	require.NoError(t, authorize(t, a, sign(jose.ES256, ecKey, claims(nil), kid("ec"))))
	require.ErrorIs(t, authorize(t, a, validToken()), httpapi.ErrUnauthenticated)

	// A key verifies only the algorithm that is published with it.
	p := newProvider()
	p.keys = jwks(jose.JSONWebKey{KeyID: "rsa", Key: rsaKey.Public(), Algorithm: "RS256"})
	a = p.authorizer(t)
	require.NoError(t, authorize(t, a, validToken()))
	require.ErrorIs(t, authorize(t, a, sign(jose.PS256, rsaKey, claims(nil), kid("rsa"))), httpapi.ErrUnauthenticated)
}

func TestOrganizations(t *testing.T) {
	failure := errors.New("directory unavailable")
	for name, c := range map[string]struct {
		claims        map[string]any
		organizations func(context.Context, json.RawMessage) ([]uuid.UUID, error)
		want          error  // nil: authorized
		text          string // in the error
	}{
		"the claim":            {map[string]any{"orgs": []any{other, acme}}, oidcauth.Claim("orgs"), nil, ""},
		"in upper case":        {map[string]any{"orgs": []any{strings.ToUpper(acme.String())}}, oidcauth.Claim("orgs"), nil, ""},
		"a name like a URL":    {map[string]any{"https://x.example/orgs": []any{acme}}, oidcauth.Claim("https://x.example/orgs"), nil, ""},
		"without the claim":    {map[string]any{"orgs": nil}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, ""},
		"an empty list":        {map[string]any{"orgs": []any{}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, ""},
		"another organization": {map[string]any{"orgs": []any{other}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, ""},
		"another case":         {nil, oidcauth.Claim("Orgs"), httpapi.ErrForbidden, `a claim's name equals "Orgs" only under case folding`},
		"a long s":             {map[string]any{"orgs": nil, "orgſ": []any{acme}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, `a claim's name equals "orgs" only under case folding`},
		"a string":             {map[string]any{"orgs": acme}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, `the claim "orgs" is not a list of organization ids`},
		"an object":            {map[string]any{"orgs": map[string]any{acme.String(): true}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, `the claim "orgs" is not a list`},
		"numbers":              {map[string]any{"orgs": []any{7}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, `the claim "orgs" is not a list`},
		"null":                 {map[string]any{"orgs": json.RawMessage("null")}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, `the claim "orgs" is not a list`},
		"not an id":            {map[string]any{"orgs": []any{acme, "SECRET"}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, `the claim "orgs" is not a list`},
		"ids in another form":  {map[string]any{"orgs": []any{"{" + acme.String() + "}"}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, `the claim "orgs" is not a list`},
		"the function forbids": {nil, func(context.Context, json.RawMessage) ([]uuid.UUID, error) { return nil, httpapi.ErrForbidden }, httpapi.ErrForbidden, ""},
		"the function fails":   {nil, func(context.Context, json.RawMessage) ([]uuid.UUID, error) { return []uuid.UUID{acme}, failure }, failure, ""},
		"the function gets claims": {nil, func(_ context.Context, claims json.RawMessage) ([]uuid.UUID, error) {
			var c struct{ Sub string }
			if err := json.Unmarshal(claims, &c); err != nil || c.Sub != "SECRET" {
				return nil, failure
			}
			return []uuid.UUID{acme}, nil
		}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := newProvider().authorizer(t, func(config *oidcauth.Config) { config.Organizations = c.organizations })
			err := authorize(t, a, sign(jose.RS256, rsaKey, claims(c.claims), kid("rsa")))
			require.NotErrorIs(t, err, httpapi.ErrUnauthenticated)
			require.ErrorIs(t, err, c.want)
			if c.want != nil {
				require.ErrorContains(t, err, c.text)
			}
		})
	}
}

// A token becomes valid and expires at the exact nanosecond, so no result is cached.
func TestTokenLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newProvider().authorizer(t, func(c *oidcauth.Config) { c.ClockSkew = 3 * time.Second })
		token := sign(jose.RS256, rsaKey, claims(map[string]any{
			"nbf": time.Now().Add(time.Minute).Unix(), "exp": time.Now().Add(2 * time.Minute).Unix(),
		}), kid("rsa"))
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)
		time.Sleep(57*time.Second - time.Nanosecond)
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)
		time.Sleep(time.Nanosecond)
		require.NoError(t, authorize(t, a, token))
		time.Sleep(66*time.Second - time.Nanosecond)
		require.NoError(t, authorize(t, a, token))
		time.Sleep(time.Nanosecond)
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)
	})
}

func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*oidcauth.Config, *provider)
		text        string
		unavailable bool
	}{
		"no audience":           {func(c *oidcauth.Config, _ *provider) { c.Audience = "" }, "Audience is empty", false},
		"no organizations":      {func(c *oidcauth.Config, _ *provider) { c.Organizations = nil }, "Organizations is nil", false},
		"no issuer":             {func(c *oidcauth.Config, _ *provider) { c.Issuer = "" }, `Issuer is not an absolute URL: ""`, false},
		"an issuer by http":     {func(c *oidcauth.Config, _ *provider) { c.Issuer = "http://issuer.example" }, `Issuer is not an https URL: "http://issuer.example"`, false},
		"a password":            {func(c *oidcauth.Config, _ *provider) { c.Issuer = "http://x:SECRET@issuer.example" }, `Issuer is not an https URL: "http://x:xxxxx@issuer.example"`, false},
		"a query":               {func(c *oidcauth.Config, _ *provider) { c.Issuer = issuer + "?x" }, `Issuer has a query or a fragment: "https://issuer.example?x"`, false},
		"not a URL":             {func(c *oidcauth.Config, _ *provider) { c.Issuer = "https://x:SECRET%@issuer.example" }, "Issuer is not a URL", false},
		"almost localhost":      {func(c *oidcauth.Config, _ *provider) { c.Issuer = "http://localhost.example" }, "Issuer is not an https URL", false},
		"keys by http":          {func(_ *oidcauth.Config, p *provider) { p.description["jwks_uri"] = "http://issuer.example/keys" }, "jwks_uri is not an https URL", false},
		"no URL of keys":        {func(_ *oidcauth.Config, p *provider) { delete(p.description, "jwks_uri") }, "jwks_uri is not an absolute URL", false},
		"another issuer":        {func(_ *oidcauth.Config, p *provider) { p.description["issuer"] = "https://evil.example" }, `Issuer is "https://issuer.example", but the provider's description has "https://evil.example"`, false},
		"negative skew":         {func(c *oidcauth.Config, _ *provider) { c.ClockSkew = -1 }, "ClockSkew is negative: -1ns", false},
		"negative KeysEvery":    {func(c *oidcauth.Config, _ *provider) { c.KeysEvery = -1 }, "KeysEvery is negative: -1ns", false},
		"a long KeysEvery":      {func(c *oidcauth.Config, _ *provider) { c.KeysEvery = time.Hour }, "KeysEvery is longer than 5m0s: 1h0m0s", false},
		"algorithm none":        {func(c *oidcauth.Config, _ *provider) { c.Algorithms = []string{"RS256", "none"} }, `Algorithms: "none" is not one of`, false},
		"a symmetric algorithm": {func(c *oidcauth.Config, _ *provider) { c.Algorithms = []string{"HS256"} }, `Algorithms: "HS256" is not one of`, false},
		"no provider":           {func(_ *oidcauth.Config, p *provider) { p.fault = errors.New("connection refused") }, "connection refused", true},
		"no keys":               {func(_ *oidcauth.Config, p *provider) { p.keys = jwks() }, "no public signature key", true},
		"status 502":            {func(_ *oidcauth.Config, p *provider) { p.status, p.page = 502, "<html>SECRET" }, "/.well-known/openid-configuration responded with status 502", true},
		"status 503":            {func(_ *oidcauth.Config, p *provider) { p.status, p.page = 503, "<html>SECRET" }, "description: https://issuer.example/.well-known/openid-configuration responded with status 503", true},
		"a page as description": {func(_ *oidcauth.Config, p *provider) { p.page = "<html>SECRET" }, "/.well-known/openid-configuration did not respond with a JSON object", true},
		"a page as keys":        {func(_ *oidcauth.Config, p *provider) { p.keys = "<html>SECRET" }, "keys: https://issuer.example/keys did not respond with a JSON object", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider()
			config := p.config()
			c.change(&config, p)
			a, err := oidcauth.New(t.Context(), config)
			require.Nil(t, a)
			require.ErrorContains(t, err, "oidcauth: ")
			require.ErrorContains(t, err, c.text)
			require.NotContains(t, err.Error(), "SECRET")
			require.Equal(t, c.unavailable, errors.Is(err, httpapi.ErrUnavailable))
		})
	}
}

// Through the handler, each kind of error has its status.
func TestHandler(t *testing.T) {
	p := newProvider()
	w := &webhook.Webhook{ID: uuid.New(), CreatedAt: time.Now()}
	store := httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { return w, nil })
	var log strings.Builder
	h := httpapi.NewHandler(store, p.authorizer(t, every(time.Nanosecond)), slog.New(slog.NewTextHandler(&log, nil)))
	status := func(authorization string, organization uuid.UUID) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/organization/%s/webhook/%s", organization, w.ID), nil)
		r.Header.Set("Authorization", authorization)
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		return recorder.Code
	}
	unknown := sign(jose.RS256, otherRSA, claims(nil), kid("new"))
	require.Equal(t, 200, status("Bearer "+validToken(), acme))
	require.Equal(t, 403, status("Bearer "+validToken(), other))
	log.Reset()
	require.Equal(t, 403, status("Bearer "+sign(jose.RS256, rsaKey, claims(map[string]any{"orgs": acme}), kid("rsa")), acme))
	require.Equal(t, 1, strings.Count(log.String(), "\n"))
	require.Contains(t, log.String(), "level=INFO")
	require.Contains(t, log.String(), `the claim \"orgs\" is not a list of organization ids`)
	require.Equal(t, 401, status("Token "+validToken(), acme))
	require.Equal(t, 401, status("Bearer "+unknown, acme))
	p.set(func() { p.fault = errors.New("connection refused") })
	require.Equal(t, 503, status("Bearer "+unknown, acme))
	require.Equal(t, 200, status("Bearer "+validToken(), acme))
}
