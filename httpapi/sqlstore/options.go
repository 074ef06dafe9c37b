package sqlstore

import (
	"cmp"
	"log/slog"
	"time"
)

const (
	defaultInterval = 200 * time.Millisecond
	defaultTimeout  = 5 * time.Second
)

// Option is an option of a [Store] and of its feeds. What [New] is given is the default for
// both. An option of [Store.Follow] overrides it for one feed. A nil Option has no effect.
type Option func(*options)

type options struct {
	onInvalid func(Invalid)
	logger    *slog.Logger
	interval  time.Duration
	timeout   time.Duration
}

// Invalid describes a stored webhook that is invalid, and so fires for nothing.
type Invalid struct {
	Key      string // "<organizationId>.<webhookId>", as stored
	Revision uint64
	Err      error
}

// OnInvalid sets the function that a feed calls for each invalid webhook that it reads. If
// report is nil, the feed logs a warning. A feed makes one call at a time, and waits for it;
// report must not close the feed or the store.
func OnInvalid(report func(Invalid)) Option { return func(o *options) { o.onInvalid = report } }

// WithLogger sets the logger of the feeds. A feed logs as warnings each invalid webhook, unless
// [OnInvalid] is given, that it cannot read the database, and that the database does not announce
// changes; and as information that it can again, or that the database does again. A Store logs
// nothing else. If logger is nil, that is [slog.Default].
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithInterval sets how often a feed asks the database for changes that the database did not
// announce, and so how late it may see one. If interval is not positive, that is 200 ms.
func WithInterval(interval time.Duration) Option { return func(o *options) { o.interval = interval } }

// WithTimeout sets how long one operation may take if its context allows more: waiting for other
// writers and for a connection, connecting and executing, all together. If timeout is not
// positive, that is 5 s.
//
// A feed reads any number of webhooks in one query. The timeout limits the time until the first
// of them, and from each one to the next.
func WithTimeout(timeout time.Duration) Option { return func(o *options) { o.timeout = timeout } }

// with returns o with opts applied and the defaults in place.
func (o options) with(opts []Option) options {
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	o.logger = cmp.Or(o.logger, slog.Default())
	if o.interval <= 0 {
		o.interval = defaultInterval
	}
	if o.timeout <= 0 {
		o.timeout = defaultTimeout
	}
	return o
}
