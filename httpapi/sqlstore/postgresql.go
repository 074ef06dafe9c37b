package sqlstore

import (
	"slices"
	"strconv"

	"github.com/pressly/goose/v3/database"
)

// postgreSQL executes each change as one statement, so that a client that dies between two
// statements cannot keep the counter locked. Each statement locks the counter first, so that there
// are no deadlocks.
//
// A purge has two statements. The first sets "purged", and locks the counter no longer than a Put does.
// Feeds with a lower revision then read all webhooks. So the second statement, which deletes rows up
// to "purged", need not lock the counter. It skips locked rows.
var postgreSQL = dialect{
	goose:      database.DialectPostgres,
	migrations: "migrations/postgres",
	migrationsTable: `
SELECT to_regclass('hookfilter_migrations') IS NOT NULL, coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)`,

	put: `
WITH next AS (UPDATE hookfilter_changes SET last = last + 1 RETURNING last)
INSERT INTO hookfilter_webhooks (organization_id, id, document, change)
SELECT $1, $2, $3, last FROM next
ON CONFLICT (organization_id, id) DO UPDATE SET document = excluded.document, deleted_at = NULL, change = excluded.change
RETURNING change, pg_notify('` + channel + `', '')`,

	delete: `
WITH next AS (UPDATE hookfilter_changes SET last = last + 1 RETURNING last)
UPDATE hookfilter_webhooks SET document = NULL, deleted_at = now(), change = next.last
FROM next WHERE organization_id = $1 AND id = $2 AND document IS NOT NULL
RETURNING change, pg_notify('` + channel + `', '')`,

	purge: []string{`
UPDATE hookfilter_changes SET purged = old.change
FROM (SELECT max(change) AS change FROM hookfilter_webhooks WHERE deleted_at < now() - make_interval(secs => $1)) old
WHERE old.change > purged
RETURNING purged`, `
DELETE FROM hookfilter_webhooks WHERE (organization_id, id) IN (
	SELECT organization_id, id FROM hookfilter_webhooks
	WHERE deleted_at < now() - make_interval(secs => $1) AND change <= (SELECT purged FROM hookfilter_changes)
	ORDER BY deleted_at LIMIT ` + strconv.Itoa(purgeBatch) + ` FOR UPDATE SKIP LOCKED
) RETURNING change`},

	parameter: "$",
	server:    true,

	// An error without a code is not from the server: the connection failed.
	transient: func(err error) bool {
		code := sqlState(err)
		// 08 connection exception; 25 invalid transaction state, if a server became read-only; 26
		// and 42P05 prepared statement is missing or exists, behind a pooler; 40 transaction
		// rollback; 53 insufficient resources; 55 object not in prerequisite state; 57 operator
		// intervention; 58 system error.
		return len(code) != 5 ||
			slices.Contains([]string{"08", "25", "26", "40", "53", "55", "57", "58"}, code[:2]) || code == "42P05"
	},
	rolledBack: func(err error) bool {
		code := sqlState(err)
		return code == "40001" || code == "40P01" // serialization failure, deadlock
	},
	hint: func(err error) string {
		switch sqlState(err) {
		case "42P01":
			return hintMigrate
		case "26000", "42P05":
			return " (behind a connection pooler in transaction mode, pgx needs default_query_exec_mode=exec)"
		}
		return ""
	},
}
