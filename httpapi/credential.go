package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Scheme is the kind of token of a [Credential]: the first word of the Authorization
// header.
type Scheme string

// The schemes that the API documents.
const (
	SchemeBearer Scheme = "Bearer" // bearerAuth: the JWT of a person, which expires
	SchemeToken  Scheme = "Token"  // ApiKeyAuth: the API token of a machine
)

// Credential is the access token of an Authorization header. The zero Credential is
// invalid.
//
// Packages fmt, log/slog and encoding/json print it without its token, except in an
// unexported field of another struct, where they cannot call its methods, and for %p.
type Credential struct {
	Scheme Scheme
	Token  string
}

// maxToken bounds what an authorizer has to look at, in bytes.
const maxToken = 8 << 10

// Validate returns nil if a client can send c: Scheme is one of the constants above, and
// Token is a token of RFC 6750, section 2.1, of at most 8 KiB. The error does not
// contain the token.
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

// String returns the scheme and "[token]" in place of the token.
func (c Credential) String() string { return string(c.Scheme) + " [token]" }

// Format implements [fmt.Formatter] with [Credential.String], whatever the verb.
func (c Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText implements [encoding.TextMarshaler] with [Credential.String].
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// The reasons why a request has no valid credential.
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
