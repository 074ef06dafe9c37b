// Package tokenfile implements the httpapi.Authorizer of the example servers. It reads a
// JSON object that maps each token to the ids of the organizations that it may read:
//
//	{"a-token": ["0e83ed77-3c22-4883-8e42-cb6dec0c41a0"], "another": []}
package tokenfile

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Tokens is an httpapi.Authorizer that accepts a list of tokens under any scheme. It is safe
// for concurrent use, and stores only hashes of the tokens. The zero Tokens refuses every
// credential.
type Tokens []grant

// grant holds the organizations that one token may read.
type grant struct {
	hash          [sha256.Size]byte
	all           bool
	organizations map[uuid.UUID]bool
}

// Read reads a file of tokens. Its errors contain no token.
func Read(file string) (t Tokens, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if t, err = parse(data); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return t, nil
}

func parse(data []byte) (t Tokens, err error) {
	root, err := jsonvalue.Parse(data)
	// An error about the text might quote a token.
	if err != nil || root.Kind() != '{' {
		return nil, errors.New("not a JSON object from token to the list of organization ids that it may read")
	}
	seen := make(map[string]bool)
	for name, ids := range root.Members() {
		token, which := name.String(), fmt.Sprintf("token %d", len(t)+1)
		if seen[token] {
			return nil, fmt.Errorf("%s is repeated", which)
		}
		seen[token] = true
		if err := validate(token); err != nil {
			return nil, fmt.Errorf("%s: %w", which, err)
		}
		g := grant{hash: sha256.Sum256([]byte(token)), organizations: make(map[uuid.UUID]bool)}
		list, err := ids.Elements()
		if err != nil {
			return nil, fmt.Errorf("%s: not a list of organization ids", which)
		}
		for i, e := range list {
			text, _ := e.Text()
			id, err := webhook.ParseID(text)
			if err != nil {
				return nil, fmt.Errorf("%s: organization id %d: want a UUID of 36 characters", which, i+1)
			}
			g.organizations[id] = true
		}
		t = append(t, g)
	}
	if t == nil {
		return nil, errors.New("no token")
	}
	return t, nil
}

// All returns Tokens with one token that may read every organization, or an error if no
// client can send it.
func All(token string) (Tokens, error) {
	return Tokens{{hash: sha256.Sum256([]byte(token)), all: true}}, validate(token)
}

// validate returns an error if no client can send the token in a request.
func validate(token string) error {
	return httpapi.Credential{Scheme: httpapi.SchemeBearer, Token: token}.Validate()
}

// Authorize implements httpapi.Authorizer. Its running time does not depend on how much of
// a token was guessed correctly.
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
	case !found.mayRead(organizationID):
		return httpapi.ErrForbidden
	}
	return nil
}

func (g *grant) mayRead(organizationID uuid.UUID) bool {
	return g.all || g.organizations[organizationID]
}

// AnyReads reports whether any of the tokens may read the organization.
func (t Tokens) AnyReads(organizationID uuid.UUID) bool {
	for i := range t {
		if t[i].mayRead(organizationID) {
			return true
		}
	}
	return false
}
