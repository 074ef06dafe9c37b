-- +goose Up

-- One row: the id of the database, the number of the last change, and the highest number of a
-- purged deletion. SQLite has one writer at a time, so numbers are in the order of commits.
CREATE TABLE hookfilter_changes (
	one         INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
	database_id TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
	last        INTEGER NOT NULL DEFAULT 0,
	purged      INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO hookfilter_changes DEFAULT VALUES;

-- The row of a deleted webhook stays for a while, without its document, for feeds.
CREATE TABLE hookfilter_webhooks (
	organization_id TEXT NOT NULL,
	id              TEXT NOT NULL,
	document        TEXT,             -- the API's JSON; null if deleted
	change          INTEGER NOT NULL UNIQUE,
	deleted_at      INTEGER,          -- Unix seconds
	PRIMARY KEY (organization_id, id),
	CHECK ((document IS NULL) = (deleted_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX hookfilter_deleted ON hookfilter_webhooks (deleted_at) WHERE deleted_at IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER hookfilter_inserted AFTER INSERT ON hookfilter_webhooks BEGIN
	UPDATE hookfilter_changes SET last = max(last, NEW.change);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hookfilter_updated AFTER UPDATE ON hookfilter_webhooks BEGIN
	UPDATE hookfilter_changes SET last = max(last, NEW.change);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER hookfilter_purged AFTER DELETE ON hookfilter_webhooks BEGIN
	UPDATE hookfilter_changes SET purged = max(purged, OLD.change);
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE hookfilter_webhooks;
DROP TABLE hookfilter_changes;
