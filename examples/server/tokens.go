package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
)

// tokens is an [httpapi.Authorizer] for the tokens that an example needs.
//
// A real deployment has no list of tokens. The API's are JWTs of an OIDC provider,
// and this is the place that verifies one: the signature by the provider's
// published keys, then issuer, audience and expiry, or ErrUnauthenticated; and
// then by its claims whether its owner belongs to the organization, or
// ErrForbidden.
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

// shownToken is how the curl line names a token: quoted for the shell, and as a
// variable unless nobody can know the token otherwise.
type shownToken struct{ header, note string }

// chooseTokens returns the tokens of file, or if that is empty the one of the
// environment or a new one.
func chooseTokens(file string) (tokens, shownToken, error) {
	if file != "" {
		t, err := readTokens(file)
		return t, shownToken{`"Authorization: Bearer $TOKEN"`, ", with a token of " + file + " that may read it as TOKEN"}, err
	}
	if token := os.Getenv("HOOKFILTER_TOKEN"); token != "" {
		if !isBearer(token) {
			return nil, shownToken{}, errors.New("HOOKFILTER_TOKEN: " + notBearer)
		}
		return tokens{{hash: sha256.Sum256([]byte(token)), all: true}},
			shownToken{`"Authorization: Bearer $HOOKFILTER_TOKEN"`, ", with HOOKFILTER_TOKEN set as here"}, nil
	}
	token := rand.Text()
	return tokens{{hash: sha256.Sum256([]byte(token)), all: true}},
		shownToken{"'Authorization: Bearer " + token + "'", ""}, nil
}

// isBearer says whether a client can send the token: every other one is answered
// with 401 whatever the list says.
func isBearer(token string) bool { return b64token.MatchString(token) && len(token) <= 8<<10 }

var b64token = regexp.MustCompile(`^[-A-Za-z0-9._~+/]+=*$`) // RFC 6750

const notBearer = "not a bearer token: at most 8 KiB of A-Z a-z 0-9 - . _ ~ + /, and = at the end"

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
		if !isBearer(token) {
			return nil, fmt.Errorf("%s: a token that is %s", file, notBearer)
		}
		g := grant{hash: sha256.Sum256([]byte(token)), organizations: make(map[uuid.UUID]bool)}
		for _, id := range ids {
			g.organizations[id] = true
		}
		t = append(t, g)
	}
	return t, nil
}
