package natsfeed

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// logInterval is the minimum time between two warnings about failures to follow a bucket.
const logInterval = time.Minute

// trouble logs that a bucket cannot be followed: the first failure at once, further failures at
// most once per logInterval, and the recovery from a failure that was logged.
type trouble struct {
	logger *slog.Logger
	status func() string // of the connection

	mu     sync.Mutex
	reason error     // the last failure; nil after a recovery
	since  time.Time // time of the first logged failure; zero after a recovery
	logged time.Time // time of the last logged failure
}

// failed logs err, unless ctx is done: then requests fail for that reason.
func (t *trouble) failed(ctx context.Context, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	t.reason = err
	now := time.Now()
	if !t.logged.IsZero() && now.Sub(t.logged) < logInterval {
		return
	}
	t.logged = now
	if t.since.IsZero() {
		t.since = now
	}
	t.logger.WarnContext(ctx, "cannot follow the bucket, retrying", "reason", err, "connection", t.status())
}

// recovered logs the recovery if a failure was logged before.
func (t *trouble) recovered(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reason = nil
	if !t.since.IsZero() {
		t.logger.InfoContext(ctx, "following the bucket again", "after", time.Since(t.since))
		t.since = time.Time{}
	}
}

// last returns the last failure, or nil if the feed has recovered since.
func (t *trouble) last() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reason
}
