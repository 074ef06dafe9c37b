package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// response is what the client gets, except cause and stack, which are only logged.
type response struct {
	status        int
	header, value string // a header besides those of every response; empty if there is none
	body          []byte
	cause         error
	stack         []byte // of a panic
}

// The messages of 401, 403 and 404 are from the API document. Requests share the bodies, which
// must not be modified.
var (
	notFound          = errorResponse(http.StatusNotFound, "Resource not found", "", "")
	notAllowed        = errorResponse(http.StatusMethodNotAllowed, "Only GET and HEAD are allowed", "Allow", "GET, HEAD")
	tokenMissing      = errorResponse(http.StatusUnauthorized, "Access token is missing or invalid", "WWW-Authenticate", "Bearer")
	tokenRefused      = errorResponse(http.StatusUnauthorized, "Access token is missing or invalid", "WWW-Authenticate", `Bearer error="invalid_token"`)
	badOrganizationID = errorResponse(http.StatusBadRequest, "Validation error: organizationId"+notCanonical, "", "").withCause(errors.New("organizationId" + notCanonical))
	badWebhookID      = errorResponse(http.StatusBadRequest, "Validation error: webhookId"+notCanonical, "", "").withCause(errors.New("webhookId" + notCanonical))
	forbidden         = errorResponse(http.StatusForbidden, "Access forbidden", "", "")
	failed            = errorResponse(http.StatusInternalServerError, "The lookup failed", "", "")
	unavailable       = errorResponse(http.StatusServiceUnavailable, "The lookup is not possible now; try again", "Retry-After", retryAfter)
)

const (
	notCanonical = " is not a UUID in its canonical 36-character form"
	retryAfter   = "5" // seconds
)

// errorResponse returns a response with the API's error body.
func errorResponse(status int, message, header, value string) response {
	body, _ := json.Marshal(struct { // cannot fail
		Status  int    `json:"status"`
		Error   string `json:"error"`
		Message string `json:"message"`
	}{status, http.StatusText(status), message})
	return response{status: status, header: header, value: value, body: body}
}

func (r response) withCause(cause error) response {
	r.cause = cause
	return r
}

// write sends r. HEAD gets the same header as GET, and no body.
func (r response) write(w http.ResponseWriter, method string) {
	header := w.Header()
	if r.header != "" {
		header.Set(r.header, r.value)
	}
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(r.body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(r.status)
	if method != http.MethodHead {
		_, _ = w.Write(r.body) // fails if the client has disconnected
	}
}
