package natsfeed

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The errors of this package, found with [errors.Is]. The error of a context that ended
// and the [*webhook.FieldError] values of a webhook that does not compile are found too;
// the error types of the NATS client are not.
var (
	// ErrBucketNotFound is returned when there is no bucket of that name.
	ErrBucketNotFound = errors.New("natsfeed: no such bucket")
	// ErrBucketConfig is returned when the bucket, or the stream of its name, has a
	// configuration that [Put] and [Follow] cannot work with.
	ErrBucketConfig = errors.New("natsfeed: unsuitable bucket configuration")
	// ErrClosed is returned by [Feed.Wait] when the feed is closed.
	ErrClosed = errors.New("natsfeed: feed closed")
	// ErrRequest is returned when the servers refused a request, or did not answer in
	// time. A request that writes may have been carried out; it is safe to repeat.
	ErrRequest = errors.New("natsfeed: request failed")
)

// failed returns err, which a call of the NATS client returned, as an error of this package.
func failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w: %v", ErrRequest, ctx.Err(), err)
	case errors.Is(err, jetstream.ErrBucketNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
		return ErrBucketNotFound
	case errors.Is(err, ErrBucketConfig):
		return err
	}
	return fmt.Errorf("%w: %v", ErrRequest, err)
}

// lasting reports whether err is a failure of the bucket's or the account's configuration,
// which stays until an administrator changes it.
func lasting(err error) bool {
	for _, lasting := range []error{ErrBucketConfig, nats.ErrNoResponders, nats.ErrConnectionClosed, nats.ErrPermissionViolation,
		jetstream.ErrInvalidStreamName, jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount} {
		if errors.Is(err, lasting) {
			return true
		}
	}
	var answer *jetstream.APIError
	return errors.As(err, &answer) && answer.Code >= 400 && answer.Code < 500
}
