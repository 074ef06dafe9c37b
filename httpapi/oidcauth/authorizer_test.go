package oidcauth_test

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
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
		"RS256":                    good(t),
		"PS512":                    signed(t, jose.PS512, rsaKey, claims(nil), kid("rsa")),
		"ES256":                    signed(t, jose.ES256, ecKey, claims(nil), kid("ec")),
		"EdDSA":                    signed(t, jose.EdDSA, edKey, claims(nil), kid("ed")),
		"no key id":                signed(t, jose.ES256, ecKey, claims(nil), nil),
		"our audience among them":  signed(t, jose.RS256, rsaKey, claims(map[string]any{"aud": []any{"x", audience}}), kid("rsa")),
		"typ at+jwt":               signed(t, jose.RS256, rsaKey, claims(nil), map[jose.HeaderKey]any{"kid": "rsa", "typ": "at+jwt"}),
		"expired within the skew":  signed(t, jose.RS256, rsaKey, claims(map[string]any{"exp": now.Add(-50 * time.Second).Unix()}), kid("rsa")),
		"not yet, within the skew": signed(t, jose.RS256, rsaKey, claims(map[string]any{"nbf": now.Add(50 * time.Second).Unix()}), kid("rsa")),
		"exp with a fraction":      signed(t, jose.RS256, rsaKey, claims(map[string]any{"exp": float64(now.Unix()) + 100.5}), kid("rsa")),
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

// raw is a token of three parts that are given as they are.
func raw(header, payload, signature string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + "." + encode([]byte(signature))
}

