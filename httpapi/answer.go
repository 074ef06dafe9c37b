package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// answer is a response, and what is only logged: its cause and the stack of a panic.
type answer struct {
	status        int
	header, value string // a header of this answer alone; empty if there is none
	body          []byte
	cause         error
	stack         []byte
}

// The messages of 401, 403 and 404 are from the API document. Requests share the bodies, which
// must not be modified.
var (
	notFound          = refusal(http.StatusNotFound, "Resource not found", "", "")
	notAllowed        = refusal(http.StatusMethodNotAllowed, "Only GET and HEAD are allowed", "Allow", "GET, HEAD")
	tokenMissing      = refusal(http.StatusUnauthorized, "Access token is missing or invalid", "WWW-Authenticate", "Bearer")
	tokenRefused      = refusal(http.StatusUnauthorized, "Access token is missing or invalid", "WWW-Authenticate", `Bearer error="invalid_token"`)
	badOrganizationID = refusal(http.StatusBadRequest, "Validation error: organizationId"+notCanonical, "", "").because(errors.New("organizationId" + notCanonical))
	badWebhookID      = refusal(http.StatusBadRequest, "Validation error: webhookId"+notCanonical, "", "").because(errors.New("webhookId" + notCanonical))
	forbidden         = refusal(http.StatusForbidden, "Access forbidden", "", "")
	failed            = refusal(http.StatusInternalServerError, "The lookup failed", "", "")
	unavailable       = refusal(http.StatusServiceUnavailable, "The lookup is not possible now; try again", "Retry-After", retryAfter)
)

const (
	notCanonical = " is not a UUID in its canonical 36-character form"
	retryAfter   = "5" // seconds
)

// refusal returns an answer with the API's error body.
func refusal(status int, message, header, value string) answer {
	body, _ := json.Marshal(struct { // cannot fail
		Status  int    `json:"status"`
		Error   string `json:"error"`
		Message string `json:"message"`
	}{status, http.StatusText(status), message})
	return answer{status: status, header: header, value: value, body: body}
}

// because returns a with a cause.
func (a answer) because(cause error) answer {
	a.cause = cause
	return a
}

// write sends a. HEAD gets the same header as GET, and no body.
func (a answer) write(w http.ResponseWriter, method string) {
	header := w.Header()
	if a.header != "" {
		header.Set(a.header, a.value)
	}
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(a.status)
	if method != http.MethodHead {
		_, _ = w.Write(a.body) // fails if the client has disconnected
	}
}
