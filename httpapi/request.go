package httpapi

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// The path templates of the operations, as in the API document.
const (
	listRoute = "/organization/{organizationId}/webhook"
	oneRoute  = "/organization/{organizationId}/webhook/{webhookId}"
)

// request is a parsed request.
type request struct {
	route          string        // one of the templates; empty for any other path
	trailingSlash  bool          // without the slashes at its end, the path would have a route
	organizationID uuid.NullUUID // valid if in canonical form
	webhookID      uuid.NullUUID
	credential     Credential
	credentialErr  error // not nil if there is no valid credential
}

// parseRequest parses the escaped path, so that an encoded slash does not separate
// segments and an id with encoded characters is not canonical.
func parseRequest(r *http.Request) (q request) {
	// StripPrefix("/api/", …) leaves no leading slash.
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	q.parsePath(path)
	if withoutSlash := strings.TrimRight(path, "/"); withoutSlash != path && q.route == "" {
		var other request
		other.parsePath(withoutSlash)
		q.trailingSlash = other.route != ""
	}
	q.credential, q.credentialErr = parseCredential(r.Header)
	return q
}

func (q *request) parsePath(path string) {
	segments := strings.SplitN(path, "/", 5)
	switch n := len(segments); {
	case n < 3 || segments[0] != "organization" || segments[1] == "" || segments[2] != "webhook":
	case n == 3:
		q.route, q.organizationID = listRoute, parseID(segments[1])
	case n == 4 && segments[3] != "":
		q.route, q.organizationID, q.webhookID = oneRoute, parseID(segments[1]), parseID(segments[3])
	}
}

func parseID(segment string) uuid.NullUUID {
	id, err := webhook.ParseID(segment)
	return uuid.NullUUID{UUID: id, Valid: err == nil}
}
