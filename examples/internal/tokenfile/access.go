package tokenfile

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
)

// variable is the environment variable with the token, for a program without a file of tokens.
const variable = "HOOKFILTER_TOKEN"

// Access is an httpapi.Authorizer with the tokens of a program. It accepts each token under
// both schemes, Bearer and Token. It is safe for concurrent use. [Open] returns an Access.
//
// A real deployment has no file of plain tokens. People send JWTs of an OIDC provider under
// Bearer, and httpapi/oidcauth verifies the JWTs. Machines send API tokens under Token, and the
// server stores only hashes of the API tokens.
type Access struct {
	file   string // "" if there is one token, which may read every organization
	tokens atomic.Pointer[Tokens]

	quote, name, note string // for Header and Note
}

// Open returns the tokens of a file. If file is "", it returns one token that may read every
// organization: the value of the environment variable HOOKFILTER_TOKEN, or a generated token
// if the variable is empty.
func Open(file string) (*Access, error) {
	if file != "" {
		a := &Access{file: file, quote: `"`, name: "$TOKEN", note: "TOKEN set to a token of " + file}
		return a, a.Reload()
	}
	a := &Access{quote: `"`, name: "$" + variable, note: variable + " set to the server's token"}
	token := os.Getenv(variable)
	if token == "" {
		token = rand.Text()
		a.quote, a.name, a.note = "'", token, ""
	}
	t, err := All(token)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	a.tokens.Store(&t)
	return a, nil
}

// Reload reads the file again. If it cannot be read as a whole, the previous tokens stay.
func (a *Access) Reload() error {
	t, err := Read(a.file)
	if err == nil {
		a.tokens.Store(&t)
	}
	return err
}

// String returns the number of tokens and the file.
func (a *Access) String() string {
	return fmt.Sprintf("%d tokens of %s", len(*a.tokens.Load()), a.file)
}

// Authorize implements httpapi.Authorizer.
func (a *Access) Authorize(ctx context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
	return a.tokens.Load().Authorize(ctx, c, organizationID)
}

// AnyReads reports whether any of the tokens may read the organization.
func (a *Access) AnyReads(organizationID uuid.UUID) bool {
	return a.tokens.Load().AnyReads(organizationID)
}

// Header returns the header Authorization for a curl command, quoted for the shell. It
// contains the token only if the token was generated, and otherwise a shell variable.
func (a *Access) Header(scheme httpapi.Scheme) string {
	return fmt.Sprintf("%sAuthorization: %s %s%s", a.quote, scheme, a.name, a.quote)
}

// Note says how to set the shell variable in [Access.Header], as in "TOKEN set to a token
// of tokens.json". It is empty if the header has no variable.
func (a *Access) Note() string { return a.note }
