package httpapi

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/hookfilter/hookfilter/webhook"
)

type handler struct {
	store  Store
	auth   Authorizer
	logger *slog.Logger
}

// NewHandler returns the handler for GET and HEAD of
// /organization/{organizationId}/webhook/{webhookId} and
// /organization/{organizationId}/webhook. The handler parses the whole path itself, so mount
// it at the root, below a prefix with [http.StripPrefix], or on an [http.ServeMux] at "/" or
// "/organization/". It is safe for concurrent use, and retains its arguments.
//
// NewHandler panics if store or auth is nil, since no default is safe. If logger is
// nil, nothing is logged.
//
// Each request is logged as one record with these attributes: method; route, or path for a
// path that is not of an operation, with "…" for each segment but the words and ids of the
// API; organization_id and webhook_id if they are UUIDs; status; and duration (a
// [time.Duration], which [slog.JSONHandler] writes as nanoseconds). If the request fails,
// its cause is the attribute error for a status of 5xx, and reason otherwise. A panic of
// the Store or the Authorizer is logged with its stack.
//
// Errors of the Store or the Authorizer may contain secrets. Each word of an error that
// contains the request's token, or one of the characters / \ % @, as a URL with a path or a
// password does, is logged as [redacted]. A secret that is split or encoded is not
// recognized.
//
// A request whose context was canceled still gets a response, since net/http also cancels
// the context when the client closes only its half of the connection. An error of the Store
// or the Authorizer then has the status 503, and is logged as reason, at level info.
func NewHandler(store Store, auth Authorizer, logger *slog.Logger) http.Handler {
	if f, ok := store.(StoreFunc); store == nil || ok && f == nil {
		panic("httpapi: NewHandler: the Store is nil")
	}
	if f, ok := auth.(AuthorizerFunc); auth == nil || ok && f == nil {
		panic("httpapi: NewHandler: the Authorizer is nil")
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &handler{store, auth, logger}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	q := parseRequest(r)
	a := h.answer(r.Context(), r.Method, q)
	a.write(w, r.Method)
	h.log(r, q, a, time.Since(start))
}

var (
	errOtherPath = errors.New("not the path of an operation; mounted below a prefix, the handler needs http.StripPrefix")
	errSlash     = errors.New("the path of an operation with a slash at the end")
)

// answer checks a request in the order that the package documentation promises.
func (h *handler) answer(ctx context.Context, method string, q request) (a answer) {
	defer func() {
		if v := recover(); v != nil {
			a = failed.because(errors.New("panic: " + text(v)))
			a.stack = debug.Stack()
		}
	}()
	switch {
	case q.route == "" && q.trailingSlash:
		return notFound.because(errSlash)
	case q.route == "":
		return notFound.because(errOtherPath)
	case method != http.MethodGet && method != http.MethodHead:
		return notAllowed
	case q.credentialErr == errNoCredential:
		return tokenMissing.because(q.credentialErr)
	case q.credentialErr != nil:
		return tokenRefused.because(q.credentialErr)
	case !q.organizationID.Valid:
		return badOrganizationID
	case !q.webhookID.Valid && q.route == oneRoute:
		return badWebhookID
	}
	switch err := h.auth.Authorize(ctx, q.credential, q.organizationID.UUID); {
	case err == nil:
	case errors.Is(err, ErrUnauthenticated):
		return tokenRefused.because(err)
	case errors.Is(err, ErrForbidden):
		return forbidden.because(err)
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil:
		return unavailable.because(err)
	default:
		return failed.because(err)
	}
	read := h.one
	if q.route == listRoute {
		read = h.list
	}
	switch body, err := read(ctx, q); {
	case err == nil:
		return answer{status: http.StatusOK, body: body}
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return unavailable.because(err)
	case errors.Is(err, ErrNotFound), q.route == listRoute && errors.Is(err, errors.ErrUnsupported):
		return notFound.because(err)
	case ctx.Err() != nil:
		return unavailable.because(err)
	default:
		return failed.because(err)
	}
}

// one returns the body with one webhook.
func (h *handler) one(ctx context.Context, q request) ([]byte, error) {
	w, err := h.store.Webhook(ctx, q.organizationID.UUID, q.webhookID.UUID)
	switch {
	case err != nil:
		return nil, err
	case w == nil:
		return nil, errors.New("the store returned neither a webhook nor an error")
	case w.ID != q.webhookID.UUID:
		return nil, fmt.Errorf("%w: the store returned one with another id", ErrNotFound)
	}
	return w.MarshalJSON()
}

// list returns the body with all webhooks of an organization.
func (h *handler) list(ctx context.Context, q request) ([]byte, error) {
	webhooks, err := h.store.Webhooks(ctx, q.organizationID.UUID)
	if err != nil {
		return nil, err
	}
	if slices.Contains(webhooks, nil) {
		return nil, errors.New("the store returned a nil webhook")
	}
	webhooks = slices.SortedFunc(slices.Values(webhooks), func(a, b *webhook.Webhook) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(a.ID[:], b.ID[:]))
	})
	body := []byte(`{"results":[`)
	for i, w := range webhooks {
		one, err := w.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("webhook %s: %w", w.ID, err)
		}
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, one...)
	}
	return append(body, "]}"...), nil
}
