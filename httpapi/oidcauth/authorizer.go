package oidcauth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// Config configures which tokens are accepted, and what they permit. The zero value of an
// optional field means its default.
type Config struct {
	// Issuer is the provider's issuer identifier, exactly as the provider publishes it.
	// Audience is the name of this service in the provider's tokens. Both are required. The URLs of
	// the issuer and of its keys must be https, or http to this machine (localhost or a
	// loopback address).
	Issuer, Audience string

	// Organizations returns the organizations that a token may read. It is required; see
	// [Claim]. It must be safe for concurrent use. Its second argument is the JSON object of
	// the token's claims, after verification. No object in it, at any depth, has two names
	// that are equal under Unicode case folding, and no claim has a name that equals a name
	// of RFC 7519, section 4.1, only under case folding. Authorize returns the error: wrap
	// httpapi.ErrForbidden if the claims are the reason. The error is logged, so it must
	// not quote claims.
	Organizations func(ctx context.Context, claims json.RawMessage) ([]uuid.UUID, error)

	// ClockSkew is the accepted difference between the clocks of the provider and of this
	// machine. Default: 1 minute.
	ClockSkew time.Duration

	// Algorithms are the accepted signature algorithms. Default: RS256, RS384, RS512,
	// PS256, PS384, PS512, ES256, ES384, ES512 and EdDSA. New rejects all others.
	Algorithms []string

	// Client makes the requests to the provider. Each request has a timeout of 5 seconds.
	// Default: a client that does not follow redirects.
	Client *http.Client

	// KeysEvery is the minimum time between two requests for the provider's keys, at most
	// 5 minutes. A token with an unknown key id causes such a request. Until the next
	// request is permitted, the error for a token with an unknown key id is
	// httpapi.ErrUnavailable, so KeysEvery is also how long tokens with a new key may fail.
	// Default: 10 seconds.
	KeysEvery time.Duration
}

// asymmetric are the algorithms whose verification needs no secret.
var asymmetric = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// Authorizer implements httpapi.Authorizer for the tokens of a provider. Use [New] to make
// one; the zero Authorizer is invalid. It is safe for concurrent use.
//
// Every call verifies the whole token; no result is cached. The provider's keys are cached.
// A token with an unknown key id, or any token if the keys are older than 5 minutes, causes
// a request for them and waits for the response. There is one request at a time, and at
// most one in Config.KeysEvery. While requests fail, the known keys are used until they are
// 4 hours old.
type Authorizer struct {
	config     Config
	algorithms []jose.SignatureAlgorithm
	keys       *keys
}

// New fetches the provider's description and keys, and returns an Authorizer for them. The
// error is httpapi.ErrUnavailable if they cannot be fetched, because the provider cannot be
// reached or its response is not as expected. Any other error is about the Config or the
// description. ctx is for this call alone.
func New(ctx context.Context, c Config) (*Authorizer, error) {
	switch {
	case c.Audience == "":
		return nil, errors.New("oidcauth: Audience is empty")
	case c.Organizations == nil:
		return nil, errors.New("oidcauth: Organizations is nil")
	case c.ClockSkew < 0:
		return nil, fmt.Errorf("oidcauth: ClockSkew is negative: %v", c.ClockSkew)
	case c.KeysEvery < 0:
		return nil, fmt.Errorf("oidcauth: KeysEvery is negative: %v", c.KeysEvery)
	case c.KeysEvery > maxAge:
		return nil, fmt.Errorf("oidcauth: KeysEvery is longer than %v: %v", maxAge, c.KeysEvery)
	}
	if err := checkURL("Issuer", c.Issuer); err != nil {
		return nil, err
	}
	if strings.ContainsAny(c.Issuer, "?#") { // a path cannot be appended
		return nil, fmt.Errorf("oidcauth: Issuer has a query or a fragment: %q", c.Issuer)
	}
	if c.ClockSkew == 0 {
		c.ClockSkew = time.Minute
	}
	if c.KeysEvery == 0 {
		c.KeysEvery = 10 * time.Second
	}
	algorithms := asymmetric
	if len(c.Algorithms) > 0 {
		algorithms = nil
	}
	for _, name := range c.Algorithms {
		algorithm := jose.SignatureAlgorithm(name)
		if !slices.Contains(asymmetric, algorithm) {
			return nil, fmt.Errorf("oidcauth: Algorithms: %q is not one of %v", name, asymmetric)
		}
		algorithms = append(algorithms, algorithm)
	}
	if c.Client == nil {
		c.Client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}

	var description struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := get(ctx, c.Client, strings.TrimSuffix(c.Issuer, "/")+"/.well-known/openid-configuration", &description); err != nil {
		return nil, fmt.Errorf("oidcauth: %w: cannot fetch the provider's description: %w", httpapi.ErrUnavailable, err)
	}
	if description.Issuer != c.Issuer {
		return nil, fmt.Errorf("oidcauth: Issuer is %q, but the provider's description has %s", c.Issuer, jsonvalue.Quote(description.Issuer))
	}
	if err := checkURL("the provider's jwks_uri", description.Keys); err != nil {
		return nil, err
	}
	a := &Authorizer{c, algorithms, &keys{url: description.Keys, client: c.Client, every: c.KeysEvery}}
	if _, err := a.keys.find(ctx, ""); err != nil {
		return nil, fmt.Errorf("oidcauth: %w", err)
	}
	return a, nil
}

