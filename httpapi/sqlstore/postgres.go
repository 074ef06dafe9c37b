package sqlstore

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// Each change is one statement, so that no client that dies between two of them keeps
// the counter's lock. In all of them the counter is locked first, so that no two wait
// for each other.
const (
	postgresPut = `
WITH next AS (UPDATE hookfilter_changes SET last = last + 1 RETURNING last)
INSERT INTO hookfilter_webhooks (organization_id, id, document, change)
SELECT $1, $2, $3, last FROM next
ON CONFLICT (organization_id, id) DO UPDATE SET document = excluded.document, deleted_at = NULL, change = excluded.change
RETURNING change, pg_notify('` + postgresChannel + `', '')`

	postgresDelete = `
WITH next AS (UPDATE hookfilter_changes SET last = last + 1 RETURNING last)
UPDATE hookfilter_webhooks SET document = NULL, deleted_at = now(), change = next.last
FROM next WHERE organization_id = $1 AND id = $2 AND document IS NOT NULL
RETURNING change, pg_notify('` + postgresChannel + `', '')`

	postgresPurge = `
WITH old AS (
	SELECT max(change) AS change FROM hookfilter_webhooks WHERE deleted_at < now() - make_interval(secs => $1)
), forgotten AS (
	UPDATE hookfilter_changes SET purged = old.change FROM old WHERE old.change > purged RETURNING purged
)
DELETE FROM hookfilter_webhooks USING forgotten WHERE deleted_at IS NOT NULL AND change <= forgotten.purged`

	postgresChannel = "hookfilter_changes"
)

// maxConns is small beside PostgreSQL's usual 100, which several programs share.
const maxConns = 16

func (s *Store) openPostgres(url string) error {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return errors.New("sqlstore: the postgres URL cannot be parsed") // err might quote the password
	}
	config.ConnectTimeout = min(config.ConnectTimeout, patience)
	s.db = stdlib.OpenDB(*config)
	s.db.SetMaxOpenConns(maxConns)
	s.db.SetMaxIdleConns(maxConns)
	s.dialect = dialect{
		put: postgresPut, delete: postgresDelete, purge: postgresPurge,
		parameter: "$",
		passes:    postgresPasses,
		listen: func(ctx context.Context, heard func()) {
			for ctx.Err() == nil {
				listenOnce(ctx, config, heard)
				select {
				case <-ctx.Done():
				case <-time.After(defaultPoll):
				}
			}
		},
	}
	return nil
}

// listenOnce listens until the connection ends.
func listenOnce(ctx context.Context, config *pgx.ConnConfig, heard func()) {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	_, err = conn.Exec(ctx, "LISTEN "+postgresChannel)
	for err == nil {
		heard() // at first too: there was no listening before
		_, err = conn.WaitForNotification(ctx)
	}
}

// postgresPasses takes what is no answer of the server for a matter of the connection.
func postgresPasses(err error) bool {
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		return true
	}
	// Connection; invalid transaction state, where a server became read-only;
	// rollback, as of a deadlock; resources; not in a state for it, as when starting;
	// intervention of an operator; system.
	return slices.Contains([]string{"08", "25", "40", "53", "55", "57", "58"}, answer.Code[:min(2, len(answer.Code))])
}
