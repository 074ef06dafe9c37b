package oidcauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
)

func TestIgnoresKeysNotForSignatures(t *testing.T) {
	secret := []byte("a secret that a careless provider publishes")
	p := newProvider()
	p.keys = map[string]any{"keys": []any{
		json.RawMessage(`{"kty":"OKP","crv":"X448","x":"AA","kid":"odd"}`), 7,
		jose.JSONWebKey{KeyID: "sym", Key: secret},
		jose.JSONWebKey{KeyID: "enc", Key: rsaKey.Public(), Use: "enc"},
		jose.JSONWebKey{KeyID: "private", Key: ecKey},
		public("rsa", rsaKey.Public()),
	}}
	a := p.authorizer(t, every(time.Nanosecond))
	require.NoError(t, authorize(t, a, validToken()))
	for _, token := range []string{
		sign(jose.HS256, secret, claims(nil), kid("sym")),
		sign(jose.RS256, rsaKey, claims(nil), kid("enc")),
		sign(jose.ES256, ecKey, claims(nil), kid("private")),
	} {
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)
	}
}

func TestRotation(t *testing.T) {
	p := newProvider()
	a := p.authorizer(t, every(time.Nanosecond))
	require.NoError(t, authorize(t, a, validToken()))
	rotated := sign(jose.RS256, otherRSA, claims(nil), kid("new"))
	require.ErrorIs(t, authorize(t, a, rotated), httpapi.ErrUnauthenticated)
	p.set(func() { p.keys = jwks(public("new", otherRSA.Public())) })
	require.NoError(t, authorize(t, a, rotated))
	require.ErrorIs(t, authorize(t, a, validToken()), httpapi.ErrUnauthenticated, "a token with the withdrawn key")
}

func TestProviderUnavailable(t *testing.T) {
	for name, fail := range map[string]func(*provider){
		"no connection":     func(p *provider) { p.fault = errors.New("connection refused") },
		"status 500":        func(p *provider) { p.status = 500 },
		"a redirect":        func(p *provider) { p.status = 302 },
		"not JSON":          func(p *provider) { p.keys = "<html>SECRET" },
		"no keys":           func(p *provider) { p.keys = jwks() },
		"too long":          func(p *provider) { p.keys = `{"x":"` + strings.Repeat("x", 1<<20) + `","keys":[]}` },
		"keys are a string": func(p *provider) { p.keys = `{"keys":"SECRET"}` },
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider()
			a := p.authorizer(t, every(time.Nanosecond))
			require.NoError(t, a.Ping(t.Context()))
			p.set(func() { fail(p) })
			unknown := sign(jose.RS256, otherRSA, claims(nil), kid("new"))
			for range 2 {
				err := authorize(t, a, unknown)
				require.ErrorIs(t, err, httpapi.ErrUnavailable)
				require.NotErrorIs(t, err, httpapi.ErrUnauthenticated)
				require.NotErrorIs(t, err, httpapi.ErrForbidden)
				require.NoError(t, authorize(t, a, validToken()), "a token with a known key")
				require.ErrorIs(t, a.Ping(t.Context()), httpapi.ErrUnavailable)
			}
			p.set(func() { p.fault, p.status, p.keys = nil, 200, jwks(public("new", otherRSA.Public())) })
			require.NoError(t, authorize(t, a, unknown))
			require.NoError(t, a.Ping(t.Context()))
		})
	}
}

// If the provider hangs, Authorize returns when the caller's context is done.
func TestProviderHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t, every(time.Second))
		hang := make(chan struct{})
		p.set(func() { p.hang = hang })
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		unknown := sign(jose.RS256, otherRSA, claims(nil), kid("new"))
		start := time.Now()
		err := a.Authorize(ctx, bearer(unknown), acme)
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, httpapi.ErrUnavailable)
		require.ErrorIs(t, a.Ping(ctx), httpapi.ErrUnavailable)
		require.NoError(t, authorize(t, a, validToken()))
		require.Equal(t, time.Second, time.Since(start), "a token with a known key does not wait")
		require.ErrorIs(t, authorize(t, a, unknown), httpapi.ErrUnavailable)
		require.Equal(t, 5*time.Second, time.Since(start), "the timeout of the request")
	})
}

// Many tokens with different unknown key ids cause at most one request in KeysEvery. A token is
// refused as invalid only if it has waited for a request.
func TestFloodOfUnknownKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t)
		flood := func() (invalid int64) {
			var senders sync.WaitGroup
			var n atomic.Int64
			for range 16 {
				senders.Go(func() {
					for range 60 {
						err := a.Authorize(t.Context(), bearer(raw(`{"alg":"RS256","kid":"`+uuid.NewString()+`"}`, claims(nil), "x")), acme)
						if errors.Is(err, httpapi.ErrUnauthenticated) {
							n.Add(1)
						} else if !errors.Is(err, httpapi.ErrUnavailable) {
							t.Error(err)
						}
					}
				})
			}
			senders.Wait()
			return n.Load()
		}
		require.Equal(t, 1, p.requests(), "only the request of New")
		for want := 1; want < 5; want++ {
			invalid := flood()
			require.Equal(t, want > 1, invalid > 0)
			require.Less(t, invalid, int64(16*60))
			require.Equal(t, want, p.requests())
			require.NoError(t, a.Ping(t.Context()))
			require.Equal(t, want, p.requests())
			time.Sleep(10 * time.Second)
		}
	})
}

