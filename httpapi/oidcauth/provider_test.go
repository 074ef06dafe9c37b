package oidcauth_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/oidcauth"
)

const (
	issuer   = "https://issuer.example"
	audience = "https://webhooks.example"
)

var acme, other = uuid.MustParse("8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"), uuid.MustParse("c2a4f3f0-5f53-4d1a-8a55-6f5f2f1f6a11")

// All tests share the keys, which are slow to generate.
var (
	rsaKey, otherRSA = newRSA(), newRSA()
	ecKey            = newEC()
	_, edKey, _      = ed25519.GenerateKey(rand.Reader)
)

func newRSA() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func newEC() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// provider is a provider without a network: an http.RoundTripper that returns its responses.
type provider struct {
	mu          sync.Mutex
	description map[string]any
	keys        any    // a string is sent as it is, any other value as JSON
	page        string // if not empty, the body of every response
	status      int
	fault       error         // of the connection
	hang        chan struct{} // if not nil, delays every response until it is closed
	asked       int           // number of requests for keys
}

func newProvider() *provider {
	return &provider{
		status:      200,
		description: map[string]any{"issuer": issuer, "jwks_uri": issuer + "/keys", "id_token_signing_alg_values_supported": []string{"none", "HS256", "RS256"}},
		keys:        jwks(public("rsa", rsaKey.Public()), public("ec", ecKey.Public()), public("ed", edKey.Public())),
	}
}

func public(id string, key crypto.PublicKey) jose.JSONWebKey {
	return jose.JSONWebKey{KeyID: id, Key: key}
}

func jwks(keys ...jose.JSONWebKey) jose.JSONWebKeySet { return jose.JSONWebKeySet{Keys: keys} }

// set changes the provider while it is in use.
func (p *provider) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

func (p *provider) requests() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked
}

func (p *provider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	status, fault, hang := p.status, p.fault, p.hang
	body, text := any(p.description), false
	if strings.HasSuffix(r.URL.Path, "/keys") {
		p.asked++
		body = p.keys
	}
	if p.page != "" {
		body = p.page
	}
	p.mu.Unlock()
	if hang != nil {
		select {
		case <-hang:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	if fault != nil {
		return nil, fault
	}
	var encoded string
	if encoded, text = body.(string); !text {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		encoded = string(data)
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(encoded)),
	}, nil
}

func (p *provider) config() oidcauth.Config {
	return oidcauth.Config{
		Issuer: issuer, Audience: audience, Organizations: oidcauth.Claim("orgs"), Client: &http.Client{Transport: p},
	}
}

func (p *provider) authorizer(t testing.TB, changes ...func(*oidcauth.Config)) *oidcauth.Authorizer {
	t.Helper()
	c := p.config()
	for _, change := range changes {
		change(&c)
	}
	a, err := oidcauth.New(t.Context(), c)
	require.NoError(t, err)
	return a
}

func every(d time.Duration) func(*oidcauth.Config) {
	return func(c *oidcauth.Config) { c.KeysEvery = d }
}

// claims returns valid claims with changes; a nil value removes a claim.
func claims(changes map[string]any) string {
	all := map[string]any{
		"iss": issuer, "aud": audience, "sub": "SECRET", "exp": time.Now().Add(time.Hour).Unix(), "orgs": []any{acme},
	}
	for name, value := range changes {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	data, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// sign returns a token with a payload and additional header fields.
func sign(algorithm jose.SignatureAlgorithm, key any, payload string, header map[jose.HeaderKey]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, &jose.SignerOptions{ExtraHeaders: header})
	if err != nil {
		panic(err)
	}
	jws, err := signer.Sign([]byte(payload))
	if err != nil {
		panic(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return token
}

func kid(id string) map[jose.HeaderKey]any { return map[jose.HeaderKey]any{"kid": id} }

// validToken returns a valid token for acme.
func validToken() string { return sign(jose.RS256, rsaKey, claims(nil), kid("rsa")) }

func bearer(token string) httpapi.Credential {
	return httpapi.Credential{Scheme: httpapi.SchemeBearer, Token: token}
}

func authorize(t testing.TB, a *oidcauth.Authorizer, token string) error {
	t.Helper()
	err := a.Authorize(t.Context(), bearer(token), acme)
	requireSilent(t, err, token)
	return err
}

// requireSilent requires that the error quotes no part of the token and its claims.
func requireSilent(t testing.TB, err error, token string) {
	t.Helper()
	if err == nil {
		return
	}
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	require.NotContains(t, text, "SECRET")
	for _, part := range strings.Split(token, ".") {
		for len(part) >= 12 { // shorter ones may be words
			require.NotContains(t, text, part[:12])
			part = part[12:]
		}
	}
}

var _ httpapi.Authorizer = (*oidcauth.Authorizer)(nil)

// organizationsOf returns a Config.Organizations that ignores the claims.
func organizationsOf(ids ...uuid.UUID) func(context.Context, json.RawMessage) ([]uuid.UUID, error) {
	return func(context.Context, json.RawMessage) ([]uuid.UUID, error) { return ids, nil }
}
