package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// Retention is how long the database keeps the record of a deletion, for disconnected feeds. A feed
// that was disconnected for longer is rebuilt from all webhooks.
const Retention = 7 * 24 * time.Hour

// defaultConns is the maximum number of connections if the pool has no limit. It is small compared with PostgreSQL's usual
// limit of 100 connections, which several programs share.
const defaultConns = 16

// Store stores the webhooks of organizations in a database. It implements httpapi.Store, and is safe
// for concurrent use. Use [New] or the Open functions of the packages postgres and sqlite to make
// one; the zero Store is invalid.
//
// Every operation ends when its context is done, and at the latest after the timeout of
// [WithTimeout]. An error wraps [httpapi.ErrUnavailable] if the database cannot be reached, does not
// respond in time, or fails for a transient reason. It also wraps the error and the cause of a
// context that is done, and [context.DeadlineExceeded] after the timeout. After such an error, a Put
// or Delete may have taken effect; it can be repeated. The error of a closed store is [ErrClosed].
// Other errors contain the text of the database's error, but do not wrap it. No error contains the
// database's password.
type Store struct {
	db *sql.DB
	dialect
	options

	maxIdle int
	// writers is a semaphore that limits concurrent writes, so that reads find a connection while
	// writes wait for each other or for another program's lock. It serves writers in order.
	writers chan struct{}
	file    atomic.Pointer[file]

	closing  context.Context // ends with Close
	close    context.CancelFunc
	mu       sync.Mutex // guards the start of goroutines against Close
	running  sync.WaitGroup
	purging  sync.Once
	purgeNow chan struct{} // buffered; has an element after a deletion
}

// New returns a Store on a database that the caller has opened and that [Migrate] has migrated. It
// does not connect. The Store owns db: it sets the number of idle connections, limits db to 16
// connections if it has no limit, and [Store.Close] closes db.
//
// The drivers pgx and modernc.org/sqlite are tested. Behind PgBouncer in transaction mode, pgx needs
// default_query_exec_mode=exec in its connection string. Feeds poll at the interval of
// [WithInterval]: only a Store of postgres.Open is notified of changes. A SQLite database in memory
// needs db.SetMaxOpenConns(1).
//
// New panics if db is nil, or dialect is neither [PostgreSQL] nor [SQLite].
func New(db *sql.DB, dialect Dialect, opts ...Option) *Store {
	s, err := newStore(db, dialect, opts)
	if err != nil {
		panic(err)
	}
	s.maxIdle = db.Stats().MaxOpenConnections
	if s.maxIdle == 0 {
		s.maxIdle = defaultConns
		db.SetMaxOpenConns(s.maxIdle)
	}
	db.SetMaxIdleConns(s.maxIdle)
	writers := 1
	if s.server {
		writers = max(1, s.maxIdle/4)
	}
	s.writers = make(chan struct{}, writers)
	s.purgeNow = make(chan struct{}, 1)
	s.closing, s.close = context.WithCancel(context.Background())
	return s
}

func newStore(db *sql.DB, d Dialect, opts []Option) (*Store, error) {
	dialect, err := d.dialect()
	return &Store{db: db, dialect: dialect, options: options{}.with(opts), closing: context.Background()}, err
}

// Close closes the store and its feeds, waits for their goroutines, and closes the database.
// Operations in progress may still succeed; later ones return [ErrClosed].
func (s *Store) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.running.Wait()
	return s.db.Close()
}

// background runs f in a goroutine that Close waits for, and returns true. If the store is closed,
// it returns false.
func (s *Store) background(f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Err() != nil {
		return false
	}
	s.running.Go(f)
	return true
}

// Stats returns statistics of the connection pool.
func (s *Store) Stats() sql.DBStats { return s.db.Stats() }

// Ping returns nil if the database responds and has this package's tables.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errTimeout)
	defer cancel()
	return s.query(ctx, "ping", func(*sql.Rows) error { return nil }, `SELECT last FROM hookfilter_changes`)
}

// Webhook implements httpapi.Store. The webhook encodes to the same JSON as the one that was put,
// including which optional fields are present, the order and repetitions of lists, and the fractions
// and offsets of times. If the row cannot be decoded, the error names it.
func (s *Store) Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errTimeout)
	defer cancel()
	var r row
	err := s.query(ctx, "look up", func(rows *sql.Rows) error { return rows.Scan(&r.document) },
		`SELECT document FROM hookfilter_webhooks WHERE organization_id = $1 AND id = $2 AND document IS NOT NULL`,
		organizationID.String(), webhookID.String())
	if err != nil {
		return nil, err
	}
	if !r.document.Valid {
		return nil, httpapi.ErrNotFound
	}
	r.organizationID, r.id = organizationID.String(), webhookID.String()
	w, err := r.webhook()
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %w", err)
	}
	return w, nil
}

