package natsfeed

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The errors of this package, for use with [errors.Is]. Errors also wrap the error of a
// context that is done, and the [*webhook.FieldError] values of a webhook that
// [filter.Check] refuses. They do not wrap errors of the NATS client.
var (
	// ErrBucketNotFound is returned when there is no bucket with the given name.
	ErrBucketNotFound = errors.New("natsfeed: no such bucket")
	// ErrBucketConfig is returned by [OpenBucket], [Follow] and [Delete] when the configuration
	// of the bucket, or of the stream with its name, is unsuitable.
	ErrBucketConfig = errors.New("natsfeed: unsuitable bucket configuration")
	// ErrClosed is returned by [Feed.Wait] when the feed is closed.
	ErrClosed = errors.New("natsfeed: feed closed")
	// ErrRequest is returned when the servers refused a request or did not respond in time, or
	// when the connection is closed.
	// A Put or Delete that failed with it may have taken effect; it is safe to repeat.
	ErrRequest = errors.New("natsfeed: request failed")
)

// failed converts an error of the NATS client about a bucket to an error of this package.
func failed(ctx context.Context, bucket string, err error) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w: %v", ErrRequest, ctx.Err(), err)
	case errors.Is(err, jetstream.ErrBucketNotFound), errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("%w: %s", ErrBucketNotFound, bucket)
	case errors.Is(err, ErrBucketConfig):
		return err
	}
	return fmt.Errorf("%w: %v", ErrRequest, err)
}

// permanent reports whether retrying cannot help, because the cause of err is the
// configuration of the bucket or the account, a permission, or a closed connection.
func permanent(err error) bool {
	for _, permanent := range []error{ErrBucketConfig, nats.ErrNoResponders, nats.ErrConnectionClosed, nats.ErrPermissionViolation,
		jetstream.ErrInvalidStreamName, jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount} {
		if errors.Is(err, permanent) {
			return true
		}
	}
	var apiError *jetstream.APIError
	return errors.As(err, &apiError) && apiError.Code >= 400 && apiError.Code < 500
}
