package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/oidcauth"
)

// access is the httpapi.Authorizer. Each scheme has exactly one authorizer: if it refuses a
// credential, the other is not asked.
type access struct {
	bearer, token httpapi.Authorizer // by scheme
	provider      provider           // nil without -issuer
	tokens        *tokenfile.Access  // nil with -issuer and without -tokens
	issuer        string
}

func newAccess(ctx context.Context, set settings) (a *access, err error) {
	a = &access{issuer: set.issuer, token: tokenfile.Tokens(nil)}
	if set.tokens != "" || set.issuer == "" {
		if a.tokens, err = tokenfile.Open(set.tokens); err != nil {
			return nil, err
		}
		a.token = a.tokens
	}
	a.bearer = a.token
	if set.issuer != "" {
		a.provider, err = oidcauth.New(ctx, oidcauth.Config{
			Issuer: set.issuer, Audience: set.audience, Organizations: oidcauth.Claim(set.claim), KeysEvery: set.providerEvery,
		})
		if err != nil {
			return nil, err
		}
		a.bearer = a.provider
	}
	return a, nil
}

// Authorize implements httpapi.Authorizer.
func (a *access) Authorize(ctx context.Context, c httpapi.Credential, organizationID uuid.UUID) error {
	switch c.Scheme {
	case httpapi.SchemeBearer:
		return a.bearer.Authorize(ctx, c, organizationID)
	case httpapi.SchemeToken:
		return a.token.Authorize(ctx, c, organizationID)
	}
	return httpapi.ErrUnauthenticated
}

// ready returns an error if no credential can be checked: only JWTs are accepted, and the
// provider's keys are too old.
func (a *access) ready() error {
	if a.tokens != nil {
		return nil
	}
	return a.provider.Ready()
}

// curl returns an introduction and two commands, which look up a webhook and list the
// webhooks of its organization. The webhook is an imported one and, if the program has tokens,
// belongs to an organization that one of them may read. Without such a webhook, the commands have
// shell variables for the ids.
func (a *access) curl(base string, imported []webhookdir.Organization) string {
	var needed []string
	bearer := `"Authorization: Bearer $JWT"`
	if a.provider != nil {
		needed = append(needed, "JWT set to a JWT of "+a.issuer)
	}
	token := bearer
	if a.tokens != nil {
		token = a.tokens.Header(httpapi.SchemeToken)
		if a.provider == nil {
			bearer = a.tokens.Header(httpapi.SchemeBearer)
		}
		if note := a.tokens.Note(); note != "" {
			needed = append(needed, note)
		}
	}
	organization, id := "$ORGANIZATION", "$WEBHOOK"
	for _, o := range imported {
		if len(o.Webhooks) > 0 && (a.tokens == nil || a.tokens.AnyReads(o.ID)) {
			organization, id = o.ID.String(), o.Webhooks[0].ID.String()
			break
		}
	}
	if id == "$WEBHOOK" {
		needed = append(needed, "ORGANIZATION and WEBHOOK set to ids")
	}
	note := strings.Join(needed, ", and ")
	if note != "" {
		note = ", with " + note
	}
	list := fmt.Sprintf("%s/organization/%s/webhook", base, organization)
	return fmt.Sprintf("Look up a webhook, and list all%s:\n\ncurl -H %s %s/%s\ncurl -H %s %s\n", note, bearer, list, id, token, list)
}
