package httpapi

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// Errors of an [Authorizer], which may be wrapped.
var (
	// ErrUnauthenticated means that the token is unknown, no longer valid, or of a
	// scheme that is not accepted. It is answered with 401.
	ErrUnauthenticated = errors.New("access token invalid")
	// ErrForbidden means that the token's owner may not read this organization. It is
	// answered with 403.
	ErrForbidden = errors.New("access forbidden")
)

// Authorizer decides who may read an organization's webhooks.
//
// Authorize returns nil if the holder of c may read the organization
// organizationID, which need not exist; [ErrUnauthenticated] or [ErrForbidden] if
// not, which win over the next in the same error; and [ErrUnavailable] or
// [context.DeadlineExceeded] if it cannot decide now, which is answered with 503. Any other
// error is a failure of the authorizer, answered with 500. Errors may be wrapped; their text
// goes to the log and never to the client.
//
// The credential is what the client sent: valid by [Credential.Validate], and
// otherwise unverified. Both schemes are handed over, and which of them to accept is
// the Authorizer's decision. Authorize is called by many goroutines at once, and
// should return soon after ctx is done.
type Authorizer interface {
	Authorize(ctx context.Context, c Credential, organizationID uuid.UUID) error
}

// AuthorizerFunc is a function as an [Authorizer], and must be safe for concurrent
// use. [NewHandler] refuses a nil AuthorizerFunc.
type AuthorizerFunc func(ctx context.Context, c Credential, organizationID uuid.UUID) error

// Authorize calls f.
func (f AuthorizerFunc) Authorize(ctx context.Context, c Credential, organizationID uuid.UUID) error {
	return f(ctx, c, organizationID)
}