// TestRefusesHostileTokens has tokens that attack a verifier. Most are signed by the
// provider's own key, so that only what they are named for can be the reason.
func TestRefusesHostileTokens(t *testing.T) {
	der, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	require.NoError(t, err)
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	now := time.Now()
	with := func(changes map[string]any) string { return signed(t, jose.RS256, rsaKey, claims(changes), kid("rsa")) }
	payload := func(text string) string { return signed(t, jose.RS256, rsaKey, text, kid("rsa")) }
	head := func(header map[jose.HeaderKey]any) string {
		return signed(t, jose.RS256, otherRSA, claims(nil), header)
	}
	parts := strings.Split(good(t), ".")
	otherParts := strings.Split(with(map[string]any{"orgs": []any{other}}), ".")
	extra := func(text string) string { return strings.TrimSuffix(claims(nil), "}") + "," + text + "}" }
	later := now.Add(time.Hour).Unix()
	embedding, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: otherRSA, KeyID: "rsa"}}, &jose.SignerOptions{EmbedJWK: true})
	require.NoError(t, err)
	embeddedJWS, err := embedding.Sign([]byte(claims(nil)))
	require.NoError(t, err)
	embedded, err := embeddedJWS.CompactSerialize()
	require.NoError(t, err)

	for name, token := range map[string]string{
		// algorithms
		"alg none":                      raw(`{"alg":"none"}`, claims(nil), ""),
		"alg none with the key's id":    raw(`{"alg":"none","kid":"rsa"}`, claims(nil), "x"),
		"alg None":                      raw(`{"alg":"None","kid":"rsa"}`, claims(nil), ""),
		"alg of another type":           raw(`{"alg":["RS256"],"kid":"rsa"}`, claims(nil), "x"),
		"no alg":                        raw(`{"kid":"rsa"}`, claims(nil), "x"),
		"alg twice":                     raw(`{"alg":"RS256","alg":"none","kid":"rsa"}`, claims(nil), ""),
		"HS256 with the public key":     signed(t, jose.HS256, asPEM, claims(nil), kid("rsa")),
		"HS256 with the key's DER":      signed(t, jose.HS256, der, claims(nil), kid("rsa")),
		"HS256 with the modulus":        signed(t, jose.HS256, rsaKey.N.Bytes(), claims(nil), kid("rsa")),
		"the EC key's id on RSA":        signed(t, jose.RS256, rsaKey, claims(nil), kid("ec")),
		"another algorithm in the head": raw(`{"alg":"ES256","kid":"rsa"}`, claims(nil), strings.Repeat("x", 64)),
		"an EC signature of zeros":      raw(`{"alg":"ES256","kid":"ec"}`, claims(nil), strings.Repeat("\x00", 64)),

		// keys
		"a key of its own":           signed(t, jose.RS256, otherRSA, claims(nil), kid("rsa")),
		"a key of its own, no id":    signed(t, jose.RS256, otherRSA, claims(nil), nil),
		"an embedded jwk":            embedded,
		"a jku":                      head(map[jose.HeaderKey]any{"kid": "rsa", "jku": "https://evil.example/keys"}),
		"an x5u":                     head(map[jose.HeaderKey]any{"kid": "rsa", "x5u": "https://evil.example/cert"}),
		"a kid with a path":          head(kid("../../../../dev/null")),
		"a kid with a query":         head(kid("rsa' OR '1'='1")),
		"a kid that is a URL":        head(kid("https://evil.example/key")),
		"a kid of another type":      raw(`{"alg":"RS256","kid":7}`, claims(nil), "x"),
		"a huge kid":                 head(kid(strings.Repeat("k", 4000))),
		"unknown crit":               head(map[jose.HeaderKey]any{"kid": "rsa", "crit": []string{"exp"}, "exp": 1}),
		"the payload is not encoded": raw(`{"alg":"RS256","kid":"rsa","b64":false,"crit":["b64"]}`, claims(nil), "x"),

		// form
		"empty parts":                  "..",
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"two parts":                    parts[0] + "." + parts[1],
		"four parts":                   good(t) + ".x",
		"five parts, as if encrypted":  good(t) + ".x.y",
		"detached":                     parts[0] + ".." + parts[2],
		"the payload of another token": parts[0] + "." + otherParts[1] + "." + parts[2],
		"padding":                      good(t) + "==",
		"huge":                         signed(t, jose.RS256, rsaKey, claims(map[string]any{"x": strings.Repeat("x", 8<<10)}), kid("rsa")),
		"not base64":                   "a.+/+/.c",
		"nested":                       payload(good(t)),
		"nested, in a string":          payload(`"` + good(t) + `"`),
		"deep":                         payload(extra(`"x":` + strings.Repeat("[", 2000) + strings.Repeat("]", 2000))[:1500]),
		"no claims":                    payload("{}"),
		"null":                         payload("null"),
		"a list":                       payload("[" + claims(nil) + "]"),
		"two objects":                  payload(claims(nil) + claims(nil)),
		"not UTF-8":                    payload("\xff" + claims(nil)),

		// claims
		"another issuer":             with(map[string]any{"iss": "https://evil.example"}),
		"issuer with a slash":        with(map[string]any{"iss": issuer + "/"}),
		"issuer in upper case":       with(map[string]any{"iss": strings.ToUpper(issuer)}),
		"issuer in a list":           with(map[string]any{"iss": []any{issuer}}),
		"no issuer":                  with(map[string]any{"iss": nil}),
		"two audiences, none ours":   with(map[string]any{"aud": []any{"https://a.example", "https://b.example"}}),
		"our audience and more text": with(map[string]any{"aud": audience + " https://b.example"}),
		"audience in an object":      with(map[string]any{"aud": map[string]any{"x": audience}}),
		"audiences with a number":    with(map[string]any{"aud": []any{7}}),
		"no audience":                with(map[string]any{"aud": nil}),
		"an empty audience":          with(map[string]any{"aud": ""}),
		"expired":                    with(map[string]any{"exp": now.Add(-2 * time.Minute).Unix()}),
		"no exp":                     with(map[string]any{"exp": nil}),
		"exp null":                   payload(strings.Replace(claims(map[string]any{"exp": 1}), `"exp":1`, `"exp":null`, 1)),
		"exp in a string":            with(map[string]any{"exp": fmt.Sprint(later)}),
		"exp in a list":              with(map[string]any{"exp": []any{later}}),
		"exp true":                   with(map[string]any{"exp": true}),
		"exp negative":               with(map[string]any{"exp": -later}),
		"exp beyond all time":        payload(strings.Replace(claims(map[string]any{"exp": 1}), `"exp":1`, `"exp":1e300`, 1)),
		"exp beyond numbers":         payload(strings.Replace(claims(map[string]any{"exp": 1}), `"exp":1`, `"exp":1e999`, 1)),
		"exp in upper case":          with(map[string]any{"exp": nil, "EXP": later}),
		"not yet valid":              with(map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}),
		"nbf in a string":            with(map[string]any{"nbf": "0"}),
		"nbf null":                   payload(extra(`"nbf":null`)),
		"exp twice":                  payload(extra(fmt.Sprintf(`"exp":%d`, later))),
		"iss twice":                  payload(extra(`"iss":"` + issuer + `"`)),
		"aud twice":                  payload(extra(`"aud":"` + audience + `"`)),
		"a claim twice":              payload(extra(`"orgs":["` + acme.String() + `"]`)),
		"a claim twice, escaped":     payload(extra(`"\u006frgs":["` + acme.String() + `"]`)),
		"a claim in another case":    payload(extra(`"ORGS":["` + acme.String() + `"]`)),
		"twice further down":         payload(extra(`"x":[{"a":{"b":1,"b":2}}]`)),
	} {
		t.Run(name, func(t *testing.T) {
			a := newProvider().authorizer(t, func(c *oidcauth.Config) { c.Organizations = organizationsOf(acme) })
			err := authorize(t, a, token)
			require.ErrorIs(t, err, httpapi.ErrUnauthenticated)
			require.NotErrorIs(t, err, httpapi.ErrUnavailable)
		})
	}
}

