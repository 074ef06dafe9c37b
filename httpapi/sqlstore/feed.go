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

// ErrClosed is returned by a store that is closed, and by a feed that is closed or whose store is.
var ErrClosed = errors.New("sqlstore: closed")

// Feed is a [filter.Index] that follows a database. It survives the database's
// absence and restart: meanwhile the index stays as it was, Age grows, and afterwards
// the feed catches up.
//
// A feed is a mirror: an invalid row replaces the valid version before it and fires for
// nothing. A row is invalid if it does not hold a webhook, or holds one that
// filter.Check refuses. It is reported, see [OnInvalid], and does not affect other
// webhooks.
//
// The feed builds a new index beside the old one, and then replaces it, if it cannot
// go on from the old one: it was disconnected for longer than [Retention] and webhooks were
// deleted, or the database is another one, or was set back behind what the feed had
// seen. A database that was set back and has been changed beyond that since looks like
// the old one: restart the feeds after restoring a backup.
//
// A Feed may be used by many goroutines at once. The zero Feed is not usable:
// [Store.Follow] returns one.
type Feed struct {
	store *Store
	options
	wake   chan struct{} // has an element when there may be something new
	close  context.CancelFunc
	closed chan struct{} // closed when all goroutines have ended

	mu        sync.Mutex
	mirror    *mirror
	at        state
	invalid   int
	confirmed time.Time
	moved     chan struct{} // closed and replaced when at changes
}

// mirror is an index, and the keys of the webhooks that it lacks because they are invalid.
type mirror struct {
	index   *filter.Index
	invalid map[string]struct{}
}

func newMirror() *mirror { return &mirror{filter.NewIndex(), make(map[string]struct{})} }

// state is the row of hookfilter_changes.
type state struct {
	database     string // empty: nothing was read yet
	last, purged uint64
}

// Follow returns a feed whose index has every valid webhook that the database had when
// Follow was called. ctx is for this call alone: the feed goes on until [Feed.Close] or
// [Store.Close]. A database that does not answer is [httpapi.ErrUnavailable]; any other error, such
// as of a database that was not migrated, stays until its reason is removed.
func (s *Store) Follow(ctx context.Context, opts ...Option) (*Feed, error) {
	f := &Feed{
		store: s, options: s.options.with(opts), mirror: newMirror(),
		wake: make(chan struct{}, 1), closed: make(chan struct{}), moved: make(chan struct{}),
	}
	version, _, err := s.version(ctx, "follow", f.timeout)
	if err == nil && version < newest {
		err = fmt.Errorf("sqlstore: follow: the database has version %d of the tables, and this module needs %d: call Migrate", version, newest)
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

// Index returns the present index: keep it for one decision, not for longer. It must
// not be written.
func (f *Feed) Index() *filter.Index {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.mirror.index
}

// Revision returns the revision of a change that is in the index with all changes before it.
// It decreases only if the revision of the database does.
func (f *Feed) Revision() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at.last
}

// Invalid returns the number of stored webhooks that fire for nothing because they are invalid.
func (f *Feed) Invalid() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.invalid
}

// Wait asks the database for changes at once, and returns nil when [Feed.Revision] is at least
// revision. It returns an error that wraps the one of ctx if that is done before, and [ErrClosed]
// if the feed is closed.
func (f *Feed) Wait(ctx context.Context, revision uint64) error {
	for first := true; ; first = false {
		f.mu.Lock()
		last, moved := f.at.last, f.moved
		f.mu.Unlock()
		if last >= revision {
			return nil
		}
		if first {
			f.ask()
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("sqlstore: revision %d: %w", revision, ctx.Err())
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

// Close ends the feed, waits for its goroutines and returns nil. The index stays as it is.
func (f *Feed) Close() error {
	f.close()
	<-f.closed
	return nil
}

// ask makes follow ask the database soon.
func (f *Feed) ask() {
	select {
	case f.wake <- struct{}{}:
	default: // follow is going to ask already
	}
}

// The delay between two attempts to listen.
const (
	minListenDelay = 200 * time.Millisecond
	maxListenDelay = 30 * time.Second
)

// listen makes the feed ask when the database announces a change. If the database refuses, as a hot
// standby does, or the connection ends again and again, the attempts become rare: the feed polls.
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
			f.ask()
		})
		switch {
		case ctx.Err() != nil:
			return
		case time.Since(start) >= maxListenDelay:
			delay = minListenDelay // it worked for a while
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

// follow catches up until ctx is done.
func (f *Feed) follow(ctx context.Context) {
	ticker := time.NewTicker(f.interval)
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
			f.logger.Warn("webhooks are not followed", "error", err, "revision", f.Revision())
		case err == nil && failing:
			f.logger.Info("webhooks are followed again", "revision", f.Revision())
		}
		failing = err != nil
	}
}

// errGone is returned if changes since a state are missing.
var errGone = errors.New("changes are gone")

// catchUp brings the index to what the database has. Only follow calls it, and Follow
// before.
func (f *Feed) catchUp(ctx context.Context) error {
	asked := time.Now()
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
	f.mirror, f.invalid, f.confirmed = m, len(m.invalid), asked
	if f.at != now {
		f.at = now
		close(f.moved)
		f.moved = make(chan struct{})
	}
	return nil
}

// read brings into m all changes after the state from, and returns the state then.
// One statement reads all of it, so it is one snapshot. If it fails on the way, m
// has some of the changes, which the next reading has again, or later ones.
func (f *Feed) read(ctx context.Context, m *mirror, from state) (now state, err error) {
	var to target = m.index
	var all loaded
	if from.database == "" {
		all = make(loaded)
		to = all
	}
	reading, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(f.timeout, func() { cancel(errTimeout) })
	defer late.Stop()
	err = f.store.query(reading, "follow", func(rows *sql.Rows) error {
		late.Stop()
		defer late.Reset(f.timeout)
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
		_ = m.index.Replace(organizationID, slices.Collect(maps.Values(byID))) // Put has checked them
		delete(all, organizationID)                                            // the index has copies
	}
	return now, nil
}

// target is what apply changes: an index, or what is loaded for one.
type target interface {
	Put(organizationID uuid.UUID, w *webhook.Webhook) error
	Delete(organizationID, webhookID uuid.UUID) bool
}

// loaded has the valid webhooks of a first load, by organization and id, until all are read. An
// index takes the webhooks of an organization faster at once than one by one.
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

// apply brings one row into to, and into the invalid keys of m.
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
