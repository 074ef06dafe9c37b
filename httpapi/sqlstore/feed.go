package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// defaultPoll is how often a feed asks the database, unless WithPoll says otherwise.
const defaultPoll = 200 * time.Millisecond

// ErrClosed: the feed, or the store that it follows, was closed.
var ErrClosed = errors.New("sqlstore: feed closed")

// Feed is a [filter.Index] that follows a database. It survives the database's
// absence and restart: meanwhile the index stays as it was, Age grows, and afterwards
// the feed catches up.
//
// A feed is a mirror: an invalid row replaces the valid version before it and fires for
// nothing. A row is invalid if it does not hold a webhook, or holds one that
// filter.Check refuses. It is logged with its organization, id and change, and does not
// affect other webhooks.
//
// The feed rebuilds the index beside the old one, and then swaps it, where it cannot
// go on from what it has: it was away for longer than [Retention] and webhooks were
// deleted, or the database is a new one, or was set back behind what the feed had
// seen. A database that was set back and has been changed beyond that since looks like
// the old one: start the feeds anew after restoring a backup.
//
// A Feed may be used by many goroutines at once. The zero Feed is not usable:
// [Store.Follow] makes one.
type Feed struct {
	store  *Store
	logger *slog.Logger
	wake   chan struct{} // has one when there may be something new
	close  context.CancelFunc
	closed chan struct{} // closed when all has ended

	mu        sync.Mutex
	index     *filter.Index
	at        state
	confirmed time.Time
	moved     chan struct{} // closed, and made anew, when at changes
}

// state is the row of hookfilter_changes.
type state struct {
	database     string // empty: nothing was read yet
	last, purged int64
}

// Option is an option of [Store.Follow].
type Option func(*options)

type options struct {
	logger *slog.Logger
	poll   time.Duration
}

// WithLogger is where the feed reports webhooks that fire for nothing, and the
// database's absence. Without it that is [slog.Default].
func WithLogger(logger *slog.Logger) Option { return func(o *options) { o.logger = logger } }

// WithPoll is how often the feed asks the database for changes that it was not told
// of, and so how late it may see one: PostgreSQL's notifications are lost with a
// connection, and SQLite has none. It must be positive; without it that is 200 ms.
func WithPoll(interval time.Duration) Option { return func(o *options) { o.poll = interval } }

// Follow returns a feed whose index has every valid webhook that the database had when
// Follow was called. An invalid one is logged and fires for nothing. ctx is for this call
// alone: the feed goes on until [Feed.Close] or [Store.Close].
func (s *Store) Follow(ctx context.Context, opts ...Option) (*Feed, error) {
	o := options{slog.Default(), defaultPoll}
	for _, opt := range opts {
		opt(&o)
	}
	f := &Feed{
		store: s, logger: o.logger, index: filter.NewIndex(),
		wake: make(chan struct{}, 1), closed: make(chan struct{}), moved: make(chan struct{}),
	}
	if err := f.catchUp(ctx); err != nil {
		return nil, err
	}
	ctx, f.close = context.WithCancel(s.closing)
	var running sync.WaitGroup
	running.Go(func() { s.listen(ctx, f.ask) })
	running.Go(func() { f.follow(ctx, o.poll) })
	go func() {
		running.Wait()
		close(f.closed)
	}()
	return f, nil
}

// Index returns the present index: keep it for one decision, not for longer. It must
// not be written.
func (f *Feed) Index() *filter.Index {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index
}

// Change returns the number of a change that is in the index with all those before it.
// It goes back only where the database did.
func (f *Feed) Change() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at.last
}

// Wait returns nil when [Feed.Change] is at least change, which it has the database
// asked for at once, and the error of ctx or [ErrClosed] if one of these is first.
func (f *Feed) Wait(ctx context.Context, change int64) error {
	for first := true; ; first = false {
		f.mu.Lock()
		last, moved := f.at.last, f.moved
		f.mu.Unlock()
		if last >= change {
			return nil
		}
		if first {
			f.ask()
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		case <-f.closed:
			return ErrClosed
		}
	}
}

// Age returns how long ago the database was asked for changes, the last time that it
// answered and all of them came into the index.
func (f *Feed) Age() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Since(f.confirmed)
}

// Close ends the feed, and returns nil when it has ended. Its index stays as it is.
func (f *Feed) Close() error {
	f.close()
	<-f.closed
	return nil
}

// ask has the database asked soon.
func (f *Feed) ask() {
	select {
	case f.wake <- struct{}{}:
	default: // somebody was first, and the question is not yet put
	}
}

// follow catches up until ctx is done.
func (f *Feed) follow(ctx context.Context, poll time.Duration) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	var failing bool
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-f.wake:
		}
		err := f.catchUp(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			f.logger.Warn("webhooks are not followed", "error", err, "change", f.Change())
		case err == nil && failing:
			f.logger.Info("webhooks are followed again", "change", f.Change())
		}
		failing = err != nil
	}
}

// errGone: the changes since a state are not all there.
var errGone = errors.New("changes are gone")

// catchUp brings the index to what the database has. Only follow calls it, and Follow
// before.
func (f *Feed) catchUp(ctx context.Context) error {
	asked := time.Now()
	index := f.index
	now, err := f.read(ctx, index, f.at)
	if errors.Is(err, errGone) {
		index = filter.NewIndex()
		now, err = f.read(ctx, index, state{})
	}
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.index, f.confirmed = index, asked
	if f.at != now {
		f.at = now
		close(f.moved)
		f.moved = make(chan struct{})
	}
	return nil
}

// read brings into index all changes after the state from, and returns the state then.
// One statement reads all of it, so it is of one moment. If it fails on the way, index
// has some of the changes, which the next reading has again, or later ones.
func (f *Feed) read(ctx context.Context, index *filter.Index, from state) (now state, err error) {
	err = f.store.query(ctx, "follow", func(rows *sql.Rows) error {
		var organizationID, id sql.NullString
		var change sql.NullInt64
		var r row
		if err := rows.Scan(&now.database, &now.last, &now.purged, &organizationID, &id, &r.document, &change); err != nil {
			return err
		}
		if from.database != "" && (now.database != from.database || now.last < from.last || now.purged > from.last) {
			return errGone
		}
		if change.Valid {
			r.organizationID, r.id, r.change = organizationID.String, id.String, change.Int64
			f.apply(index, r)
		}
		return nil
	}, f.store.placeholders(`
SELECT c.database_id, c.last, c.purged, w.organization_id, w.id, w.document, w.change
FROM hookfilter_changes c LEFT JOIN hookfilter_webhooks w ON w.change > $1`), from.last)
	if err == nil && now.database == "" {
		err = errors.New("sqlstore: follow: hookfilter_changes is empty")
	}
	return now, err
}

// apply brings one row into index.
func (f *Feed) apply(index *filter.Index, r row) {
	organizationID, id, err := r.ids()
	if err == nil && r.document.Valid {
		var w *webhook.Webhook
		if w, err = r.webhook(); err == nil {
			err = index.Put(organizationID, w)
		}
		if err == nil {
			return
		}
	}
	if err != nil {
		f.logger.Error("webhook fires for nothing",
			"organization_id", r.organizationID, "webhook_id", r.id, "change", r.change, "error", err)
	}
	index.Delete(organizationID, id)
}
