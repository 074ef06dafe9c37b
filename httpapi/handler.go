package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

type handler struct {
	store  Store
	auth   Authorizer
	logger *slog.Logger
}

// NewHandler returns the handler of GET and HEAD
// /organization/{organizationId}/webhook/{webhookId}. It looks at the whole path
// itself, so mount it at the root, below a prefix with [http.StripPrefix], or on
// an [http.ServeMux] under "/" or "/organization/". It is safe for concurrent use,
// and keeps what it is given.
//
// What a mux or the server answers without asking the handler lacks the API's error
// body: what a narrower pattern or one with a method leaves out, a path with //,
// which a mux redirects, and OPTIONS * unless [http.Server] has
// DisableGeneralOptionsHandler.
//
// NewHandler panics if store or auth is nil: there is no default that lets
// everybody in. A nil logger discards.
//
// Each request is one line of the log: method, route, organization_id and
// webhook_id where they are UUIDs, status, and duration (a [time.Duration], which
// [slog.JSONHandler] writes as nanoseconds). What the store or the authorizer said
// against it is there as error if the status is 5xx, else as reason, and a panic of
// theirs with its stack.
//
// Out of these texts the request's token is cut wherever it stands, as it was sent
// or URL-encoded as a whole, and of a URL, up to a space or a double quote, all but
// the scheme and a well-formed host. A store or authorizer is not helped that writes
// a secret in pieces, in another encoding, behind a space in a URL, in a URL without
// a scheme, or where the host belongs.
//
// To a client that is gone nothing is written: the status in the log is 0, with no
// error unless there was a panic, and the handler ends with
// [http.ErrAbortHandler], lest net/http complete the answer to a client that
// closed only its half of the connection. Middleware that recovers panics must
// panic with that one again. Any request whose context was cancelled counts as
// gone, so cancel no [http.Server] BaseContext before Shutdown has returned.
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
	l := parseLookup(r)
	a := h.answer(r.Context(), r.Method, l)
	if errors.Is(r.Context().Err(), context.Canceled) {
		a.status = 0
		if a.stack == nil {
			a.cause = nil
		}
		// Outside of a server nobody would recover it.
		a.abort = a.abort || r.Context().Value(http.ServerContextKey) != nil
	}
	if a.status != 0 {
		a.write(w, r.Method)
	}
	h.log(r, l, a, time.Since(start))
	if a.abort {
		panic(http.ErrAbortHandler)
	}
}

// answer makes the checks in the order that the package's comment promises.
func (h *handler) answer(ctx context.Context, method string, l lookup) (a answer) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			a = answer{abort: true}
		default:
			a = failed.because(errors.New("panic: " + text(v)))
			a.stack = debug.Stack()
		}
	}()
	switch {
	case !l.routed:
		return notFound
	case method != http.MethodGet && method != http.MethodHead:
		return notAllowed
	case l.token == "" && l.tokenSent:
		return tokenRefused
	case l.token == "":
		return tokenMissing
	case !l.organizationID.Valid:
		return badOrganizationID
	case !l.webhookID.Valid:
		return badWebhookID
	}
	switch err := h.auth.Authorize(ctx, l.token, l.organizationID.UUID); {
	case err == nil:
	case errors.Is(err, ErrUnauthenticated):
		return tokenRefused.because(err)
	case errors.Is(err, ErrForbidden):
		return forbidden.because(err)
	case timeRanOut(ctx.Err()):
		return unavailable.because(err)
	default:
		return failed.because(err)
	}
	switch found, err := h.store.Webhook(ctx, l.organizationID.UUID, l.webhookID.UUID); {
	case errors.Is(err, ErrUnavailable), timeRanOut(err):
		return unavailable.because(err)
	case errors.Is(err, ErrNotFound):
		return notFound.because(err)
	case err != nil && timeRanOut(ctx.Err()):
		return unavailable.because(err)
	case err != nil:
		return failed.because(err)
	case found == nil:
		return failed.because(errors.New("the store returned neither a webhook nor an error"))
	case found.ID != l.webhookID.UUID:
		return notFound.because(errors.New("the store returned a webhook with another id"))
	default:
		body, err := found.MarshalJSON()
		if err != nil {
			return failed.because(err)
		}
		return answer{status: http.StatusOK, body: body}
	}
}

func timeRanOut(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
