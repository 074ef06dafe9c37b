package httpapi

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// The errors of an [Authorizer] for a request that it refuses. They may be wrapped.
var (
	// ErrUnauthenticated is returned when the token is unknown or no longer valid, or its
	// scheme is not accepted. The status is 401.
	ErrUnauthenticated = errors.New("access token invalid")
	// ErrForbidden is returned when the token's owner may not read the organization. The
	// status is 403.
	ErrForbidden = errors.New("access forbidden")
)

// Authorizer decides who may read an organization's webhooks.
//
// Authorize returns nil if the holder of c may read the organization organizationID,
// which need not exist, and otherwise [ErrUnauthenticated] or [ErrForbidden]. If it cannot
// decide now, it returns [ErrUnavailable] or [context.DeadlineExceeded], with status 503. If
// one error wraps several of these, ErrUnauthenticated takes precedence, then ErrForbidden.
// Any other error is a failure of the Authorizer, with status 500, or 503 if ctx is done.
// Errors are logged and never sent to the client.
//
// The credential is what the client sent: [Credential.Validate] accepts it, and nothing
// else is verified. It may have either scheme; the Authorizer decides which to accept.
// Authorize must be safe for concurrent use, and should return soon after ctx is done.
type Authorizer interface {
	Authorize(ctx context.Context, c Credential, organizationID uuid.UUID) error
}

// AuthorizerFunc is an adapter to use a function as an [Authorizer]. The function must be
// safe for concurrent use and not nil.
type AuthorizerFunc func(ctx context.Context, c Credential, organizationID uuid.UUID) error

// Authorize calls f.
func (f AuthorizerFunc) Authorize(ctx context.Context, c Credential, organizationID uuid.UUID) error {
	return f(ctx, c, organizationID)
}
