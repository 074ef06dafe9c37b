package httpapi

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// The paths of the operations, as the API document writes them.
const (
	listRoute = "/organization/{organizationId}/webhook"
	oneRoute  = "/organization/{organizationId}/webhook/{webhookId}"
)

// request is what a client asks for, as far as it can be read.
type request struct {
	route          string        // one of the above; empty for another path
	trailingSlash  bool          // without the slashes at its end, the path has a route
	organizationID uuid.NullUUID // valid if it is in canonical form
	webhookID      uuid.NullUUID
	credential     Credential
	credentialErr  error // why there is none
}

// parseRequest reads the escaped path, where an encoded slash is still part of its
// segment and an encoded character of an id still differs from the plain one.
func parseRequest(r *http.Request) (q request) {
	// Without a leading slash too: that is what StripPrefix("/api/", …) leaves.
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
