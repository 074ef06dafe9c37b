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

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// Config says whose tokens are accepted, and for what. The zero value of a field that
// is not required is its default.
type Config struct {
	// Issuer is the provider's issuer identifier, exactly as it publishes it, and
	// Audience what its tokens name this service. Both are required. The issuer's URL
	// and that of its keys are https; http is for the own machine (127.0.0.1, localhost).
	Issuer, Audience string

	// Organizations returns the organizations that the bearer of verified claims may
	// read, and is required: see [Claim]. It is called by many goroutines at once.
	// Claims is the token's JSON object, without duplicate names at any depth. An error
	// is the answer as it is: httpapi.ErrForbidden, say, or a failure. Its text goes to
	// the log, so it must not quote claims.
	Organizations func(ctx context.Context, claims json.RawMessage) ([]uuid.UUID, error)

	// ClockSkew is how far the clocks of the provider and of this machine may be apart.
	// Default: 1 minute.
	ClockSkew time.Duration

	// Algorithms are the accepted signature algorithms. Default: RS256, RS384, RS512,
	// PS256, PS384, PS512, ES256, ES384, ES512 and EdDSA; no other can be chosen.
	Algorithms []string

	// Client makes the requests to the provider. Default: one that follows no
	// redirect. Each request ends after 5 s at the latest.
	Client *http.Client

	// KeysEvery is the least time between two requests for the provider's keys. Tokens
	// with a key id that is not known lead to such a request, so it is also how long
	// the provider's new key may be refused. Default: 10 seconds.
	KeysEvery time.Duration
}

// asymmetric are the algorithms whose verification needs no secret.
var asymmetric = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// Authorizer implements httpapi.Authorizer for the tokens of a provider. Every call
// verifies the whole token; no verdict is kept. It may be used by many goroutines at
// once. The zero Authorizer is not usable: [New] makes one.
//
// Keys are kept, and asked for again when a token names one that is not known, and
// every 5 minutes where there are tokens; however many there are, there is one request
// to the provider at a time, and not more than one in Config.KeysEvery. While the
// provider is away, the keys that are known go on.
type Authorizer struct {
	config Config
	keys   *keys
}

// New fetches the provider's description and keys, and returns the Authorizer. The
// error is httpapi.ErrUnavailable if one of them cannot be fetched, whether the provider
// cannot be reached or answers with something else; any other error is about the Config
// or the description. ctx is for this call alone.
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
	}
	if err := checkURL("Issuer", c.Issuer); err != nil {
		return nil, err
	}
	if c.ClockSkew == 0 {
		c.ClockSkew = time.Minute
	}
	if c.KeysEvery == 0 {
		c.KeysEvery = 10 * time.Second
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = asymmetric
	}
	c.Algorithms = slices.Clone(c.Algorithms)
	for _, algorithm := range c.Algorithms {
		if !slices.Contains(asymmetric, algorithm) {
			return nil, fmt.Errorf("oidcauth: Algorithms: %q is not one of %v", algorithm, asymmetric)
		}
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
	a := &Authorizer{c, &keys{url: description.Keys, client: c.Client, every: c.KeysEvery}}
	if _, err := a.keys.find(ctx, ""); err != nil {
		return nil, fmt.Errorf("oidcauth: %w", err)
	}
	return a, nil
}

// checkURL returns an error unless what is at the URL is protected from changes on the
// way: by https, or because it is on this machine.
func checkURL(name, value string) error {
	u, err := url.Parse(value)
	switch {
	case err != nil: // err may have a password
		return fmt.Errorf("oidcauth: %s is not a URL", name)
	case u.Host == "":
		return fmt.Errorf("oidcauth: %s is not an absolute URL: %s", name, jsonvalue.Quote(u.Redacted()))
	case u.Scheme == "https", u.Scheme == "http" && (u.Hostname() == "localhost" || net.ParseIP(u.Hostname()).IsLoopback()):
		return nil
	}
	return fmt.Errorf("oidcauth: %s is not an https URL: %s", name, jsonvalue.Quote(u.Redacted()))
}

// Authorize implements httpapi.Authorizer. It returns httpapi.ErrUnauthenticated for
// another scheme than Bearer and for a token that is not good, and httpapi.ErrForbidden
// if the organization is not among the bearer's. If the token's key is not known and the
// provider cannot be asked for it, the error is httpapi.ErrUnavailable. No error has
// anything of the token.
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
		return fmt.Errorf("oidcauth: the token's organizations: %w", err)
	case !slices.Contains(organizations, organizationID):
		return httpapi.ErrForbidden
	}
	return nil
}

// Ping says whether the provider answers with keys. It asks once in Config.KeysEvery at
// most, and says the same until then.
func (a *Authorizer) Ping(ctx context.Context) error {
	if err := a.keys.ping(ctx); err != nil {
		return fmt.Errorf("oidcauth: %w", err)
	}
	return nil
}

// verify returns the claims of a good token. Its errors are of this package's own
// words, since those of the libraries quote the token.
func (a *Authorizer) verify(ctx context.Context, c httpapi.Credential) (json.RawMessage, error) {
	if c.Scheme != httpapi.SchemeBearer {
		return nil, errors.New("the scheme is not Bearer")
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := signature{keys: a.keys, algorithms: a.config.Algorithms, err: errNotSigned}
	// Times are checked here with the configured skew, and by the claims' exact names.
	_, err := oidc.NewVerifier(a.config.Issuer, &s, &oidc.Config{
		ClientID:             a.config.Audience,
		SupportedSigningAlgs: a.config.Algorithms,
		SkipExpiryCheck:      true,
	}).Verify(ctx, c.Token)
	switch {
	case s.err != nil:
		return nil, s.err
	case err != nil:
		return nil, errClaims
	}
	return s.claims, checkClaims(s.claims, time.Now(), a.config.ClockSkew)
}

var (
	errNotSigned = errors.New("not a JWT with an accepted algorithm")
	errSignature = errors.New("its signature is not of its key")
	errClaims    = errors.New("its issuer, audience or the form of its claims")
)

// signature is an oidc.KeySet for one token. It keeps what the verifier drops.
type signature struct {
	keys       *keys
	algorithms []string
	claims     json.RawMessage // if err is nil
	err        error
}

// VerifySignature implements oidc.KeySet.
func (s *signature) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	s.claims, s.err = s.verify(ctx, token)
	return s.claims, s.err
}

func (s *signature) verify(ctx context.Context, token string) ([]byte, error) {
	algorithms := make([]jose.SignatureAlgorithm, len(s.algorithms))
	for i, algorithm := range s.algorithms {
		algorithms[i] = jose.SignatureAlgorithm(algorithm)
	}
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil {
		return nil, errNotSigned
	}
	header := jws.Signatures[0].Protected
	candidates, err := s.keys.find(ctx, header.KeyID)
	if err != nil {
		return nil, err
	}
	for _, key := range candidates {
		if key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if claims, err := jws.Verify(key); err == nil {
			return claims, nil
		}
	}
	return nil, errSignature
}