// TestRefusesEveryChange flips each bit of a good token's payload and signature.
func TestRefusesEveryChange(t *testing.T) {
	a := newProvider().authorizer(t, func(c *oidcauth.Config) { c.Organizations = organizationsOf(acme) })
	parts := strings.Split(signed(t, jose.ES256, ecKey, claims(nil), kid("ec")), ".")
	for part := 1; part <= 2; part++ {
		decoded, err := base64.RawURLEncoding.DecodeString(parts[part])
		require.NoError(t, err)
		for i := range decoded {
			changed := [3]string{parts[0], parts[1], parts[2]}
			decoded[i] ^= 1 << (i % 8)
			changed[part] = base64.RawURLEncoding.EncodeToString(decoded)
			decoded[i] ^= 1 << (i % 8)
			require.ErrorIs(t, authorize(t, a, strings.Join(changed[:], ".")), httpapi.ErrUnauthenticated)
		}
	}
}

func TestAlgorithms(t *testing.T) {
	a := newProvider().authorizer(t, func(c *oidcauth.Config) { c.Algorithms = []string{"ES256"} })
	require.NoError(t, authorize(t, a, signed(t, jose.ES256, ecKey, claims(nil), kid("ec"))))
	require.ErrorIs(t, authorize(t, a, good(t)), httpapi.ErrUnauthenticated)

	// A key is for the algorithm that is published with it.
	p := newProvider()
	p.keys = jwks(jose.JSONWebKey{KeyID: "rsa", Key: rsaKey.Public(), Algorithm: "RS256"})
	a = p.authorizer(t)
	require.NoError(t, authorize(t, a, good(t)))
	require.ErrorIs(t, authorize(t, a, signed(t, jose.PS256, rsaKey, claims(nil), kid("rsa"))), httpapi.ErrUnauthenticated)
}

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