// checkURL returns an error unless the URL is https, or http to this machine: otherwise an
// attacker on the network could change responses.
func checkURL(name, value string) error {
	u, err := url.Parse(value)
	switch {
	case err != nil: // may quote a password
		return fmt.Errorf("oidcauth: %s is not a URL", name)
	case u.Host == "":
		return fmt.Errorf("oidcauth: %s is not an absolute URL: %s", name, jsonvalue.Quote(u.Redacted()))
	case u.Scheme == "https", u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()):
		return nil
	}
	return fmt.Errorf("oidcauth: %s is not an https URL: %s", name, jsonvalue.Quote(u.Redacted()))
}

// Authorize implements httpapi.Authorizer. It returns httpapi.ErrUnauthenticated for a
// scheme other than Bearer and for an invalid token, httpapi.ErrForbidden if the token may
// not read the organization, and httpapi.ErrUnavailable if a key that may verify the token
// cannot be fetched. No error quotes a part of the token.
func (a *Authorizer) Authorize(ctx context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
	claims, err := a.verify(ctx, c)
	switch {
	case errors.Is(err, httpapi.ErrUnavailable):
		return fmt.Errorf("oidcauth: %w", err)
	case err != nil:
		return fmt.Errorf("oidcauth: %w: %w", httpapi.ErrUnauthenticated, err)
	}
	organizations, err := a.config.Organizations(ctx, claims)
	switch {
	case err != nil:
		return fmt.Errorf("oidcauth: cannot determine the token's organizations: %w", err)
	case !slices.Contains(organizations, organizationID):
		return httpapi.ErrForbidden
	}
	return nil
}

// Ping returns nil if the provider's keys can be fetched, and httpapi.ErrUnavailable
// otherwise. It makes at most one request in Config.KeysEvery. Until the next request is
// permitted, it returns the result of the last one.
func (a *Authorizer) Ping(ctx context.Context) error {
	if err := a.keys.ping(ctx); err != nil {
		return fmt.Errorf("oidcauth: %w", err)
	}
	return nil
}

// Ready returns nil while the known keys are less than 4 hours old, so that Authorize can use
// them even if the provider is unavailable. Afterwards it returns httpapi.ErrUnavailable. It
// makes no request to the provider: only Authorize and Ping renew the keys.
func (a *Authorizer) Ready() error {
	if err := a.keys.ready(); err != nil {
		return fmt.Errorf("oidcauth: %w", err)
	}
	return nil
}

// verify returns the claims of a valid token. Its errors do not wrap errors of go-jose, which
// quote the token.
func (a *Authorizer) verify(ctx context.Context, c httpapi.Credential) (json.RawMessage, error) {
	if c.Scheme != httpapi.SchemeBearer {
		return nil, errors.New("unsupported scheme: want Bearer")
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	jws, err := jose.ParseSignedCompact(c.Token, a.algorithms)
	if err != nil {
		return nil, errNotSigned
	}
	// Check the claims before the key, so that an expired token, or a token of another
	// provider, causes no request.
	claims := jws.UnsafePayloadWithoutVerification()
	if err := checkClaims(claims, a.config, time.Now()); err != nil {
		return nil, err
	}
	header := jws.Signatures[0].Protected
	candidates, keysErr := a.keys.find(ctx, header.KeyID)
	for _, key := range candidates {
		if key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if _, err := jws.Verify(key); err == nil {
			return claims, checkNames(claims)
		}
	}
	if keysErr != nil {
		return nil, keysErr
	}
	return nil, errSignature
}

var (
	errNotSigned = errors.New("not a JWT with an accepted algorithm")
	errSignature = errors.New("invalid signature")
	errClaims    = errors.New("issuer, audience or claims are not acceptable")
)
