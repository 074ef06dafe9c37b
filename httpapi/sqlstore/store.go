package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// Retention is how long the database remembers a deletion, for the feeds that are
// away. One that comes back later is rebuilt from all webhooks.
const Retention = 7 * 24 * time.Hour

// patience is how long one operation may take, or one row of a longer reading, where
// its context allows more: a database that does not answer must not hang a caller.
const patience = 5 * time.Second

// Store has the webhooks of organizations in a database. It implements
// httpapi.Store and httpapi.Lister, and may be used by many goroutines at once. The
// zero Store is not usable: [Open] makes one.
//
// Every operation ends when its context is done, and after 5 s at the latest. A
// database that cannot be reached, does not answer in that time, or refuses for a
// reason that passes is [httpapi.ErrUnavailable]; where the context is at its end, its
// error is in there too. A Put or Delete with this error may have been done
// nevertheless, and can be repeated. Any other error of the database is described
// without its type. No error has the database's password.
type Store struct {
	db *sql.DB
	dialect
	closing context.Context // ends with Close
	close   context.CancelFunc
}

// Close ends the store and the feeds that follow it. Operations at hand fail.
func (s *Store) Close() error {
	s.close()
	return s.db.Close()
}

// Stats describes the pool of connections.
func (s *Store) Stats() sql.DBStats { return s.db.Stats() }

// Ping says whether the database answers and has this package's tables.
func (s *Store) Ping(ctx context.Context) error {
	return s.query(ctx, "ping", func(*sql.Rows) error { return nil }, `SELECT last FROM hookfilter_changes`)
}

// Webhook implements httpapi.Store. The webhook is encoded to the JSON that was put:
// the same optional fields, lists in the same order with their repetitions, times with
// their fractions and offsets. If the row does not hold a webhook, the error names it.
func (s *Store) Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	var r row
	err := s.query(ctx, "look up", func(rows *sql.Rows) error { return rows.Scan(&r.document) },
		s.placeholders(`SELECT document FROM hookfilter_webhooks WHERE organization_id = $1 AND id = $2 AND document IS NOT NULL`),
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

// Webhooks implements httpapi.Lister: all webhooks of an organization in the order of
// their ids, and none for an organization without webhooks. If a row does not hold a
// webhook, Webhooks returns only an error that names such rows: a client would take the
// webhooks that a partial list lacks for deleted. Put repairs such a row, and Delete
// removes it.
func (s *Store) Webhooks(ctx context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error) {
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
	}, s.placeholders(`SELECT id, document FROM hookfilter_webhooks WHERE organization_id = $1 AND document IS NOT NULL ORDER BY id`),
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

// maxBroken is the largest number of broken rows that an error names.
const maxBroken = 10

// Put stores w for an organization, in place of the webhook with its id, and returns
// the number of the change. If [filter.Check] refuses w, Put returns the error of
// Check, and the stored version stays.
func (s *Store) Put(ctx context.Context, organizationID uuid.UUID, w *webhook.Webhook) (change int64, err error) {
	if err := filter.Check(organizationID, w); err != nil {
		return 0, err
	}
	document, err := w.MarshalJSON()
	if err != nil {
		return 0, err
	}
	return s.write(ctx, "put", s.put, organizationID.String(), w.ID.String(), string(document))
}

// Delete removes a webhook of an organization, and returns the number of the change,
// or [httpapi.ErrNotFound] if there is no such webhook. It also forgets what was
// deleted longer than [Retention] ago.
func (s *Store) Delete(ctx context.Context, organizationID, webhookID uuid.UUID) (change int64, err error) {
	change, err = s.write(ctx, "delete", s.delete, organizationID.String(), webhookID.String())
	switch {
	case err != nil:
		return 0, err
	case change == 0:
		return 0, httpapi.ErrNotFound
	}
	// What this one leaves, the next one takes, so its failure is nobody's concern.
	_ = s.query(ctx, "purge", func(*sql.Rows) error { return nil }, s.purge, int64(Retention/time.Second))
	return change, nil
}

// write does what returns the number of a change, or nothing if there was nothing to
// do.
func (s *Store) write(ctx context.Context, what, query string, args ...any) (change int64, err error) {
	if s.writer != nil {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		select {
		case s.writer <- struct{}{}:
			defer func() { <-s.writer }()
		case <-ctx.Done():
			return 0, s.failure(ctx, what, ctx.Err())
		}
	}
	err = s.query(ctx, what, func(rows *sql.Rows) error { return rows.Scan(&change, new(any)) }, query, args...)
	return change, err
}

// query runs a query and calls each at every row of its result. It reads to the end:
// only there does a database say that a change is committed. The errors of each are
// returned as they are.
func (s *Store) query(ctx context.Context, what string, each func(*sql.Rows) error, query string, args ...any) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(patience, func() { cancel(context.DeadlineExceeded) })
	defer late.Stop()

	rows, err := s.db.QueryContext(ctx, query, args...)
	if err != nil {
		return s.failure(ctx, what, err)
	}
	defer rows.Close()
	for rows.Next() {
		late.Reset(patience)
		if err := each(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return s.failure(ctx, what, err)
	}
	return nil
}

// failure is err of the database as this package's callers get it.
func (s *Store) failure(ctx context.Context, what string, err error) error {
	switch cause := context.Cause(ctx); {
	case cause != nil:
		return fmt.Errorf("sqlstore: %s: %w: %w", what, httpapi.ErrUnavailable, cause)
	case s.passes(err):
		return fmt.Errorf("sqlstore: %s: %w: %v", what, httpapi.ErrUnavailable, err)
	}
	return fmt.Errorf("sqlstore: %s: %v", what, err)
}

// row is a row of hookfilter_webhooks. Its ids are text: one that is no UUID must not
// end the reading of the others.
type row struct {
	organizationID, id string
	document           sql.NullString // null: deleted
	change             int64
}

// ids returns the row's ids, or zero ones and an error.
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
		err = errors.New("the document has another id")
	}
	if err != nil {
		return nil, fmt.Errorf("webhook %.80q of organization %.80q: %w", r.id, r.organizationID, err)
	}
	return w, nil
}

// dialect is what the two databases do differently.
type dialect struct {
	// put has the parameters organization, webhook and document, delete the first
	// two. Their result is the change's number and something to ignore, or empty.
	// purge has the retention in seconds.
	put, delete, purge string
	// parameter is what begins a parameter's place in a query.
	parameter string
	// writer, if not nil, is held by the one that writes: writers of this process queue
	// there, where each has its turn.
	writer chan struct{}
	// passes says whether an error may be gone when the same is tried again.
	passes func(error) bool
	// listen calls heard at every change that it hears of, and maybe between, until
	// ctx is done. It may miss some.
	listen func(ctx context.Context, heard func())
}

func (d dialect) placeholders(query string) string {
	return strings.ReplaceAll(query, "$", d.parameter)
}
