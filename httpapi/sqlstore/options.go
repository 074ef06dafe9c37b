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

// Option is an option of a [Store] and its feeds. Options of [New] apply to both, and options of
// [Store.Follow] override them for one feed. A nil Option has no effect.
type Option func(*options)

type options struct {
	onInvalid func(Invalid)
	logger    *slog.Logger
	interval  time.Duration
	timeout   time.Duration
}

// Invalid describes an invalid stored webhook, which fires for nothing.
type Invalid struct {
	Key      string // "<organizationId>.<webhookId>", as stored
	Revision uint64
	Err      error
}

// OnInvalid sets the function that a feed calls for each invalid webhook that it reads. If report
// is nil, the feed logs a warning instead. A feed makes one call at a time and waits for it. report
// must not close the feed or the store.
func OnInvalid(report func(Invalid)) Option { return func(o *options) { o.onInvalid = report } }

// WithLogger sets the logger of the feeds; if logger is nil, [slog.Default] is used. A feed logs three
// things at level warn: each invalid webhook (unless [OnInvalid] is set), that it cannot read the
// database, and that the database does not announce changes. It logs at level info that it can read
// the database again, and that the database announces changes again. A Store itself logs nothing.
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithInterval sets the interval at which a feed polls the database, and so the delay until it sees
// a change that the database does not announce. If interval is not positive, the default of 200ms
// is used.
func WithInterval(interval time.Duration) Option { return func(o *options) { o.interval = interval } }

// WithTimeout sets the timeout of each operation, in addition to its context. It covers waiting for
// other writers and for a connection, connecting and executing. If timeout is not positive, the
// default of 5s is used.
//
// A feed reads any number of webhooks in one query. There, the timeout limits the time until the
// first row, and between rows.
func WithTimeout(timeout time.Duration) Option { return func(o *options) { o.timeout = timeout } }

// with returns o with opts and the defaults applied.
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
