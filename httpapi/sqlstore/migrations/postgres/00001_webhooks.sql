-- +goose Up

-- One row: the id of the database, the number of the last change, and the highest number of a
-- purged deletion. Every writer first increments the column "last", in the same transaction as the
-- webhook. The lock on the row makes the next writer wait until this change is visible.
CREATE TABLE hookfilter_changes (
	one         boolean PRIMARY KEY DEFAULT true CHECK (one),
	database_id text NOT NULL DEFAULT gen_random_uuid()::text,
	last        bigint NOT NULL DEFAULT 0,
	purged      bigint NOT NULL DEFAULT 0
);
INSERT INTO hookfilter_changes DEFAULT VALUES;

-- The row of a deleted webhook stays for a while, without its document, for feeds.
CREATE TABLE hookfilter_webhooks (
	organization_id uuid NOT NULL,
	id              uuid NOT NULL,
	document        text,            -- the API's JSON; null if deleted
	change          bigint NOT NULL UNIQUE,
	deleted_at      timestamptz,
	PRIMARY KEY (organization_id, id),
	CHECK ((document IS NULL) = (deleted_at IS NOT NULL))
);
CREATE INDEX ON hookfilter_webhooks (deleted_at) WHERE deleted_at IS NOT NULL;

-- +goose Down
DROP TABLE hookfilter_webhooks, hookfilter_changes;
