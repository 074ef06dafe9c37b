package natsfeed

import (
	"log/slog"
	"time"
)

const (
	defaultInterval = 100 * time.Millisecond
	// defaultTimeout is several times the round trip of a slow link, and the longest that
	// a feed waits for a server that died with the feed's request.
	defaultTimeout = time.Second
)

// Option is an option of [Follow]. A nil Option is ignored.
type Option func(*options)

type options struct {
	onInvalid         func(Invalid)
	logger            *slog.Logger
	interval, timeout time.Duration
}

// newOptions returns opts with defaults for what they leave out.
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

// Invalid is a value of the bucket that fires for nothing.
type Invalid struct {
	Key      string // as it is in the bucket
	Revision uint64 // the revision of the value
	Err      error  // the reason: [*webhook.FieldError] values if fields are invalid
}

// OnInvalid sets the function that the feed calls for each invalid value, one call at a
// time. The feed waits for it to return, so it should return soon and must not call
// [Feed.Close]. If report is nil, invalid values are logged as warnings with key, revision
// and reason.
func OnInvalid(report func(Invalid)) Option { return func(o *options) { o.onInvalid = report } }

// WithLogger sets the logger for invalid values, unless [OnInvalid] is given, and for the
// feed's own trouble: that the bucket cannot be followed, at most once a minute, and that
// it is followed again. The default, also if logger is nil, is [slog.Default].
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithInterval sets how often the stream's leader is asked for changes that were not
// announced. The default, also if interval is not positive, is 100 ms.
func WithInterval(interval time.Duration) Option { return func(o *options) { o.interval = interval } }

// WithTimeout sets how long a request waits for its answer, and for each further message
// of the answer; the requests that load the whole bucket wait some times as long. It has to
// be longer than the round trip to the servers, and is how long a server that died with a
// request can hold up the feed. The default, also if timeout is not positive, is 1 s.
func WithTimeout(timeout time.Duration) Option { return func(o *options) { o.timeout = timeout } }
