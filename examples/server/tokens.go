package main

import (
	"crypto/rand"
	"fmt"
	"os"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/httpapi"
)

// shownToken is how a curl command shows a token: the value if it was generated, otherwise
// a shell variable, with a note that says how to set it.
type shownToken struct{ quote, name, note string }

// header returns the Authorization header, quoted for the shell.
func (s shownToken) header(scheme httpapi.Scheme) string {
	return fmt.Sprintf("%sAuthorization: %s %s%s", s.quote, scheme, s.name, s.quote)
}

// chooseTokens returns the tokens of file. If file is empty, it returns the token of the
// environment, or a generated one. Each token is accepted under Bearer and under Token.
//
// A real deployment has no such list. People send JWTs of an OIDC provider under Bearer,
// which httpapi/oidcauth verifies. Machines send API tokens under Token, of which the
// server stores only hashes.
func chooseTokens(file string) (tokenfile.Tokens, shownToken, error) {
	if file != "" {
		t, err := tokenfile.Read(file)
		return t, shownToken{`"`, "$TOKEN", ", with a token of " + file + " that may read it as TOKEN"}, err
	}
	shown := shownToken{`"`, "$HOOKFILTER_TOKEN", ", with HOOKFILTER_TOKEN set as here"}
	token := os.Getenv("HOOKFILTER_TOKEN")
	if token == "" {
		token = rand.Text()
		shown = shownToken{"'", token, ""}
	}
	t, err := tokenfile.All(token)
	if err != nil {
		return nil, shownToken{}, fmt.Errorf("HOOKFILTER_TOKEN: %w", err)
	}
	return t, shown, nil
}
