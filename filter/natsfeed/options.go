package natsfeed

import (
	"log/slog"
	"time"
)

const (
	defaultInterval = 100 * time.Millisecond
	// defaultTimeout is several times the round trip of a slow link. It is also how long a
	// feed waits for a server that died before it responded.
	defaultTimeout = time.Second
)

// Option is an option of [Follow]. A nil Option is ignored.
type Option func(*options)

type options struct {
	onInvalid         func(Invalid)
	logger            *slog.Logger
	interval, timeout time.Duration
}

// newOptions returns the options that opts set, and defaults for the others.
func newOptions(opts []Option) options {
	var o options
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	if o.logger == nil {
		o.logger = slog.Default()
	}
	if o.onInvalid == nil {
		o.onInvalid = func(i Invalid) {
			o.logger.Warn("webhook is invalid and fires for nothing", "key", i.Key, "revision", i.Revision, "reason", i.Err)
		}
	}
	if o.interval <= 0 {
		o.interval = defaultInterval
	}
	if o.timeout <= 0 {
		o.timeout = defaultTimeout
	}
	return o
}

// Invalid describes an invalid value of the bucket, which fires for nothing.
type Invalid struct {
	Key      string // as in the bucket
	Revision uint64 // of the value
	Err      error  // the reason; it wraps [*webhook.FieldError] values if fields are invalid
}

// OnInvalid sets the function that the feed calls for each invalid value, one call at a
// time. The feed waits until report returns, so report should return soon and must not call
// [Feed.Close]. If report is nil, the feed logs a warning with key, revision and reason for
// each invalid value.
func OnInvalid(report func(Invalid)) Option { return func(o *options) { o.onInvalid = report } }

// WithLogger sets the feed's logger. The feed logs each invalid value (unless [OnInvalid] is
// given), failures to follow the bucket (at most one a minute), and the recovery from them. The
// default, also if logger is nil, is [slog.Default].
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithInterval sets how often the feed asks the stream's leader for its state. With a shorter
// interval, [Feed.Age] is smaller, and the feed sooner finds changes that were not announced.
// The default, also if interval is not positive, is 100 ms.
func WithInterval(interval time.Duration) Option { return func(o *options) { o.interval = interval } }

// WithTimeout sets how long a request waits for its response, and for each further message of
// the response. Requests that load the whole bucket wait up to 20 times as long. The timeout
// must be longer than the round trip to the servers. A server that dies before it responds
// delays the feed by one timeout. The default, also if timeout is not positive, is 1 s.
func WithTimeout(timeout time.Duration) Option { return func(o *options) { o.timeout = timeout } }