// Webhooks implements httpapi.Store. It returns all webhooks of an organization, ordered by id; an
// unknown organization has none. If rows cannot be decoded, Webhooks returns only an error that
// names up to 10 of them, since a client would assume that webhooks missing from a partial list
// were deleted. Put repairs such a row, and Delete removes it.
func (s *Store) Webhooks(ctx context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errTimeout)
	defer cancel()
	var webhooks []*webhook.Webhook
	var broken []string
	more := 0
	err := s.query(ctx, "list", func(rows *sql.Rows) error {
		r := row{organizationID: organizationID.String()}
		if err := rows.Scan(&r.id, &r.document); err != nil {
			return err
		}
		w, err := r.webhook()
		switch {
		case err == nil:
			webhooks = append(webhooks, w)
		case len(broken) < maxBroken:
			broken = append(broken, err.Error())
		default:
			more++
		}
		return nil
	}, `SELECT id, document FROM hookfilter_webhooks WHERE organization_id = $1 AND document IS NOT NULL ORDER BY id`,
		organizationID.String())
	if err != nil {
		return nil, err
	}
	if more > 0 {
		broken = append(broken, fmt.Sprintf("and %d more", more))
	}
	if broken != nil {
		return nil, errors.New("sqlstore: list: " + strings.Join(broken, "; "))
	}
	return webhooks, nil
}

// maxBroken is the maximum number of broken rows that an error names.
const maxBroken = 10

// Put inserts w into an organization, or replaces the organization's webhook that has the id of w. It
// returns the revision of the change. If [filter.Check] refuses w, Put returns the error of Check and
// changes nothing.
func (s *Store) Put(ctx context.Context, organizationID uuid.UUID, w *webhook.Webhook) (revision uint64, err error) {
	if err := filter.Check(organizationID, w); err != nil {
		return 0, err
	}
	document, err := w.MarshalJSON()
	if err != nil {
		return 0, err
	}
	return s.change(ctx, "put", s.put, organizationID.String(), w.ID.String(), string(document))
}

// Delete removes a webhook of an organization and returns the revision of the change. The error is
// [httpapi.ErrNotFound] if there is no such webhook.
func (s *Store) Delete(ctx context.Context, organizationID, webhookID uuid.UUID) (revision uint64, err error) {
	revision, err = s.change(ctx, "delete", s.delete, organizationID.String(), webhookID.String())
	switch {
	case err != nil:
		return 0, err
	case revision == 0:
		return 0, httpapi.ErrNotFound
	}
	s.purging.Do(func() { s.background(s.purgeDeleted) })
	select {
	case s.purgeNow <- struct{}{}:
	default:
	}
	return revision, nil
}

// change executes a statement that returns the revision of a change, or no row if it changes
// nothing; then the revision is 0.
func (s *Store) change(ctx context.Context, what, query string, args ...any) (revision uint64, err error) {
	err = s.write(ctx, what, func(rows *sql.Rows) error { return rows.Scan(&revision, new(any)) }, query, args...)
	return revision, err
}

// write executes a statement that writes. It applies the timeout, which includes waiting for other
// writers.
func (s *Store) write(ctx context.Context, what string, each func(*sql.Rows) error, query string, args ...any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, errTimeout)
	defer cancel()
	select {
	case s.writers <- struct{}{}:
		defer func() { <-s.writers }()
	case <-ctx.Done():
		return s.failure(ctx, what, ctx.Err())
	}
	return s.execute(ctx, what, true, each, query, args)
}

// purgeBatch is the number of records of deletions that one statement removes. It limits how long a
// writer may wait for a purge.
const purgeBatch = 500

// purgeDeleted removes, after each Delete, the records of deletions older than [Retention]. An error
// ends the purge; the next Delete retries it.
func (s *Store) purgeDeleted() {
	for {
		select {
		case <-s.closing.Done():
			return
		case <-s.purgeNow:
		}
		for i := 0; i < len(s.purge); {
			n := 0
			err := s.write(s.closing, "purge", func(*sql.Rows) error { n++; return nil }, s.purge[i], int64(Retention/time.Second))
			switch {
			case err != nil:
				i = len(s.purge)
			case n < purgeBatch:
				i++
			}
		}
	}
}

// query executes a statement and calls each(rows) for every row. It reads all rows, since a
// database reports a failed commit only at the end. If each returns an error, query returns it
// unchanged, unless ctx is done.
//
// If the database rolls a statement back because of concurrent ones, before it has returned a row, query
// executes it again. Default isolation levels above "read committed" require that.
func (s *Store) query(ctx context.Context, what string, each func(*sql.Rows) error, query string, args ...any) error {
	return s.execute(ctx, what, false, each, query, args)
}

