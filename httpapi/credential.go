package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Scheme is the authentication scheme of a [Credential], the first word of the
// Authorization header.
type Scheme string

// The schemes that the API documents.
const (
	SchemeBearer Scheme = "Bearer" // bearerAuth: a person's JWT, which expires
	SchemeToken  Scheme = "Token"  // ApiKeyAuth: a machine's API token
)

// Credential is the access token of an Authorization header. The zero Credential is
// invalid.
//
// Packages fmt, log/slog and encoding/json print a Credential without its token, except
// with the verb %p and in an unexported field of a struct, where they cannot call methods.
type Credential struct {
	Scheme Scheme
	Token  string
}

// maxToken is the length of the longest valid token, in bytes.
const maxToken = 8 << 10

// Validate returns nil if Scheme is [SchemeBearer] or [SchemeToken], and Token has the form
// of RFC 6750, section 2.1, and is at most 8 KiB long. The error does not contain the token.
func (c Credential) Validate() error {
	if c.Scheme != SchemeBearer && c.Scheme != SchemeToken {
		return errors.New("unsupported scheme: want Bearer or Token")
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
		return errors.New("malformed token: want the form of RFC 6750 and at most 8 KiB")
	}
	return nil
}

// String returns the scheme and "[token]" in place of the token.
func (c Credential) String() string { return string(c.Scheme) + " [token]" }

// Format implements [fmt.Formatter]. It writes [Credential.String] for every verb.
func (c Credential) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText implements [encoding.TextMarshaler]. It returns [Credential.String].
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

var (
	errNoCredential       = errors.New("no Authorization header with the scheme Bearer or Token and a token")
	errSeveralCredentials = errors.New("more than one Authorization header")
)

// parseCredential returns the credential of the Authorization header. It returns an error unless
// there is exactly one such header and its credential is valid.
func parseCredential(header http.Header) (c Credential, err error) {
	values := header["Authorization"]
	for _, value := range values {
		scheme, token, _ := strings.Cut(value, " ")
		token = strings.TrimLeft(token, " ")
		for _, known := range []Scheme{SchemeBearer, SchemeToken} {
			// The length excludes U+212A, which EqualFold regards as equal to k.
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
