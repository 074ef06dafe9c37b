package natsfeed

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// The errors of this package, found with [errors.Is]. Those of a context that ended,
// and the [*webhook.FieldError] values of a webhook that does not compile, are found
// too; the types of the NATS client are not.
var (
	// ErrBucketNotFound: there is no bucket of that name.
	ErrBucketNotFound = errors.New("natsfeed: no such bucket")
	// ErrBucketConfig: the bucket is there, and is not as [CreateBucket] makes it.
	ErrBucketConfig = errors.New("natsfeed: bucket is configured differently")
	// ErrClosed: the feed was closed.
	ErrClosed = errors.New("natsfeed: feed closed")
	// ErrRequest: the servers refused a request, or did not answer in time. One that
	// writes may have been carried out all the same; it is safe to repeat.
	ErrRequest = errors.New("natsfeed: request failed")
)

// failed returns err, which a call of the NATS client returned, as one of ours.
func failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w: %v", ErrRequest, ctx.Err(), err)
	case errors.Is(err, jetstream.ErrBucketNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
		return ErrBucketNotFound
	}
	return fmt.Errorf("%w: %v", ErrRequest, err)
}
