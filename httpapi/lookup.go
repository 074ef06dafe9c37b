package httpapi

import (
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// route is the path of the operation, as the API document writes it.
const route = "/organization/{organizationId}/webhook/{webhookId}"

// lookup is what a request asks for, as far as it can be read.
type lookup struct {
	routed         bool          // the path is the operation's
	organizationID uuid.NullUUID // valid if it is in canonical form
	webhookID      uuid.NullUUID
	token          string // empty if there is no acceptable one
	tokenSent      bool   // whether acceptable or not
}

// parseLookup reads the escaped path, where an encoded slash is still part of its
// segment and an encoded character of an id still differs from the plain one.
func parseLookup(r *http.Request) (l lookup) {
	// Without a leading slash too: that is what StripPrefix("/api/", …) leaves.
	path := strings.TrimPrefix(r.URL.EscapedPath(), "/")
	segments := strings.SplitN(path, "/", 5)
	l.routed = len(segments) == 4 && segments[0] == "organization" && segments[1] != "" &&
		segments[2] == "webhook" && segments[3] != ""
	if l.routed {
		l.organizationID = parseID(segments[1])
		l.webhookID = parseID(segments[3])
	}
	l.token, l.tokenSent = bearerToken(r.Header)
	return l
}

func parseID(segment string) uuid.NullUUID {
	id, err := webhook.ParseID(segment)
	return uuid.NullUUID{UUID: id, Valid: err == nil}
}
