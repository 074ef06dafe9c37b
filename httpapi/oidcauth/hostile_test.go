package oidcauth_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/oidcauth"
)

// raw returns a token of three parts. It encodes the parts and signs nothing.
func raw(header, payload, signature string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + "." + encode([]byte(signature))
}

// The tokens attack a verifier. Most are signed with the provider's key, so that they are refused
// only for the reason that their name states.
func TestRefusesHostileTokens(t *testing.T) {
	der, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	require.NoError(t, err)
	asPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	now := time.Now()
	with := func(changes map[string]any) string { return sign(jose.RS256, rsaKey, claims(changes), kid("rsa")) }
	payload := func(text string) string { return sign(jose.RS256, rsaKey, text, kid("rsa")) }
	head := func(header map[jose.HeaderKey]any) string {
		return sign(jose.RS256, otherRSA, claims(nil), header)
	}
	parts := strings.Split(validToken(), ".")
	otherParts := strings.Split(with(map[string]any{"orgs": []any{other}}), ".")
	extra := func(text string) string { return strings.TrimSuffix(claims(nil), "}") + "," + text + "}" }
	later := now.Add(time.Hour).Unix()
	embedding, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: otherRSA, KeyID: "rsa"}}, &jose.SignerOptions{EmbedJWK: true})
	require.NoError(t, err)
	embeddedJWS, err := embedding.Sign([]byte(claims(nil)))
	require.NoError(t, err)
	embedded, err := embeddedJWS.CompactSerialize()
	require.NoError(t, err)

	tokens := map[string]string{
		// algorithms
		"alg none":                    raw(`{"alg":"none"}`, claims(nil), ""),
		"alg none with the key's id":  raw(`{"alg":"none","kid":"rsa"}`, claims(nil), "x"),
		"alg None":                    raw(`{"alg":"None","kid":"rsa"}`, claims(nil), ""),
		"alg of another type":         raw(`{"alg":["RS256"],"kid":"rsa"}`, claims(nil), "x"),
		"no alg":                      raw(`{"kid":"rsa"}`, claims(nil), "x"),
		"alg twice":                   raw(`{"alg":"RS256","alg":"none","kid":"rsa"}`, claims(nil), ""),
		"HS256 with the public key":   sign(jose.HS256, asPEM, claims(nil), kid("rsa")),
		"HS256 with the key's DER":    sign(jose.HS256, der, claims(nil), kid("rsa")),
		"HS256 with the modulus":      sign(jose.HS256, rsaKey.N.Bytes(), claims(nil), kid("rsa")),
		"RS256 with the EC key's id":  sign(jose.RS256, rsaKey, claims(nil), kid("ec")),
		"ES256 with the RSA key's id": raw(`{"alg":"ES256","kid":"rsa"}`, claims(nil), strings.Repeat("x", 64)),
		"an EC signature of zeros":    raw(`{"alg":"ES256","kid":"ec"}`, claims(nil), strings.Repeat("\x00", 64)),

		// keys
		"another key":                sign(jose.RS256, otherRSA, claims(nil), kid("rsa")),
		"another key, no key id":     sign(jose.RS256, otherRSA, claims(nil), nil),
		"an embedded jwk":            embedded,
		"a jku":                      head(map[jose.HeaderKey]any{"kid": "rsa", "jku": "https://evil.example/keys"}),
		"an x5u":                     head(map[jose.HeaderKey]any{"kid": "rsa", "x5u": "https://evil.example/cert"}),
		"a kid with a path":          head(kid("../../../../dev/null")),
		"a kid with SQL":             head(kid("rsa' OR '1'='1")),
		"a kid that is a URL":        head(kid("https://evil.example/key")),
		"a kid of another type":      raw(`{"alg":"RS256","kid":7}`, claims(nil), "x"),
		"a huge kid":                 head(kid(strings.Repeat("k", 4000))),
		"unknown crit":               head(map[jose.HeaderKey]any{"kid": "rsa", "crit": []string{"exp"}, "exp": 1}),
		"the payload is not encoded": raw(`{"alg":"RS256","kid":"rsa","b64":false,"crit":["b64"]}`, claims(nil), "x"),

		// form
		"empty parts":                  "..",
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"two parts":                    parts[0] + "." + parts[1],
		"four parts":                   validToken() + ".x",
		"five parts, as if encrypted":  validToken() + ".x.y",
		"detached":                     parts[0] + ".." + parts[2],
		"the payload of another token": parts[0] + "." + otherParts[1] + "." + parts[2],
		"padding":                      validToken() + "==",
		"huge":                         sign(jose.RS256, rsaKey, claims(map[string]any{"x": strings.Repeat("x", 8<<10)}), kid("rsa")),
		"not base64":                   "a.+/+/.c",
		"nested":                       payload(validToken()),
		"nested, in a string":          payload(`"` + validToken() + `"`),
		"cut off":                      payload(claims(nil)[:50]),
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
		"exp too large for a time":   payload(strings.Replace(claims(map[string]any{"exp": 1}), `"exp":1`, `"exp":1e300`, 1)),
		"exp too large for a number": payload(strings.Replace(claims(map[string]any{"exp": 1}), `"exp":1`, `"exp":1e999`, 1)),
		"exp in upper case":          with(map[string]any{"exp": nil, "EXP": later}),
		"not yet valid":              with(map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}),
		"nbf in a string":            with(map[string]any{"nbf": "0"}),
		"nbf null":                   payload(extra(`"nbf":null`)),
		"a claim twice":              payload(extra(`"orgs":["` + acme.String() + `"]`)),
		"a claim twice, escaped":     payload(extra(`"\u006frgs":["` + acme.String() + `"]`)),
		"a claim in another case":    payload(extra(`"ORGS":["` + acme.String() + `"]`)),
		"a nested name twice":        payload(extra(`"x":[{"a":{"b":1,"b":2}}]`)),
		"two names equal by folding": payload(extra(`"scope":"a","ſcope":"b"`)),

		// names that encoding/json folds to registered ones
		"another iss, then ours as iſs":      payload(strings.Replace(extra(`"iſs":"`+issuer+`"`), `"iss":"`+issuer, `"iss":"https://evil.example`, 1)),
		"ours as iſs, then another iss":      payload(`{"i\u017fs":"` + issuer + `",` + strings.TrimPrefix(claims(map[string]any{"iss": "https://evil.example"}), "{")),
		"ISS instead of iss":                 with(map[string]any{"iss": nil, "ISS": issuer}),
		"iſſ instead of iss":                 with(map[string]any{"iss": nil, "ſub": "x", "iſſ": issuer}),
		"AUD instead of aud":                 with(map[string]any{"aud": nil, "AUD": audience}),
		"another aud, and ours in AUD":       with(map[string]any{"aud": "https://evil.example", "AUD": audience}),
		"Exp instead of exp":                 with(map[string]any{"exp": nil, "Exp": later}),
		"Sub instead of sub":                 with(map[string]any{"sub": nil, "Sub": "x"}),
		"ſub instead of sub":                 with(map[string]any{"sub": nil, "ſub": "x"}),
		"Nbf, which only some readers honor": with(map[string]any{"Nbf": later}),
		"Iat":                                with(map[string]any{"Iat": 1}),
		"JTI":                                with(map[string]any{"JTI": "x"}),
	}
	for _, member := range []string{`"iss":"` + issuer + `"`, `"aud":"` + audience + `"`, fmt.Sprintf(`"exp":%d`, later), `"sub":"x"`, `"nbf":1`, `"iat":1`, `"jti":"x"`} {
		tokens["repeated "+member[1:4]] = payload(extra(member + "," + member))
	}
	for name, token := range tokens {
		t.Run(name, func(t *testing.T) {
			a := newProvider().authorizer(t, every(time.Nanosecond), func(c *oidcauth.Config) { c.Organizations = organizationsOf(acme) })
			err := authorize(t, a, token)
			require.ErrorIs(t, err, httpapi.ErrUnauthenticated)
			require.NotErrorIs(t, err, httpapi.ErrUnavailable)
		})
	}
}

// A token is refused if one bit is flipped in any byte of its payload or signature.
func TestRefusesFlippedBits(t *testing.T) {
	a := newProvider().authorizer(t, func(c *oidcauth.Config) { c.Organizations = organizationsOf(acme) })
	parts := strings.Split(sign(jose.ES256, ecKey, claims(nil), kid("ec")), ".")
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
