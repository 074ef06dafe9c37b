package httpapi

import (
	"net/http"
	"strings"
)

// maxToken bounds what an authorizer has to look at, in bytes.
const maxToken = 8 << 10

// bearerToken returns the token of the only Authorization header, or "" if there
// is no such header, more than one, or anything in it but one well-formed bearer
// token; and whether a bearer token was sent at all.
func bearerToken(header http.Header) (token string, sent bool) {
	values := header["Authorization"]
	for _, value := range values {
		scheme, rest, _ := strings.Cut(value, " ")
		rest = strings.TrimLeft(rest, " ")
		if strings.EqualFold(scheme, "Bearer") && rest != "" {
			token, sent = rest, true
		}
	}
	if len(values) != 1 || !isB64Token(token) {
		token = ""
	}
	return token, sent
}

// isB64Token says whether s is a b64token of RFC 6750, section 2.1, and not too
// long.
func isB64Token(s string) bool {
	body := strings.TrimRight(s, "=")
	for _, c := range []byte(body) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~+/", c) >= 0:
		default:
			return false
		}
	}
	return body != "" && len(s) <= maxToken
}
