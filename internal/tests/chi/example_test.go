package chi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// store has the same webhook in every organization.
type store struct{ only *webhook.Webhook }

func (s store) Webhook(_ context.Context, _, webhookID uuid.UUID) (*webhook.Webhook, error) {
	if webhookID != s.only.ID {
		return nil, httpapi.ErrNotFound
	}
	return s.only, nil
}

func (s store) Webhooks(context.Context, uuid.UUID) ([]*webhook.Webhook, error) {
	return []*webhook.Webhook{s.only}, nil
}

// Mount routes a whole subtree to the handler, but does not change the path. Remove the prefix with
// http.StripPrefix; without it, each response is 404.
func Example() {
	hook := &webhook.Webhook{
		ID:        uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a"),
		CreatedAt: time.Date(2023, time.November, 7, 5, 31, 56, 0, time.UTC),
		Enabled:   true,
	}
	allowAll := httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error { return nil })
	handler := httpapi.NewHandler(store{hook}, allowAll, nil)

	r := chi.NewRouter()
	r.Mount("/api", http.StripPrefix("/api", handler))
	r.Mount("/forgotten", handler)
	r.Route("/v1", func(r chi.Router) {
		// In a route, strip the whole prefix.
		r.Mount("/hooks", http.StripPrefix("/v1/hooks", handler))
	})

	for _, prefix := range []string{"/api", "/v1/hooks", "/forgotten"} {
		for _, path := range []string{"/webhook", "/webhook/" + hook.ID.String()} {
			request := httptest.NewRequest("GET", prefix+"/organization/6f0a4e58-3a0e-4f9f-9a53-0f6c6a9f1f7e"+path, nil)
			request.Header.Set("Authorization", "Token secret")
			recorder := httptest.NewRecorder()
			r.ServeHTTP(recorder, request)
			fmt.Println(prefix, recorder.Code, recorder.Body)
		}
	}
	// Output:
	// /api 200 {"results":[{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z","target_secret_set":false,"enabled":true}]}
	// /api 200 {"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z","target_secret_set":false,"enabled":true}
	// /v1/hooks 200 {"results":[{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z","target_secret_set":false,"enabled":true}]}
	// /v1/hooks 200 {"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z","target_secret_set":false,"enabled":true}
	// /forgotten 404 {"status":404,"error":"Not Found","message":"Resource not found"}
	// /forgotten 404 {"status":404,"error":"Not Found","message":"Resource not found"}
}
