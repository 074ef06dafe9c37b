package httpapi_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

func ExampleNewHandler() {
	organization := uuid.MustParse("6f0a4e58-3a0e-4f9f-9a53-0f6c6a9f1f7e")
	failures := &webhook.Webhook{
		ID:        uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a"),
		CreatedAt: time.Date(2023, time.November, 7, 5, 31, 56, 0, time.UTC),
		Enabled:   true,
		Events:    []webhook.EventType{webhook.DeploymentFailure},
	}
	webhooks := map[[2]uuid.UUID]*webhook.Webhook{{organization, failures.ID}: failures}

	store := httpapi.StoreFunc(func(_ context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
		if w, ok := webhooks[[2]uuid.UUID{organizationID, webhookID}]; ok {
			return w, nil
		}
		return nil, httpapi.ErrNotFound
	})
	auth := httpapi.AuthorizerFunc(func(_ context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
		// For SchemeBearer, verify the JWT, and return ErrForbidden according to its claims.
		// For SchemeToken, look up the API token.
		if subtle.ConstantTimeCompare([]byte(c.Token), []byte("secret")) != 1 {
			return httpapi.ErrUnauthenticated
		}
		return nil
	})
	handler := httpapi.NewHandler(store, auth, nil)

	for _, authorization := range []string{"Bearer secret", "Bearer guess"} {
		r := httptest.NewRequest("GET", "/organization/"+organization.String()+"/webhook/"+failures.ID.String(), nil)
		r.Header.Set("Authorization", authorization)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		fmt.Println(recorder.Code, recorder.Body)
	}
	// Output:
	// 200 {"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z","target_secret_set":false,"enabled":true,"events":["DEPLOYMENT_FAILURE"]}
	// 401 {"status":401,"error":"Unauthorized","message":"Access token is missing or invalid"}
}

// To mount the handler below a prefix, remove the prefix with StripPrefix. Without it, each
// response is 404.
func ExampleNewHandler_prefix() {
	mux := http.NewServeMux()
	mux.Handle("/api/", http.StripPrefix("/api", httpapi.NewHandler(goodStore, allowAll, nil)))

	r := httptest.NewRequest("GET", "/api/organization/1/webhook/2", nil)
	r.Header.Set("Authorization", "Bearer secret")
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, r)
	fmt.Println(recorder.Body)
	// Output:
	// {"status":400,"error":"Bad Request","message":"Validation error: organizationId is not a UUID in its canonical 36-character form"}
}

// A middleware that recovers from panics does not see panics of the Store and the Authorizer:
// the handler of NewHandler recovers from them, logs them with their stack, and responds. The
// middleware panics again with http.ErrAbortHandler, since other handlers panic with this value
// to make the server close the connection.
func ExampleNewHandler_recover() {
	logger := slog.New(slog.DiscardHandler)
	recovering := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer func() {
				switch v := recover(); v {
				case nil:
				case http.ErrAbortHandler:
					panic(v)
				default:
					logger.Error("panic", "value", v, "stack", debug.Stack())
					http.Error(w, "Internal Server Error", http.StatusInternalServerError)
				}
			}()
			next.ServeHTTP(w, r)
		})
	}
	store := httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { panic("a bug") })
	mux := http.NewServeMux()
	mux.Handle("/organization/", httpapi.NewHandler(store, allowAll, nil))
	mux.HandleFunc("/about", func(http.ResponseWriter, *http.Request) { panic("another bug") })

	for _, path := range []string{goodPath, "/about"} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Authorization", "Bearer secret")
		recorder := httptest.NewRecorder()
		recovering(mux).ServeHTTP(recorder, r)
		fmt.Println(recorder.Code, recorder.Body)
	}
	// Output:
	// 500 {"status":500,"error":"Internal Server Error","message":"The lookup failed"}
	// 500 Internal Server Error
}

// How an unavailable store is logged.
func ExampleNewHandler_log() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "duration" {
				return slog.Attr{} // differs from run to run
			}
			return a
		},
	}))
	store := httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) {
		return nil, fmt.Errorf("%w: failover", httpapi.ErrUnavailable)
	})
	r := httptest.NewRequest("GET", "/organization/6f0a4e58-3a0e-4f9f-9a53-0f6c6a9f1f7e/webhook/3c90c3cc-0d44-4b50-8888-8dd25736052a", nil)
	r.Header.Set("Authorization", "Bearer secret")
	recorder := httptest.NewRecorder()
	httpapi.NewHandler(store, allowAll, logger).ServeHTTP(recorder, r)
	fmt.Println(recorder.Code, "Retry-After:", recorder.Header().Get("Retry-After"))
	// Output:
	// level=ERROR msg="webhook lookup" method=GET route=/organization/{organizationId}/webhook/{webhookId} organization_id=6f0a4e58-3a0e-4f9f-9a53-0f6c6a9f1f7e webhook_id=3c90c3cc-0d44-4b50-8888-8dd25736052a status=503 error="unavailable: failover"
	// 503 Retry-After: 5
}
