package oidcauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/oidcauth"
	"github.com/hookfilter/hookfilter/webhook"
)

func ExampleNew() {
	auth, err := oidcauth.New(context.Background(), oidcauth.Config{
		Issuer:        "https://issuer.example",
		Audience:      "https://webhooks.example",
		Organizations: oidcauth.Claim("orgs"),
		Client:        &http.Client{Transport: newProvider()}, // a provider in this process; omit Client for a real one
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	store := httpapi.StoreFunc(func(_ context.Context, _, webhookID uuid.UUID) (*webhook.Webhook, error) {
		return &webhook.Webhook{ID: webhookID}, nil
	})
	handler := httpapi.NewHandler(store, auth, nil)

	token := sign(jose.RS256, rsaKey, claims(map[string]any{"orgs": []any{acme}}), kid("rsa"))
	expired := sign(jose.RS256, rsaKey, claims(map[string]any{"exp": 1}), kid("rsa"))
	get := func(organizationID uuid.UUID, token string) int {
		r := httptest.NewRequest("GET", "/organization/"+organizationID.String()+"/webhook/3c90c3cc-0d44-4b50-8888-8dd25736052a", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		return recorder.Code
	}
	fmt.Println("its organization:", get(acme, token))
	fmt.Println("another organization:", get(other, token))
	fmt.Println("an expired token:", get(acme, expired))
	// Output:
	// its organization: 200
	// another organization: 403
	// an expired token: 401
}

func ExampleClaim() {
	organizations := oidcauth.Claim("https://example.com/organizations")
	for _, claims := range []string{
		`{"https://example.com/organizations": ["8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"]}`,
		`{"sub": "jane"}`,
		`{"https://example.com/organizations": "8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"}`,
	} {
		ids, err := organizations(context.Background(), json.RawMessage(claims))
		fmt.Println(ids, err)
	}
	// Output:
	// [8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c] <nil>
	// [] <nil>
	// [] access forbidden: the claim "https://example.com/organizations" is not a list of organization ids
}

// If no claim has the organizations, Organizations can look them up by the subject.
func ExampleConfig_organizations() {
	members := map[string][]uuid.UUID{"jane": {uuid.MustParse("8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c")}}
	config := oidcauth.Config{
		Issuer:   "https://login.example.com/",
		Audience: "https://webhooks.example.com",
		Organizations: func(_ context.Context, claims json.RawMessage) ([]uuid.UUID, error) {
			var c struct {
				Subject string `json:"sub"`
			}
			if err := json.Unmarshal(claims, &c); err != nil {
				return nil, fmt.Errorf("%w: sub is not a string", httpapi.ErrForbidden) // err may quote the claim
			}
			return members[c.Subject], nil
		},
	}
	fmt.Println(config.Organizations(context.Background(), json.RawMessage(`{"sub": "jane"}`)))
	_, err := config.Organizations(context.Background(), json.RawMessage(`{"sub": 7}`))
	fmt.Println(err, errors.Is(err, httpapi.ErrForbidden))
	// Output:
	// [8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c] <nil>
	// access forbidden: sub is not a string true
}
