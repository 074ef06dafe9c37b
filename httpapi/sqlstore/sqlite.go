package sqlstore

import (
	"errors"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3/database"
)

// sqLite relies on triggers of the migration, which write the counter.
var sqLite = dialect{
	goose:           database.DialectSQLite3,
	migrations:      "migrations/sqlite",
	migrationsTable: `SELECT count(*) > 0, true FROM sqlite_schema WHERE name = 'hookfilter_migrations'`,

	put: `
INSERT INTO hookfilter_webhooks (organization_id, id, document, change)
SELECT ?1, ?2, ?3, last + 1 FROM hookfilter_changes WHERE true
ON CONFLICT (organization_id, id) DO UPDATE SET document = excluded.document, deleted_at = NULL, change = excluded.change
RETURNING change, NULL`,

	delete: `
UPDATE hookfilter_webhooks SET document = NULL, deleted_at = unixepoch(), change = (SELECT last + 1 FROM hookfilter_changes)
WHERE organization_id = ?1 AND id = ?2 AND document IS NOT NULL
RETURNING change, NULL`,

	purge: []string{`
DELETE FROM hookfilter_webhooks WHERE (organization_id, id) IN (
	SELECT organization_id, id FROM hookfilter_webhooks
	WHERE deleted_at < unixepoch() - ?1 ORDER BY deleted_at LIMIT ` + strconv.Itoa(purgeBatch) + `
) RETURNING change`},

	parameter: "?",

	// An error without a code is from database/sql, for example if the database is closed.
	transient: func(err error) bool {
		code, ok := sqliteCode(err)
		switch code & 0xff {
		// SQLITE_BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL
		case 5, 6, 7, 8, 9, 10, 13, 14, 15:
			return true
		}
		return !ok
	},
	rolledBack: func(err error) bool {
		code, _ := sqliteCode(err)
		return code&0xff == 5 // SQLITE_BUSY
	},
	hint: func(err error) string {
		if _, ok := sqliteCode(err); ok && strings.Contains(err.Error(), "no such table") {
			return hintMigrate
		}
		return ""
	},
}

func sqliteCode(err error) (code int, ok bool) {
	var e interface{ Code() int } // implemented by sqlite.Error of modernc.org/sqlite
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}
