package oidcauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
)

func TestKeysThatAreNotForSignatures(t *testing.T) {
	secret := []byte("a secret that a careless provider publishes")
	p := newProvider()
	p.keys = map[string]any{"keys": []any{
		json.RawMessage(`{"kty":"OKP","crv":"X448","x":"AA","kid":"odd"}`), 7,
		jose.JSONWebKey{KeyID: "sym", Key: secret},
		jose.JSONWebKey{KeyID: "enc", Key: rsaKey.Public(), Use: "enc"},
		jose.JSONWebKey{KeyID: "private", Key: ecKey},
		public("rsa", rsaKey.Public()),
	}}
	a := p.authorizer(t)
	require.NoError(t, authorize(t, a, good(t)))
	for _, token := range []string{
		signed(t, jose.HS256, secret, claims(nil), kid("sym")),
		signed(t, jose.RS256, rsaKey, claims(nil), kid("enc")),
		signed(t, jose.ES256, ecKey, claims(nil), kid("private")),
	} {
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)
	}
}

func TestRotation(t *testing.T) {
	p := newProvider()
	a := p.authorizer(t, every(time.Nanosecond))
	require.NoError(t, authorize(t, a, good(t)))
	rotated := signed(t, jose.RS256, otherRSA, claims(nil), kid("new"))
	require.ErrorIs(t, authorize(t, a, rotated), httpapi.ErrUnauthenticated)
	p.set(func() { p.keys = jwks(public("new", otherRSA.Public())) })
	require.NoError(t, authorize(t, a, rotated))
	require.ErrorIs(t, authorize(t, a, good(t)), httpapi.ErrUnauthenticated, "the old key is gone")
}

func TestProviderAway(t *testing.T) {
	for name, away := range map[string]func(*provider){
		"no connection":   func(p *provider) { p.fault = errors.New("connection refused") },
		"status 500":      func(p *provider) { p.status = 500 },
		"a redirect":      func(p *provider) { p.status = 302 },
		"not JSON":        func(p *provider) { p.keys = "<html>SECRET" },
		"no keys":         func(p *provider) { p.keys = jwks() },
		"too long":        func(p *provider) { p.keys = `{"x":"` + strings.Repeat("x", 1<<20) + `","keys":[]}` },
		"keys are a text": func(p *provider) { p.keys = `{"keys":"SECRET"}` },
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider()
			a := p.authorizer(t, every(time.Nanosecond))
			require.NoError(t, a.Ping(t.Context()))
			p.set(func() { away(p) })
			unknown := signed(t, jose.RS256, otherRSA, claims(nil), kid("new"))
			for range 2 {
				err := authorize(t, a, unknown)
				require.ErrorIs(t, err, httpapi.ErrUnavailable)
				require.NotErrorIs(t, err, httpapi.ErrUnauthenticated)
				require.NotErrorIs(t, err, httpapi.ErrForbidden)
				require.NoError(t, authorize(t, a, good(t)), "a known key goes on")
				require.ErrorIs(t, a.Ping(t.Context()), httpapi.ErrUnavailable)
			}
			p.set(func() { p.fault, p.status, p.keys = nil, 200, jwks(public("new", otherRSA.Public())) })
			require.NoError(t, authorize(t, a, unknown))
			require.NoError(t, a.Ping(t.Context()))
		})
	}
}

// TestProviderHangs has waits that end with the caller's context, not with the
// provider.
func TestProviderHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t, every(time.Second))
		hang := make(chan struct{})
		p.set(func() { p.hang = hang })
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		unknown := signed(t, jose.RS256, otherRSA, claims(nil), kid("new"))
		start := time.Now()
		err := a.Authorize(ctx, bearer(unknown), acme)
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, httpapi.ErrUnavailable)
		require.ErrorIs(t, a.Ping(ctx), httpapi.ErrUnavailable)
		require.NoError(t, authorize(t, a, good(t)))
		require.Equal(t, time.Second, time.Since(start), "who has a known key does not wait")
		require.ErrorIs(t, authorize(t, a, unknown), httpapi.ErrUnavailable)
		require.Equal(t, 5*time.Second, time.Since(start), "the request's own limit")
	})
}

// TestUnknownKeysAreBounded sends many tokens with a key id each of their own.
func TestUnknownKeysAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t)
		flood := func() {
			var senders sync.WaitGroup
			for range 16 {
				senders.Go(func() {
					for range 60 {
						err := a.Authorize(t.Context(), bearer(raw(`{"alg":"RS256","kid":"`+uuid.NewString()+`"}`, claims(nil), "x")), acme)
						if !errors.Is(err, httpapi.ErrUnauthenticated) {
							t.Error(err)
						}
					}
				})
			}
			senders.Wait()
		}
		require.Equal(t, 1, p.requests(), "of New")
		for want := 1; want < 5; want++ {
			flood()
			require.Equal(t, want, p.requests())
			require.NoError(t, a.Ping(t.Context()))
			require.Equal(t, want, p.requests())
			time.Sleep(10 * time.Second)
		}
	})
}

// TestNoRequestForOtherTokens has tokens of unknown keys that no key can make valid.
func TestNoRequestForOtherTokens(t *testing.T) {
	p := newProvider()
	a := p.authorizer(t, every(time.Nanosecond))
	for _, changes := range []map[string]any{
		{"iss": "https://staging.example"}, {"aud": "https://elsewhere.example"}, {"exp": 1}, {"nbf": 1 << 37}, {"iss": nil, "ISS": issuer},
	} {
		token := signed(t, jose.RS256, otherRSA, claims(changes), kid("new"))
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)
	}
	require.Equal(t, 1, p.requests(), "of New")
}

// TestKeysAreRenewed withdraws a key, and nobody sends a token of another.
func TestKeysAreRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t)
		token := signed(t, jose.RS256, rsaKey, claims(map[string]any{"exp": time.Now().Add(24 * time.Hour).Unix()}), kid("rsa"))
		p.set(func() { p.keys = jwks(public("ec", ecKey.Public())) })
		time.Sleep(5*time.Minute - time.Nanosecond)
		require.NoError(t, authorize(t, a, token))
		require.Equal(t, 1, p.requests())
		time.Sleep(time.Nanosecond)
		require.NoError(t, authorize(t, a, token), "beside the request")
		synctest.Wait()
		require.Equal(t, 2, p.requests())
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)

		// While the provider is away, what is known goes on, and it is not asked at
		// every request.
		p.set(func() { p.fault = errors.New("connection refused") })
		ec := signed(t, jose.ES256, ecKey, claims(map[string]any{"exp": time.Now().Add(24 * time.Hour).Unix()}), kid("ec"))
		for range 10 {
			time.Sleep(time.Hour)
			for range 10 {
				require.NoError(t, authorize(t, a, ec))
				synctest.Wait()
			}
		}
		require.Equal(t, 12, p.requests())
	})
}
