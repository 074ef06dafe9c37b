package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// ErrClosed is returned by a closed store, and by a feed that is closed or whose store is closed.
var ErrClosed = errors.New("sqlstore: closed")

// Feed keeps a [filter.Index] equal to the webhooks in a database. While the database is not
// available, the index stays as it is and Age grows; afterwards the feed catches up.
//
// A feed is a mirror: an invalid row replaces the valid version before it, fires for nothing, and is
// reported (see [OnInvalid]). It does not affect other webhooks. A row is invalid if it cannot be
// decoded, or if filter.Check refuses its webhook.
//
// A feed that cannot catch up builds a new index and replaces the old one. This happens if it was
// disconnected for longer than [Retention] and webhooks were deleted, or if the database was replaced
// or restored to a state before the feed's. A feed does not detect a restore if, before its next poll,
// changes raise the revision to the feed's or above: restart the feeds after a restore.
//
// Use [Store.Follow] to make a Feed; the zero Feed is invalid. A Feed is safe for concurrent use.
type Feed struct {
	store *Store
	options
	wake   chan struct{} // buffered; has an element if the feed should poll
	close  context.CancelFunc
	closed chan struct{} // closed when all goroutines have ended

	mu        sync.Mutex
	mirror    *mirror
	at        state
	invalid   int
	confirmed time.Time
	failed    error         // result of the last attempt to catch up
	moved     chan struct{} // closed and replaced at each change of the state
}

// mirror is an index, and the keys of the invalid webhooks, which are not in the index.
type mirror struct {
	index   *filter.Index
	invalid map[string]struct{}
}

func newMirror() *mirror { return &mirror{filter.NewIndex(), make(map[string]struct{})} }

// state is the row of hookfilter_changes.
type state struct {
	database     string // id; empty if nothing was read yet
	last, purged uint64
}

// Follow returns a feed whose index has every valid webhook that the database had when Follow was
// called. ctx is for this call alone: the feed lasts until [Feed.Close] or [Store.Close]. The error
// is [httpapi.ErrUnavailable] if the database does not respond. Any other error is permanent, for
// example if the database was not migrated.
func (s *Store) Follow(ctx context.Context, opts ...Option) (*Feed, error) {
	f := &Feed{
		store: s, options: s.options.with(opts), mirror: newMirror(),
		wake: make(chan struct{}, 1), closed: make(chan struct{}), moved: make(chan struct{}),
	}
	version, _, err := s.version(ctx, "follow", f.timeout)
	if err == nil && version < newest {
		err = fmt.Errorf("sqlstore: follow: the database has version %d of the tables: want %d: call Migrate", version, newest)
	}
	if err == nil {
		err = f.catchUp(ctx)
	}
	if err != nil {
		return nil, err
	}
	ctx, f.close = context.WithCancel(s.closing)
	if !s.background(func() {
		defer close(f.closed)
		var running sync.WaitGroup
		if l, ok := s.db.Driver().(listener); ok {
			running.Go(func() { f.listen(ctx, l) })
		}
		f.follow(ctx)
		running.Wait()
	}) {
		f.close()
		return nil, ErrClosed
	}
	return f, nil
}

// Index returns the current index. Use it for one decision and do not retain it, since the feed
// may replace it. Do not modify it.
func (f *Feed) Index() *filter.Index {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mirror.index
}

// Revision returns a revision whose change is in the index, with all changes before it. It
// decreases only if the revision of the database does.
func (f *Feed) Revision() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at.last
}

// Invalid returns the number of invalid stored webhooks, which fire for nothing.
func (f *Feed) Invalid() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.invalid
}

// Wait returns nil when [Feed.Revision] is at least revision; if it is less now, the feed polls the
// database at once. If ctx is done first, the error wraps the error of ctx and, if the feed cannot
// read the database, also the error of its last attempt. If the feed is closed, the error is
// [ErrClosed].
func (f *Feed) Wait(ctx context.Context, revision uint64) error {
	for polled := false; ; polled = true {
		f.mu.Lock()
		last, moved := f.at.last, f.moved
		f.mu.Unlock()
		if last >= revision {
			return nil
		}
		if !polled {
			f.poll()
		}
		select {
		case <-moved:
		case <-ctx.Done():
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.failed != nil {
				return fmt.Errorf("sqlstore: wait for revision %d: %w: %w", revision, ctx.Err(), f.failed)
			}
			return fmt.Errorf("sqlstore: wait for revision %d: %w", revision, ctx.Err())
		case <-f.closed:
			return ErrClosed
		}
	}
}

// Age returns the time since the database was last polled successfully: all changes until then are
// in the index.
func (f *Feed) Age() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Since(f.confirmed)
}

// Close stops the feed, waits for its goroutines and returns nil. The index stays as it is.
func (f *Feed) Close() error {
	f.close()
	<-f.closed
	return nil
}

// poll makes follow catch up now.
func (f *Feed) poll() {
	select {
	case f.wake <- struct{}{}:
	default: // already requested
	}
}

// Bounds of the delay between two attempts to listen.
const (
	minListenDelay = 200 * time.Millisecond
	maxListenDelay = 30 * time.Second
)

