package httpapi_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	token      = "eyJhbGciOi.J9.c2VjcmV0-_~+/x=="
	targetPath = "/services/T0SECRET/B0SECRET"
)

var (
	organizationID = uuid.MustParse("8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c")
	webhookID      = uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a")
)

func pathOf(organizationID, webhookID any) string {
	return fmt.Sprintf("/organization/%v/webhook/%v", organizationID, webhookID)
}

// hook returns a webhook whose target URL is a secret.
func hook(id uuid.UUID) *webhook.Webhook {
	return &webhook.Webhook{
		ID:          id,
		CreatedAt:   time.Date(2023, time.November, 7, 5, 31, 56, 0, time.UTC),
		Kind:        webhook.KindSlack,
		TargetURL:   "https://chat.example" + targetPath,
		Description: "<releases> & \u2028more",
		Enabled:     true,
		Events:      []webhook.EventType{webhook.DeploymentFailure},
	}
}

// storeOf returns a store that always returns w and err.
func storeOf(w *webhook.Webhook, err error) httpapi.StoreFunc {
	return func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { return w, err }
}

// listStore is a store whose every organization has the webhooks that the function returns.
type listStore func(context.Context) ([]*webhook.Webhook, error)

func (s listStore) Webhooks(ctx context.Context, _ uuid.UUID) ([]*webhook.Webhook, error) {
	return s(ctx)
}

func (s listStore) Webhook(ctx context.Context, _, webhookID uuid.UUID) (*webhook.Webhook, error) {
	webhooks, err := s(ctx)
	for _, w := range webhooks {
		if err == nil && w.ID == webhookID {
			return w, nil
		}
	}
	return nil, cmp.Or(err, httpapi.ErrNotFound)
}

// authorizerOf returns an authorizer that always returns err.
func authorizerOf(err error) httpapi.AuthorizerFunc {
	return func(context.Context, httpapi.Credential, uuid.UUID) error { return err }
}

var (
	goodStore   = storeOf(hook(webhookID), nil)
	allowAll    = authorizerOf(nil)
	goodPath    = pathOf(organizationID, webhookID)
	listPath    = "/organization/" + organizationID.String() + "/webhook"
	bearer      = "Bearer " + token
	errInternal = fmt.Errorf("pg: relation %q: internal-detail", "hooks")
)

// request returns the request that a server passes to the handler for a target and Authorization
// headers.
func request(method, target string, authorization ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	if authorization != nil {
		r.Header["Authorization"] = authorization
	}
	return r
}

// serve returns the response of h to r.
func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// logged is a log with one JSON object a line. The zero value is empty and ready to use.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(l, nil)) }

// serverLog returns an http.Server's ErrorLog that writes to l.
func serverLog(l *logged) *log.Logger { return log.New(l, "", 0) }

func (l *logged) lines() (lines []map[string]any) {
	for line := range bytes.Lines([]byte(l.String())) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			panic(err)
		}
		lines = append(lines, m)
	}
	return lines
}

// ownHeader maps a status to the header that only its responses have.
var ownHeader = map[int]string{401: "Www-Authenticate", 405: "Allow", 503: "Retry-After"}

// checkResponse returns an error if a response to method violates the contract of every response.
func checkResponse(method string, status int, header http.Header, body string) error {
	for key, want := range map[string]string{
		"Content-Type":           "application/json",
		"X-Content-Type-Options": "nosniff",
		"Cache-Control":          "no-store",
	} {
		if got := header[key]; len(got) != 1 || got[0] != want {
			return fmt.Errorf("header %s: got %q, want %q", key, got, want)
		}
	}
	if got, ok := header[""]; ok {
		return fmt.Errorf("header without a name: %q", got)
	}
	for _, own := range ownHeader {
		want := 0
		if own == ownHeader[status] {
			want = 1
		}
		if got := header[own]; len(got) != want {
			return fmt.Errorf("header %s with status %d: got %q, want %d values", own, status, got, want)
		}
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	switch {
	case err != nil || length < len("{}"):
		return fmt.Errorf("Content-Length: got %q, want a number of at least 2", header["Content-Length"])
	case method == http.MethodHead && body != "":
		return fmt.Errorf("response to HEAD has a body: %q", body)
	case method == http.MethodHead:
		return nil
	case length != len(body):
		return fmt.Errorf("Content-Length: got %d, want %d", length, len(body))
	case status == http.StatusOK:
		return json.Unmarshal([]byte(body), new(webhook.Webhook)) // ignores "results"
	}
	var problem struct {
		Status  *int    `json:"status"`
		Error   *string `json:"error"`
		Message *string `json:"message"`
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(body)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&problem); err != nil {
		return fmt.Errorf("error body %q: %w", body, err)
	}
	if problem.Status == nil || *problem.Status != status || problem.Error == nil ||
		*problem.Error != http.StatusText(status) || problem.Message == nil || *problem.Message == "" {
		return fmt.Errorf("error body %q does not match status %d", body, status)
	}
	return nil
}

// rawRequest returns a request that httptest.NewRequest refuses to make.
func rawRequest(method, path, rawPath string) *http.Request {
	return (&http.Request{
		Method: method,
		URL:    &url.URL{Path: path, RawPath: rawPath},
		Header: http.Header{},
	}).WithContext(context.Background())
}