func TestOrganizations(t *testing.T) {
	failure := errors.New("directory is away")
	for name, c := range map[string]struct {
		claims        map[string]any
		organizations func(context.Context, json.RawMessage) ([]uuid.UUID, error)
		want          error  // nil: let in
		text          string // of an error that is none of httpapi's
	}{
		"the claim":               {map[string]any{"orgs": []any{other, acme}}, oidcauth.Claim("orgs"), nil, ""},
		"in upper case":           {map[string]any{"orgs": []any{strings.ToUpper(acme.String())}}, oidcauth.Claim("orgs"), nil, ""},
		"a name like a URL":       {map[string]any{"https://x.example/orgs": []any{acme}}, oidcauth.Claim("https://x.example/orgs"), nil, ""},
		"without the claim":       {map[string]any{"orgs": nil}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, ""},
		"the claim's case counts": {nil, oidcauth.Claim("Orgs"), httpapi.ErrForbidden, ""},
		"an empty list":           {map[string]any{"orgs": []any{}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, ""},
		"another organization":    {map[string]any{"orgs": []any{other}}, oidcauth.Claim("orgs"), httpapi.ErrForbidden, ""},
		"a text":                  {map[string]any{"orgs": acme}, oidcauth.Claim("orgs"), nil, `the claim "orgs" is not a list`},
		"not an id":               {map[string]any{"orgs": []any{acme, "SECRET"}}, oidcauth.Claim("orgs"), nil, `the claim "orgs" is not a list`},
		"ids in another form":     {map[string]any{"orgs": []any{"{" + acme.String() + "}"}}, oidcauth.Claim("orgs"), nil, `the claim "orgs" is not a list`},
		"the function forbids":    {nil, func(context.Context, json.RawMessage) ([]uuid.UUID, error) { return nil, httpapi.ErrForbidden }, httpapi.ErrForbidden, ""},
		"the function fails":      {nil, func(context.Context, json.RawMessage) ([]uuid.UUID, error) { return []uuid.UUID{acme}, failure }, failure, ""},
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
			err := authorize(t, a, signed(t, jose.RS256, rsaKey, claims(c.claims), kid("rsa")))
			require.NotErrorIs(t, err, httpapi.ErrUnauthenticated)
			switch {
			case c.text != "":
				require.ErrorContains(t, err, c.text)
				require.NotErrorIs(t, err, httpapi.ErrForbidden)
			case c.want != nil:
				require.ErrorIs(t, err, c.want)
			default:
				require.NoError(t, err)
			}
		})
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
						err := a.Authorize(t.Context(), bearer(raw(`{"alg":"RS256","kid":"`+uuid.NewString()+`"}`, "{}", "x")), acme)
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

// TestTokenEnds is at the nanosecond: whoever keeps verdicts keeps one too long.
func TestTokenEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newProvider().authorizer(t, func(c *oidcauth.Config) { c.ClockSkew = 3 * time.Second })
		token := signed(t, jose.RS256, rsaKey, claims(map[string]any{
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
		"no issuer":             {func(c *oidcauth.Config, _ *provider) { c.Issuer = "" }, "Issuer is not an absolute URL", false},
		"an issuer by http":     {func(c *oidcauth.Config, _ *provider) { c.Issuer = "http://issuer.example" }, "Issuer is not an https URL", false},
		"like this machine":     {func(c *oidcauth.Config, _ *provider) { c.Issuer = "http://localhost.example" }, "Issuer is not an https URL", false},
		"keys by http":          {func(_ *oidcauth.Config, p *provider) { p.description["jwks_uri"] = "http://issuer.example/keys" }, "jwks_uri is not an https URL", false},
		"no keys' URL":          {func(_ *oidcauth.Config, p *provider) { delete(p.description, "jwks_uri") }, "jwks_uri is not an absolute URL", false},
		"another issuer's":      {func(_ *oidcauth.Config, p *provider) { p.description["issuer"] = "https://evil.example" }, "description", false},
		"negative skew":         {func(c *oidcauth.Config, _ *provider) { c.ClockSkew = -1 }, "ClockSkew is negative: -1ns", false},
		"negative pause":        {func(c *oidcauth.Config, _ *provider) { c.KeysEvery = -1 }, "KeysEvery is negative: -1ns", false},
		"algorithm none":        {func(c *oidcauth.Config, _ *provider) { c.Algorithms = []string{"RS256", "none"} }, `Algorithms: "none" is not one of`, false},
		"a symmetric algorithm": {func(c *oidcauth.Config, _ *provider) { c.Algorithms = []string{"HS256"} }, `Algorithms: "HS256" is not one of`, false},
		"the provider is away":  {func(_ *oidcauth.Config, p *provider) { p.fault = errors.New("connection refused") }, "connection refused", true},
		"it has no keys":        {func(_ *oidcauth.Config, p *provider) { p.keys = jwks() }, "no public key", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider()
			config := p.config()
			c.change(&config, p)
			a, err := oidcauth.New(t.Context(), config)
			require.Nil(t, a)
			require.ErrorContains(t, err, "oidcauth: ")
			require.ErrorContains(t, err, c.text)
			require.Equal(t, c.unavailable, errors.Is(err, httpapi.ErrUnavailable))
		})
	}
}

// TestHandler has the answers that clients get.
func TestHandler(t *testing.T) {
	p := newProvider()
	w := &webhook.Webhook{ID: uuid.New(), CreatedAt: time.Now()}
	store := httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { return w, nil })
	h := httpapi.NewHandler(store, p.authorizer(t, every(time.Nanosecond)), nil)
	status := func(authorization string, organization uuid.UUID) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("/organization/%s/webhook/%s", organization, w.ID), nil)
		r.Header.Set("Authorization", authorization)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		return answer.Code
	}
	unknown := signed(t, jose.RS256, otherRSA, claims(nil), kid("new"))
	require.Equal(t, 200, status("Bearer "+good(t), acme))
	require.Equal(t, 403, status("Bearer "+good(t), other))
	require.Equal(t, 401, status("Token "+good(t), acme))
	require.Equal(t, 401, status("Bearer "+unknown, acme))
	p.set(func() { p.fault = errors.New("connection refused") })
	require.Equal(t, 503, status("Bearer "+unknown, acme))
	require.Equal(t, 200, status("Bearer "+good(t), acme))
}
