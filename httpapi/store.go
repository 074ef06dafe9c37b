package httpapi

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// What a [Store] says with its error, found with [errors.Is].
var (
	// ErrNotFound: the organization has no such webhook, or the store does not
	// know the organization. Answered with 404.
	ErrNotFound = errors.New("no such webhook")
	// ErrUnavailable: the store cannot answer now and may soon. Answered with 503. An
	// [Authorizer] says it too.
	ErrUnavailable = errors.New("unavailable")
)

// Store has the webhooks of organizations.
//
// Webhook returns the webhook with the id webhookID of the organization
// organizationID. It returns [ErrNotFound] for a webhook of another organization,
// [ErrUnavailable] or [context.DeadlineExceeded] where it cannot tell for now, which
// count before ErrNotFound in the same error, and should return soon after ctx is
// done. Any other error is the store's own failure. The errors may be wrapped;
// their text goes to the log and never to the client.
//
// Webhook is called by many goroutines at once. What it returns is read until the
// request ends, must not be changed so long, and is not kept. It is answered as it is,
// an unknown kind or a missing created_at included: [webhook.Webhook.Validate] is for
// when it comes into the store.
type Store interface {
	Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error)
}

// Lister is what a [Store] implements that can list an organization's webhooks:
// [NewHandler] looks for it, and serves the list if it is there.
//
// Webhooks returns all webhooks of the organization organizationID, in any order:
// the answer is ordered by CreatedAt, then ID. It returns none and no error for an
// organization without webhooks, and [ErrNotFound] for one that the store does not
// know. Beyond that it is held to what Store says of Webhook; the slice is only read,
// too.
type Lister interface {
	Webhooks(ctx context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error)
}

// StoreFunc is a function as a [Store], and must be safe for concurrent use. The
// nil StoreFunc is none, and [NewHandler] refuses it.
type StoreFunc func(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error)

// Webhook calls f.
func (f StoreFunc) Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	return f(ctx, organizationID, webhookID)
}
