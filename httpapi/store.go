package httpapi

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// The errors of a [Store] that are answered with a status of their own, found with
// [errors.Is].
var (
	// ErrNotFound is returned when the organization has no such webhook, or when the store
	// does not know the organization. It is answered with 404.
	ErrNotFound = errors.New("no such webhook")
	// ErrUnavailable is returned when the store, or an [Authorizer], cannot answer now and
	// may soon. It is answered with 503.
	ErrUnavailable = errors.New("unavailable")
)

// Store has the webhooks of organizations.
//
// Webhook returns the webhook with the id webhookID of the organization organizationID,
// and [ErrNotFound] for a webhook of another organization.
//
// Webhooks returns all webhooks of the organization organizationID, in any order: the
// answer is ordered by CreatedAt, then ID. It returns no webhooks and no error for an
// organization without webhooks, [ErrNotFound] for one that the store does not know, and
// [errors.ErrUnsupported] if the store has no list, which is answered with 404 too.
//
// Both return [ErrUnavailable] or [context.DeadlineExceeded] if the store cannot answer
// now; these win over ErrNotFound in the same error. Any other error is a failure of the
// store. Errors may be wrapped; their text goes to the log and never to the client.
//
// Both are called by many goroutines at once, and should return soon after ctx is done.
// The handler reads the result until the request ends and does not retain it; do not modify
// it until then. Webhooks are answered as they are, for example with an unknown kind or
// without created_at: validate them when they come into the store.
type Store interface {
	Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error)
	Webhooks(ctx context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error)
}

// StoreFunc is a function as a [Store] without a list. It must be safe for concurrent use.
// [NewHandler] refuses a nil StoreFunc.
type StoreFunc func(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error)

// Webhook calls f.
func (f StoreFunc) Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	return f(ctx, organizationID, webhookID)
}

// Webhooks returns [errors.ErrUnsupported].
func (StoreFunc) Webhooks(context.Context, uuid.UUID) ([]*webhook.Webhook, error) {
	return nil, errors.ErrUnsupported
}
