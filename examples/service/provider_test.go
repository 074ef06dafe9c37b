//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/httpapi"
)

// testProvider is an OpenID Connect provider.
type testProvider struct {
	*httptest.Server
	key  *ecdsa.PrivateKey
	away atomic.Bool // close each connection without an answer
}

func startProvider(t *testing.T) *testProvider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	answers := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.ES256}}}
	p := &testProvider{key: key}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.away.Load() {
			panic(http.ErrAbortHandler)
		}
		answers.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	answers.SetIssuer(p.URL)
	return p
}

// jwt issues a token that may read organizations.
func (p *testProvider) jwt(t *testing.T, organizations ...string) string {
	t.Helper()
	claims, err := json.Marshal(map[string]any{"iss": p.URL, "aud": "api", "exp": time.Now().Add(time.Hour).Unix(), "orgs": organizations})
	require.NoError(t, err)
	return oidctest.SignIDToken(p.key, "k", oidc.ES256, string(claims))
}

// TestProviderAway: without the provider, JWTs are still verified, and the process stays
// ready.
func TestProviderAway(t *testing.T) {
	const (
		lost = `level=WARN msg="the identity provider does not answer: JWTs are verified with the known keys" error="oidcauth: unavailable: cannot fetch the provider's keys: `
		back = `level=INFO msg="the identity provider answers again"`
	)
	provider := startProvider(t)
	p := start(t, "-import", folder(t, described(first, "x")), "-issuer", provider.URL, "-audience", "api", "-organizations-claim", "orgs")
	requireServes := func() {
		t.Helper()
		for _, base := range []string{p.base, p.metrics} {
			status, body := get(t, base+"/readyz", "")
			require.Equal(t, 200, status)
			require.Equal(t, "ok\n", body)
		}
		status, _ := get(t, p.one(acme, first), "Bearer "+provider.jwt(t, acme))
		require.Equal(t, 200, status)
	}
	requireServes()
	p.requireMetric(t, "hookfilter_provider_up 1")

	provider.away.Store(true)
	p.stderr.until(t, lost)
	p.requireMetric(t, "hookfilter_provider_up 0")
	requireServes()
	provider.away.Store(false)
	p.stderr.until(t, back)
	p.requireMetric(t, "hookfilter_provider_up 1")
	requireServes()

	provider.Close()
	p.stderr.until(t, lost)
	p.requireMetric(t, "hookfilter_provider_up 0")
	requireServes()
	require.Equal(t, 2, strings.Count(p.stderr.String(), "does not answer"), "each change is logged once")
}

// fakeProvider is a provider whose keys can become too old within a test.
type fakeProvider struct {
	httpapi.Authorizer
	pings chan error // their results
	old   error
}

func (p *fakeProvider) Ping(context.Context) error { return <-p.pings }
func (p *fakeProvider) Ready() error               { return p.old }

// TestKeysTooOld: the process is ready as long as it can check a credential.
func TestKeysTooOld(t *testing.T) {
	tokens, err := tokenfile.Open(tokensFile(t, "tok"))
	require.NoError(t, err)
	old := errors.New("too old")
	for name, c := range map[string]struct {
		access access
		status int
		body   string
	}{
		"tokens":                    {access{tokens: tokens}, 200, "ok\n"},
		"JWTs":                      {access{provider: &fakeProvider{}}, 200, "ok\n"},
		"JWTs, old keys":            {access{provider: &fakeProvider{old: old}}, 503, "the identity provider's keys are too old\n"},
		"JWTs, old keys and tokens": {access{provider: &fakeProvider{old: old}, tokens: tokens}, 200, "ok\n"},
	} {
		t.Run(name, func(t *testing.T) {
			h := health{func(context.Context) error { return nil }, c.access.ready, soon}
			answer := httptest.NewRecorder()
			h.wrap(http.NotFoundHandler()).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
			require.Equal(t, c.status, answer.Code)
			require.Equal(t, c.body, answer.Body.String())
		})
	}
}

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var log bytes.Buffer
		registry := prometheus.NewRegistry()
		away := errors.New("away")
		p := &fakeProvider{pings: make(chan error)}
		go watch(ctx, p, 10*time.Second, providerUp(registry), slog.New(slog.NewTextHandler(&log, nil)))
		for i, step := range []struct {
			away, old error
			log       string
			up        float64
		}{
			{nil, nil, "", 1},
			{away, nil, `level=WARN msg="the identity provider does not answer: JWTs are verified with the known keys" error=away`, 0},
			{away, nil, "", 0},
			{away, away, `level=ERROR msg="the identity provider's keys are too old: requests with JWTs get 503 until the provider answers" error=away`, 0},
			{away, away, "", 0},
			{nil, nil, `level=INFO msg="the identity provider answers again"`, 1},
			{nil, nil, "", 1},
		} {
			p.old = step.old
			log.Reset()
			start := time.Now()
			p.pings <- step.away
			require.Equal(t, 10*time.Second, time.Since(start))
			synctest.Wait()
			require.Equal(t, step.log != "", log.Len() > 0, "step %d: %s", i, &log)
			require.Contains(t, log.String(), step.log)
			families, err := registry.Gather()
			require.NoError(t, err)
			require.Equal(t, "hookfilter_provider_up", families[0].GetName())
			require.Equal(t, step.up, families[0].Metric[0].Gauge.GetValue(), "step %d", i)
		}
	})
}