// While the provider is unavailable, a token with an unknown key is never refused as invalid, even if
// it causes no request.
func TestUnknownKeyWhileUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t)
		unknown := sign(jose.RS256, otherRSA, claims(nil), kid("new"))
		p.set(func() { p.fault = errors.New("connection refused") })
		for _, want := range []int{1, 1, 2, 2, 3} {
			require.ErrorIs(t, authorize(t, a, unknown), httpapi.ErrUnavailable)
			require.Equal(t, want, p.requests())
			time.Sleep(5 * time.Second)
		}
		p.set(func() { p.fault = nil })
		time.Sleep(5 * time.Second)
		require.ErrorIs(t, authorize(t, a, unknown), httpapi.ErrUnauthenticated)
		p.set(func() { p.fault = errors.New("connection refused") })
		require.ErrorIs(t, authorize(t, a, unknown), httpapi.ErrUnavailable)
		require.Equal(t, 4, p.requests())
	})
}

// Tokens with an unknown key cause no request if no key can make them valid.
func TestNoRequestForInvalidClaims(t *testing.T) {
	p := newProvider()
	a := p.authorizer(t, every(time.Nanosecond))
	for _, changes := range []map[string]any{
		{"iss": "https://staging.example"}, {"aud": "https://elsewhere.example"}, {"exp": 1}, {"nbf": int64(1) << 37}, {"iss": nil, "ISS": issuer},
	} {
		token := sign(jose.RS256, otherRSA, claims(changes), kid("new"))
		require.ErrorIs(t, authorize(t, a, token), httpapi.ErrUnauthenticated)
	}
	require.Equal(t, 1, p.requests(), "only the request of New")
}

// lasting returns a token that is valid until the end of each test.
func lasting(algorithm jose.SignatureAlgorithm, key any, header map[jose.HeaderKey]any) string {
	return sign(algorithm, key, claims(map[string]any{"exp": time.Now().Add(10 * 365 * 24 * time.Hour).Unix()}), header)
}

// A withdrawn key is refused after maxAge, even if no token has caused a request in between.
func TestWithdrawnKey(t *testing.T) {
	for pause, want := range map[time.Duration]error{
		5*time.Minute - time.Nanosecond: nil,
		5 * time.Minute:                 httpapi.ErrUnauthenticated,
		365 * 24 * time.Hour:            httpapi.ErrUnauthenticated,
	} {
		t.Run(pause.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProvider()
				a := p.authorizer(t)
				token := lasting(jose.RS256, rsaKey, kid("rsa"))
				p.set(func() { p.keys = jwks(public("ec", ecKey.Public())) })
				time.Sleep(pause)
				require.ErrorIs(t, authorize(t, a, token), want)
				require.NoError(t, authorize(t, a, lasting(jose.ES256, ecKey, kid("ec"))))
			})
		})
	}
}

// While the provider is unavailable, the known keys are used for 4 hours, and not every token causes
// a request.
func TestStaleKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t)
		token := lasting(jose.RS256, rsaKey, kid("rsa"))
		away := errors.New("connection refused")
		p.set(func() { p.fault = away })
		for range 3 {
			time.Sleep(time.Hour)
			for range 10 {
				require.NoError(t, authorize(t, a, token))
			}
		}
		require.Equal(t, 1+3, p.requests())

		// A new key of the provider may have signed these.
		for _, unclear := range []string{
			lasting(jose.RS256, otherRSA, nil), lasting(jose.RS256, otherRSA, kid("rsa")), lasting(jose.RS256, otherRSA, kid("new")),
		} {
			require.ErrorIs(t, authorize(t, a, unclear), httpapi.ErrUnavailable)
		}

		time.Sleep(time.Hour - time.Nanosecond)
		require.NoError(t, a.Ready())
		require.NoError(t, authorize(t, a, token))
		time.Sleep(time.Nanosecond)
		require.ErrorIs(t, a.Ready(), httpapi.ErrUnavailable)
		require.ErrorContains(t, a.Ready(), away.Error())
		for range 10 {
			err := authorize(t, a, token)
			require.ErrorIs(t, err, httpapi.ErrUnavailable)
			require.ErrorContains(t, err, "cannot fetch the provider's keys")
			require.ErrorContains(t, err, away.Error())
		}
		require.Equal(t, 1+4, p.requests())

		p.set(func() { p.fault = nil })
		time.Sleep(10 * time.Second)
		require.ErrorIs(t, a.Ready(), httpapi.ErrUnavailable, "Ready makes no request")
		require.NoError(t, authorize(t, a, token))
		require.NoError(t, a.Ready())
		require.ErrorIs(t, authorize(t, a, lasting(jose.RS256, otherRSA, kid("rsa"))), httpapi.ErrUnauthenticated)
	})
}

// If requests hang, one token waits for the first request, and others do not wait for the next one.
func TestRenewalHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProvider()
		a := p.authorizer(t)
		token := lasting(jose.RS256, rsaKey, kid("rsa"))
		time.Sleep(time.Hour)
		p.set(func() { p.hang = make(chan struct{}) })
		start := time.Now()
		require.NoError(t, authorize(t, a, token))
		require.Equal(t, 5*time.Second, time.Since(start), "the timeout of the request")
		for range 20 {
			time.Sleep(time.Second)
			require.NoError(t, authorize(t, a, token))
		}
		require.Equal(t, 25*time.Second, time.Since(start))
		require.Equal(t, 1+3, p.requests())

		// After a pause, a token waits again.
		time.Sleep(10 * time.Second)
		require.NoError(t, authorize(t, a, token))
		require.Equal(t, 40*time.Second, time.Since(start))
		time.Sleep(5 * time.Second) // the request ends before the test does
	})
}
