package httpapi

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// The errors of a [Store] that have their own status. They may be wrapped.
var (
	// ErrNotFound is returned when the organization has no such webhook, or when the Store
	// does not know the organization. The status is 404.
	ErrNotFound = errors.New("no such webhook")
	// ErrUnavailable is returned when a Store or an [Authorizer] cannot answer now, but may
	// do so soon. The status is 503.
	ErrUnavailable = errors.New("unavailable")
)

// Store returns the webhooks of organizations.
//
// Webhook returns an organization's webhook by its id. It returns [ErrNotFound] if the
// organization has no such webhook, even if another organization has one.
//
// Webhooks returns all webhooks of an organization, in any order: the handler sorts them by
// CreatedAt, then ID. It returns no webhooks and no error for an organization without
// webhooks, [ErrNotFound] for an organization that the Store does not know, and
// [errors.ErrUnsupported] if the Store cannot list webhooks, with status 404 too.
//
// Both return [ErrUnavailable] or [context.DeadlineExceeded] if the Store cannot answer
// now; these take precedence over ErrNotFound in the same error. Any other error is a
// failure of the Store, with status 500, or 503 if ctx is done. Errors are logged and never
// sent to the client.
//
// Both must be safe for concurrent use, and should return soon after ctx is done. The
// handler reads the result until the request ends and does not retain it; do not modify it
// until then. The handler does not validate webhooks: it sends an unknown kind or a zero
// created_at as it is.
type Store interface {
	Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error)
	Webhooks(ctx context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error)
}

// StoreFunc is an adapter to use a function as a [Store] that cannot list webhooks. The
// function must be safe for concurrent use and not nil.
type StoreFunc func(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error)

// Webhook calls f.
func (f StoreFunc) Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	return f(ctx, organizationID, webhookID)
}

// Webhooks returns [errors.ErrUnsupported].
func (StoreFunc) Webhooks(context.Context, uuid.UUID) ([]*webhook.Webhook, error) {
	return nil, errors.ErrUnsupported
}
