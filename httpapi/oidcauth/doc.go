// Package oidcauth implements httpapi.Authorizer for the scheme Bearer: it verifies the JWTs of
// an OpenID Connect provider.
//
//	auth, err := oidcauth.New(ctx, oidcauth.Config{
//		Issuer:        "https://login.example.com/",
//		Audience:      "https://webhooks.example.com",
//		Organizations: oidcauth.Claim("organizations"),
//	})
//	handler := httpapi.NewHandler(store, auth, logger)
//
// A token is accepted if it is signed with an asymmetric algorithm and a key that the
// provider publishes, has exactly the issuer, has the audience among its audiences, and is
// valid now. Names of claims are compared exactly. A token is refused if a name equals a
// claim of RFC 7519 only under Unicode case folding, as ISS and iſs equal iss, since
// encoding/json does not distinguish them. Keys in the token itself (jwk, jku, x5u) are
// ignored.
package oidcauth
