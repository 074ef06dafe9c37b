package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
)

// answer is what a client gets, and in cause and stack what only the log gets.
type answer struct {
	status        int
	header, value string
	body          []byte
	cause         error
	stack         []byte // of a panic
}

// The messages of 401, 403 and 404 are the API document's. An answer's body is
// shared by requests, and only read.
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

// refusal is an answer with the API's error body and, if named, one header of its
// own.
func refusal(status int, message, header, value string) answer {
	// An int and two strings can always be encoded.
	body, _ := json.Marshal(struct {
		Status  int    `json:"status"`
		Error   string `json:"error"`
		Message string `json:"message"`
	}{status, http.StatusText(status), message})
	return answer{status: status, header: header, value: value, body: body}
}

// because is a with its cause.
func (a answer) because(cause error) answer {
	a.cause = cause
	return a
}

// write sends a: to HEAD with the header that GET would get, and no body.
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
		// A failing write means that the client is gone: nobody is left to tell.
		_, _ = w.Write(a.body)
	}
}
