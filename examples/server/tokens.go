package main

import (
	"crypto/rand"
	"fmt"
	"os"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/httpapi"
)

// shownToken is how a curl line names a token: as a variable of the shell, unless nobody
// can know the token otherwise; and what has to be said about that.
type shownToken struct{ quote, name, note string }

// header is quoted for the shell.
func (s shownToken) header(scheme httpapi.Scheme) string {
	return fmt.Sprintf("%sAuthorization: %s %s%s", s.quote, scheme, s.name, s.quote)
}

// chooseTokens returns the tokens of file, or if that is empty the one of the
// environment or a new one. Each is taken for a person's and for a machine's.
//
// A real deployment has no list of tokens. The API's persons have JWTs of an OIDC
// provider, after Bearer, which httpapi/oidcauth verifies. Its machines have API tokens,
// after Token, of which it keeps hashes.
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
