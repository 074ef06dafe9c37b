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
// "/organization/". It is safe for concurrent use.
//
// NewHandler panics if store or auth is nil or a nil function, since no default is safe. If
// logger is nil, nothing is logged.
//
// Each request is logged as one record with these attributes: method; route, or path if no
// operation has this path; organization_id and webhook_id if they are UUIDs; status; and
// duration (a [time.Duration], which [slog.JSONHandler] writes as nanoseconds). In the
// attribute path, each segment is replaced by "…", except "organization", "webhook" and an
// id directly after one of them. The cause of an error response is the attribute error for a
// status of 5xx, and reason for one of 4xx except 405. A panic of the Store or the Authorizer
// is logged with its stack.
//
// Errors of the Store or the Authorizer may contain secrets. In the text of an error, each word
// that contains the request's token or one of the characters / \ % @ is logged as [redacted]. A
// URL with a path or a password contains one of these characters. A secret that is split, or
// encoded differently, is not recognized.
//
// A request whose context was canceled still gets a response, since net/http also cancels
// the context when the client closes only its half of the connection. If the Store or the
// Authorizer then fails, the status is 503, and the error is logged as reason, at level info.
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
	res := h.respond(r.Context(), r.Method, q)
	res.write(w, r.Method)
	h.log(r, q, res, time.Since(start))
}

var (
	errOtherPath = errors.New("not the path of an operation; a handler below a prefix needs http.StripPrefix")
	errSlash     = errors.New("not the path of an operation, because of the trailing slash")
)

// respond checks a request in the order that the package documentation promises.
func (h *handler) respond(ctx context.Context, method string, q request) (res response) {
	defer func() {
		if v := recover(); v != nil {
			res = failed.withCause(errors.New("panic: " + text(v)))
			res.stack = debug.Stack()
		}
	}()
	switch {
	case q.route == "" && q.trailingSlash:
		return notFound.withCause(errSlash)
	case q.route == "":
		return notFound.withCause(errOtherPath)
	case method != http.MethodGet && method != http.MethodHead:
		return notAllowed
	case q.credentialErr == errNoCredential:
		return tokenMissing.withCause(q.credentialErr)
	case q.credentialErr != nil:
		return tokenRefused.withCause(q.credentialErr)
	case !q.organizationID.Valid:
		return badOrganizationID
	case !q.webhookID.Valid && q.route == oneRoute:
		return badWebhookID
	}
	switch err := h.auth.Authorize(ctx, q.credential, q.organizationID.UUID); {
	case err == nil:
	case errors.Is(err, ErrUnauthenticated):
		return tokenRefused.withCause(err)
	case errors.Is(err, ErrForbidden):
		return forbidden.withCause(err)
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded), ctx.Err() != nil:
		return unavailable.withCause(err)
	default:
		return failed.withCause(err)
	}
	read := h.one
	if q.route == listRoute {
		read = h.list
	}
	switch body, err := read(ctx, q); {
	case err == nil:
		return response{status: http.StatusOK, body: body}
	case errors.Is(err, ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return unavailable.withCause(err)
	case errors.Is(err, ErrNotFound), q.route == listRoute && errors.Is(err, errors.ErrUnsupported):
		return notFound.withCause(err)
	case ctx.Err() != nil:
		return unavailable.withCause(err)
	default:
		return failed.withCause(err)
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
		return nil, fmt.Errorf("%w: the store returned a webhook with another id", ErrNotFound)
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
