package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Scheme says what kind of token a [Credential] has, by the first word of the
// Authorization header.
type Scheme string

// The schemes that the API documents.
const (
	SchemeBearer Scheme = "Bearer" // bearerAuth: the JWT of a person, which expires
	SchemeToken  Scheme = "Token"  // ApiKeyAuth: the API token of a machine
)

// Credential is what a client sent in the Authorization header. The zero Credential
// is none.
//
// It is printed without its token by fmt, log/slog and encoding/json. They cannot ask
// it in an unexported field of another struct, nor fmt for %p.
type Credential struct {
	Scheme Scheme
	Token  string
}

// maxToken bounds what an authorizer has to look at, in bytes.
const maxToken = 8 << 10

// Validate says whether a client can send c: Scheme is one of those above, and Token
// a token of RFC 6750, section 2.1, of at most 8 KiB. The error does not have the
// token.
func (c Credential) Validate() error {
	if c.Scheme != SchemeBearer && c.Scheme != SchemeToken {
		return errors.New("the scheme is neither Bearer nor Token")
	}
	body := strings.TrimRight(c.Token, "=")
	for _, b := range []byte(body) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', strings.IndexByte("-._~+/", b) >= 0:
		default:
			body = ""
		}
	}
	if body == "" || len(c.Token) > maxToken {
		return errors.New("the token is not of the form of RFC 6750, or longer than 8 KiB")
	}
	return nil
}

// String returns the scheme, and says of the token only that it is there.
func (c Credential) String() string { return string(c.Scheme) + " [token]" }

// Format implements [fmt.Formatter] with [Credential.String], whatever the verb.
func (c Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText implements [encoding.TextMarshaler] with [Credential.String].
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Why a request has no credential that an authorizer could judge.
var (
	errNoCredential       = errors.New("no Authorization header with the scheme Bearer or Token, and a token")
	errSeveralCredentials = errors.New("more than one Authorization header")
)

// parseCredential returns the valid credential of the only Authorization header.
func parseCredential(header http.Header) (c Credential, err error) {
	values := header["Authorization"]
	for _, value := range values {
		scheme, token, _ := strings.Cut(value, " ")
		token = strings.TrimLeft(token, " ")
		for _, known := range []Scheme{SchemeBearer, SchemeToken} {
			// The length keeps out U+212A, which EqualFold takes for a k.
			if len(scheme) == len(known) && strings.EqualFold(scheme, string(known)) && token != "" {
				c = Credential{known, token}
			}
		}
	}
	switch {
	case c == Credential{}:
		return c, errNoCredential
	case len(values) != 1:
		return Credential{}, errSeveralCredentials
	}
	if err := c.Validate(); err != nil {
		return Credential{}, err
	}
	return c, nil
}
