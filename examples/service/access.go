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

// access is the httpapi.Authorizer: each scheme has one authorizer, and what that
// refuses no other lets in.
type access struct {
	bearer, token httpapi.Authorizer   // nil: nobody
	provider      *oidcauth.Authorizer // nil: none
	tokens        tokenfile.Tokens
	made          string // the token made at start; empty: none
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

// curl returns the lines that look up a webhook and list an organization's, if it is
// known of one that somebody may read it.
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
				"Look a webhook up, and list them" + note + ":", "",
				fmt.Sprintf("curl -H %s %s/%s", one, path, o.Webhooks[0].ID),
				fmt.Sprintf("curl -H %s %s", list, path),
			}
		}
	}
	return nil
}
