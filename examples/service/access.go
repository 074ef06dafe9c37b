package main

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/oidcauth"
)

// access is the httpapi.Authorizer. Each scheme has exactly one authorizer, so a
// credential that it refuses is not tried with another.
type access struct {
	bearer, token httpapi.Authorizer   // by scheme
	provider      *oidcauth.Authorizer // nil without -issuer
	tokens        tokenfile.Tokens
	made          string // the generated token, or empty
	set           settings
}

func newAccess(ctx context.Context, set settings) (a *access, err error) {
	a = &access{set: set}
	switch {
	case set.tokens != "":
		a.tokens, err = tokenfile.Read(set.tokens)
	case set.issuer == "":
		a.made = rand.Text()
		a.tokens, err = tokenfile.All(a.made)
	}
	if err != nil {
		return nil, err
	}
	a.bearer, a.token = a.tokens, a.tokens
	if set.issuer != "" {
		a.provider, err = oidcauth.New(ctx, oidcauth.Config{
			Issuer: set.issuer, Audience: set.audience, Organizations: oidcauth.Claim(set.claim),
		})
		a.bearer = a.provider
	}
	return a, err
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

// curl returns commands that look up a webhook and list the webhooks of its organization,
// for an imported organization that some credential may read. It returns nil if there is
// none.
func (a *access) curl(base string, imported []webhookdir.Organization) []string {
	one, list, note := `"Authorization: Bearer $JWT"`, `"Authorization: Token $TOKEN"`, ", with a JWT of "+a.set.issuer
	switch {
	case a.made != "":
		one, list, note = "'Authorization: Bearer "+a.made+"'", "'Authorization: Token "+a.made+"'", ""
	case a.provider == nil:
		one, note = `"Authorization: Bearer $TOKEN"`, ", with a token of "+a.set.tokens+" as TOKEN"
	case a.set.tokens == "":
		list, note = one, note+" as JWT"
	default:
		note += " as JWT and a token of " + a.set.tokens + " as TOKEN"
	}
	for _, o := range imported {
		if len(o.Webhooks) > 0 && (a.provider != nil || a.tokens.AnyReads(o.ID)) {
			path := fmt.Sprintf("%s/organization/%s/webhook", base, o.ID)
			return []string{
				"Look up a webhook, and list all" + note + ":", "",
				fmt.Sprintf("curl -H %s %s/%s", one, path, o.Webhooks[0].ID),
				fmt.Sprintf("curl -H %s %s", list, path),
			}
		}
	}
	return nil
}