// execute is like query. If repeatable is true, a statement that is rolled back after it has returned rows
// is also executed again, and each is called again for every row.
func (s *Store) execute(ctx context.Context, what string, repeatable bool, each func(*sql.Rows) error, query string, args []any) error {
	query = strings.ReplaceAll(query, "$", s.parameter)
	for delay := time.Millisecond; ; delay = min(2*delay, 50*time.Millisecond) {
		n, err, eachErr := s.queryOnce(ctx, each, query, args)
		if eachErr != nil && ctx.Err() == nil {
			return eachErr
		}
		err = cmp.Or(err, eachErr) // eachErr may be from Scan, because ctx is done
		if err != nil && (n == 0 || repeatable) && s.rolledBack(err) && sleep(ctx, delay/2+rand.N(delay)) {
			continue
		}
		if moved := s.checkFile(ctx); moved != nil {
			err = moved
		}
		if err != nil {
			if context.Cause(ctx) == errTimeout {
				s.dropIdle()
			}
			return s.failure(ctx, what, err)
		}
		return nil
	}
}

// queryOnce executes a statement once. It returns the number of rows read, an error of the database,
// and the error that each returned.
func (s *Store) queryOnce(ctx context.Context, each func(*sql.Rows) error, query string, args []any) (n int, err, eachErr error) {
	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return 0, err, nil
	}
	defer rows.Close()
	for ; rows.Next(); n++ {
		if err := each(rows); err != nil {
			return n, nil, err
		}
	}
	return n, rows.Err(), nil
}

// sleep waits for d, and returns false if ctx is done first.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// errTimeout is the cause of a context that ended by the timeout of a store or a feed.
var errTimeout = fmt.Errorf("timeout: %w", context.DeadlineExceeded)

// failure converts an error of the database to the error that callers of this package get.
func (s *Store) failure(ctx context.Context, what string, err error) error {
	if s.closing.Err() != nil {
		return ErrClosed
	}
	cause := context.Cause(ctx)
	if cause != errTimeout && !errors.Is(cause, ctx.Err()) {
		cause = fmt.Errorf("%w: %w", ctx.Err(), cause)
	}
	switch hint := s.hint(err); {
	case errors.Is(err, errFileMoved):
		return fmt.Errorf("sqlstore: %s: %w", what, err)
	case cause != nil:
		return fmt.Errorf("sqlstore: %s: %w: %w", what, httpapi.ErrUnavailable, cause)
	case s.transient(err):
		return fmt.Errorf("sqlstore: %s: %w: %v%s", what, httpapi.ErrUnavailable, err, hint)
	default:
		return fmt.Errorf("sqlstore: %s: %v%s", what, err, hint)
	}
}

// dropIdle closes the idle connections after a timeout of the store or a feed. If a firewall has
// silently dropped them, each would cost another operation a timeout. If the timeout had a different
// cause, the next operations just connect again. It keeps connections to SQLite, since a database in
// memory is lost with its connection.
func (s *Store) dropIdle() {
	if s.server && s.maxIdle > 0 {
		s.db.SetMaxIdleConns(0)
		s.db.SetMaxIdleConns(s.maxIdle)
	}
}

// file is the file of a SQLite database.
type file struct {
	path string // empty for a database in memory
	info os.FileInfo
}

// checkFile returns an error if the file of a SQLite database was removed or replaced since the first
// operation. The open connections still use the removed file, whose content is lost when the last of
// them is closed.
func (s *Store) checkFile(ctx context.Context) error {
	if s.server {
		return nil
	}
	f := s.file.Load()
	if f == nil {
		f = new(file)
		err := s.db.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&f.path)
		if err == nil && f.path != "" {
			f.info, err = os.Stat(f.path)
		}
		if err != nil {
			return nil // the next operation retries
		}
		s.file.CompareAndSwap(nil, f)
	}
	if f.path == "" {
		return nil
	}
	info, err := os.Stat(f.path)
	if err == nil && os.SameFile(f.info, info) || err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return errFileMoved
}

var errFileMoved = errors.New("the database file was removed or replaced while it was open: restart the program")

// row is a row of hookfilter_webhooks. Its ids are text, so that an invalid id is not an error of
// Scan, which would end the query.
type row struct {
	organizationID, id string
	document           sql.NullString // null if deleted
	revision           uint64
}

// ids parses the row's ids. If one is invalid, it returns uuid.Nil for both and an error.
func (r row) ids() (organizationID, id uuid.UUID, err error) {
	organizationID, err = webhook.ParseID(r.organizationID)
	if err == nil {
		id, err = webhook.ParseID(r.id)
	}
	if err != nil {
		return uuid.Nil, uuid.Nil, fmt.Errorf("webhook %.80q of organization %.80q: %w", r.id, r.organizationID, err)
	}
	return organizationID, id, nil
}

// webhook decodes the row's document.
func (r row) webhook() (*webhook.Webhook, error) {
	w := new(webhook.Webhook)
	err := w.UnmarshalJSON([]byte(r.document.String))
	if err == nil && w.ID.String() != r.id {
		err = fmt.Errorf("the document has the id %s", w.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("webhook %.80q of organization %.80q: %w", r.id, r.organizationID, err)
	}
	return w, nil
}