// listen polls when the database announces a change. If the database refuses LISTEN, as a hot
// standby does, or the connection fails repeatedly, the attempts become rare.
func (f *Feed) listen(ctx context.Context, l listener) {
	warned := false
	delay := minListenDelay
	for {
		start := time.Now()
		err := l.Listen(ctx, channel, f.timeout, func() {
			if warned {
				warned = false
				f.logger.Info("the database announces changes again")
			}
			f.poll()
		})
		switch {
		case ctx.Err() != nil:
			return
		case time.Since(start) >= maxListenDelay:
			delay = minListenDelay // the connection worked for a while
		case !warned:
			warned = true
			f.logger.Warn("the database does not announce changes, so the feed polls", "interval", f.interval, "error", err)
		}
		if !sleep(ctx, delay) {
			return
		}
		delay = min(2*delay, maxListenDelay)
	}
}

// follow catches up at each interval and after each call of poll, until ctx is done.
func (f *Feed) follow(ctx context.Context) {
	ticker := time.NewTicker(f.interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-f.wake:
		}
		err := f.catchUp(ctx)
		if ctx.Err() != nil {
			return
		}
		f.mu.Lock()
		failing := f.failed != nil
		f.failed = err
		f.mu.Unlock()
		switch {
		case err != nil && !failing:
			f.logger.Warn("webhooks are not followed", "error", err, "revision", f.Revision())
		case err == nil && failing:
			f.logger.Info("webhooks are followed again", "revision", f.Revision())
		}
	}
}

// errGone is returned by read if the database no longer has all changes since a state.
var errGone = errors.New("changes are gone")

// catchUp makes the index equal to the database. Follow calls it once, and afterwards only follow
// calls it.
func (f *Feed) catchUp(ctx context.Context) error {
	start := time.Now()
	m := f.mirror
	now, err := f.read(ctx, m, f.at)
	if errors.Is(err, errGone) {
		m = newMirror()
		now, err = f.read(ctx, m, state{})
	}
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.mirror, f.invalid, f.confirmed = m, len(m.invalid), start
	if f.at != now {
		f.at = now
		close(f.moved)
		f.moved = make(chan struct{})
	}
	return nil
}

// read applies to m all changes since a former state, and returns the new state. One statement
// reads all changes in one snapshot. If it fails, m may have some of the changes, and the next read
// applies the same or later changes.
func (f *Feed) read(ctx context.Context, m *mirror, from state) (now state, err error) {
	var to target = m.index
	var all loaded
	if from.database == "" {
		all = make(loaded)
		to = all
	}
	reading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(f.timeout, func() { cancel(errTimeout) })
	defer timer.Stop()
	err = f.store.query(reading, "follow", func(rows *sql.Rows) error {
		timer.Stop()
		defer timer.Reset(f.timeout)
		var organizationID, id sql.NullString
		var revision sql.Null[uint64]
		var r row
		if err := rows.Scan(&now.database, &now.last, &now.purged, &organizationID, &id, &r.document, &revision); err != nil {
			return err
		}
		if from.database != "" && (now.database != from.database || now.last < from.last || now.purged > from.last) {
			return errGone
		}
		if revision.Valid {
			r.organizationID, r.id, r.revision = organizationID.String, id.String, revision.V
			f.apply(m, to, r)
		}
		return nil
	}, `
SELECT c.database_id, c.last, c.purged, w.organization_id, w.id, w.document, w.change
FROM hookfilter_changes c LEFT JOIN hookfilter_webhooks w ON w.change > $1`, int64(from.last))
	if err == nil && now.database == "" {
		err = errors.New("sqlstore: follow: hookfilter_changes is empty")
	}
	if err != nil {
		return now, err
	}
	for organizationID, byID := range all {
		if ctx.Err() != nil {
			return now, f.store.failure(ctx, "follow", ctx.Err())
		}
		_ = m.index.Replace(organizationID, slices.Collect(maps.Values(byID))) // cannot fail: loaded.Put has checked them
		delete(all, organizationID)                                            // free memory: the index has copies
	}
	return now, nil
}

// target is what apply changes: an index, or webhooks to load into one.
type target interface {
	Put(organizationID uuid.UUID, w *webhook.Webhook) error
	Delete(organizationID, webhookID uuid.UUID) bool
}

// loaded has the valid webhooks of a first load by organization and id, until all are read. Loading
// an organization's webhooks into an index at once is faster than one by one.
type loaded map[uuid.UUID]map[uuid.UUID]*webhook.Webhook

func (l loaded) Put(organizationID uuid.UUID, w *webhook.Webhook) error {
	err := filter.Check(organizationID, w)
	if err == nil {
		if l[organizationID] == nil {
			l[organizationID] = make(map[uuid.UUID]*webhook.Webhook)
		}
		l[organizationID][w.ID] = w
	}
	return err
}

func (l loaded) Delete(organizationID, webhookID uuid.UUID) bool {
	delete(l[organizationID], webhookID)
	return true
}

// apply applies one row to the target and to the invalid keys of m.
func (f *Feed) apply(m *mirror, to target, r row) {
	key := r.organizationID + "." + r.id
	delete(m.invalid, key)
	organizationID, id, err := r.ids()
	if r.document.Valid {
		var w *webhook.Webhook
		if err == nil {
			w, err = r.webhook()
		}
		if err == nil {
			err = to.Put(organizationID, w)
		}
		if err == nil {
			return
		}
		m.invalid[key] = struct{}{}
		f.report(Invalid{key, r.revision, err})
	}
	to.Delete(organizationID, id)
}

func (f *Feed) report(invalid Invalid) {
	if f.onInvalid != nil {
		f.onInvalid(invalid)
		return
	}
	f.logger.Warn("webhook is invalid and fires for nothing", "key", invalid.Key, "revision", invalid.Revision, "reason", invalid.Err)
}
