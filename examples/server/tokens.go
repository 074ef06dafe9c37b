package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
)

// tokens is an [httpapi.Authorizer] for the tokens that an example needs, each of
// which it takes for a person's and for a machine's.
//
// A real deployment has no list of tokens. The API's persons have JWTs of an OIDC
// provider, after Bearer, and this is the place that verifies one: the signature by
// the provider's published keys, then issuer, audience and expiry, or
// ErrUnauthenticated; and then by its claims whether its owner belongs to the
// organization, or ErrForbidden. Its machines have API tokens, after Token, of which it
// keeps hashes.
type tokens []grant

// grant is what one token may read. Of the token it keeps the hash alone.
type grant struct {
	hash          [sha256.Size]byte
	all           bool
	organizations map[uuid.UUID]bool
}

// Authorize implements [httpapi.Authorizer]. How long it takes says nothing about
// how much of a token was guessed.
func (t tokens) Authorize(_ context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
	hash := sha256.Sum256([]byte(c.Token))
	var found *grant
	for i := range t {
		if subtle.ConstantTimeCompare(hash[:], t[i].hash[:]) == 1 {
			found = &t[i]
		}
	}
	switch {
	case found == nil:
		return httpapi.ErrUnauthenticated
	case !found.reads(organizationID):
		return httpapi.ErrForbidden
	}
	return nil
}

func (g *grant) reads(organizationID uuid.UUID) bool { return g.all || g.organizations[organizationID] }

func (t tokens) anyReads(organizationID uuid.UUID) bool {
	for i := range t {
		if t[i].reads(organizationID) {
			return true
		}
	}
	return false
}

// shownToken is how a curl line names a token: as a variable of the shell, unless nobody
// can know the token otherwise; and what has to be said about that.
type shownToken struct{ quote, name, note string }

// header is quoted for the shell.
func (s shownToken) header(scheme httpapi.Scheme) string {
	return fmt.Sprintf("%sAuthorization: %s %s%s", s.quote, scheme, s.name, s.quote)
}

// chooseTokens returns the tokens of file, or if that is empty the one of the
// environment or a new one.
func chooseTokens(file string) (tokens, shownToken, error) {
	if file != "" {
		t, err := readTokens(file)
		return t, shownToken{`"`, "$TOKEN", ", with a token of " + file + " that may read it as TOKEN"}, err
	}
	shown := shownToken{`"`, "$HOOKFILTER_TOKEN", ", with HOOKFILTER_TOKEN set as here"}
	token := os.Getenv("HOOKFILTER_TOKEN")
	if token == "" {
		token = rand.Text()
		shown = shownToken{"'", token, ""}
	}
	if err := sendable(token); err != nil {
		return nil, shownToken{}, fmt.Errorf("HOOKFILTER_TOKEN: %w", err)
	}
	return tokens{{hash: sha256.Sum256([]byte(token)), all: true}}, shown, nil
}

// sendable says whether a client can send the token: every other one is answered with
// 401 whatever the list says.
func sendable(token string) error {
	return httpapi.Credential{Scheme: httpapi.SchemeBearer, Token: token}.Validate()
}

func readTokens(file string) (t tokens, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var organizations map[string][]uuid.UUID
	// The error is not passed on: it might quote a token.
	if json.Unmarshal(data, &organizations) != nil || len(organizations) == 0 {
		return nil, fmt.Errorf("%s: not a JSON object from token to the list of organization ids that it may read", file)
	}
	for token, ids := range organizations {
		if err := sendable(token); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		g := grant{hash: sha256.Sum256([]byte(token)), organizations: make(map[uuid.UUID]bool)}
		for _, id := range ids {
			g.organizations[id] = true
		}
		t = append(t, g)
	}
	return t, nil
}
