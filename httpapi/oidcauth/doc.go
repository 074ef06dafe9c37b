// Package oidcauth verifies the JWTs of an OpenID Connect provider, as an
// httpapi.Authorizer for the scheme Bearer.
//
//	auth, err := oidcauth.New(ctx, oidcauth.Config{
//		Issuer:        "https://login.example.com/",
//		Audience:      "https://webhooks.example.com",
//		Organizations: oidcauth.Claim("organizations"),
//	})
//	handler := httpapi.NewHandler(store, auth, logger)
//
// A token is accepted if it is signed by one of the keys that the provider publishes,
// with an asymmetric algorithm, names the issuer exactly and the audience among its
// audiences, and is neither expired nor not yet valid. Names of claims are compared
// exactly. A token is refused if a name equals a claim of RFC 7519 under Unicode case
// folding only, as ISS and iſs equal iss, since encoding/json takes one for the other.
// Keys in the token itself (jwk, jku, x5u) are ignored.
package oidcauth
