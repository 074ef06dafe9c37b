// Package tokenfile is the httpapi.Authorizer of a file of tokens, which the example
// servers use: a JSON object from token to the list of organization ids that it may
// read.
//
//	{"a-token": ["0e83ed77-3c22-4883-8e42-cb6dec0c41a0"], "another": []}
package tokenfile

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
)

// Tokens implements httpapi.Authorizer for the tokens that it has, under each scheme.
// It is safe for concurrent use, and keeps hashes of the tokens alone. The zero Tokens
// lets nobody in.
type Tokens []grant

// grant is what one token may read.
type grant struct {
	hash          [sha256.Size]byte
	all           bool
	organizations map[uuid.UUID]bool
}

// Read reads a file of tokens. Its errors have no token.
func Read(file string) (t Tokens, err error) {
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

// All is one token that may read every organization, or an error if no client can send
// it.
func All(token string) (Tokens, error) {
	return Tokens{{hash: sha256.Sum256([]byte(token)), all: true}}, sendable(token)
}

// sendable says whether a client can send the token: every other one is answered with
// 401 whatever the list says.
func sendable(token string) error {
	return httpapi.Credential{Scheme: httpapi.SchemeBearer, Token: token}.Validate()
}

// Authorize implements httpapi.Authorizer. How long it takes says nothing about how
// much of a token was guessed.
func (t Tokens) Authorize(_ context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
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

// AnyReads says whether some token may read the organization.
func (t Tokens) AnyReads(organizationID uuid.UUID) bool {
	for i := range t {
		if t[i].reads(organizationID) {
			return true
		}
	}
	return false
}
