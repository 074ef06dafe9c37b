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
// audiences, and is neither expired nor not yet valid. What the token says of keys
// itself (jwk, jku, x5u) counts for nothing.
package oidcauth
