-- +goose Up

-- One row: whose database this is, the last change's number, and up to which number
-- deletions are forgotten. Whoever writes a webhook updates last first and in the same
-- transaction, so the row's lock lets the next number out when this one is visible.
CREATE TABLE hookfilter_changes (
	one         boolean PRIMARY KEY DEFAULT true CHECK (one),
	database_id text NOT NULL DEFAULT gen_random_uuid()::text,
	last        bigint NOT NULL DEFAULT 0,
	purged      bigint NOT NULL DEFAULT 0
);
INSERT INTO hookfilter_changes DEFAULT VALUES;

-- A deleted webhook's row stays for a while without its document, for the followers.
CREATE TABLE hookfilter_webhooks (
	organization_id uuid NOT NULL,
	id              uuid NOT NULL,
	document        text,            -- the API's JSON, as it came
	change          bigint NOT NULL UNIQUE,
	deleted_at      timestamptz,
	PRIMARY KEY (organization_id, id),
	CHECK ((document IS NULL) = (deleted_at IS NOT NULL))
);
CREATE INDEX ON hookfilter_webhooks (deleted_at) WHERE deleted_at IS NOT NULL;

-- +goose Down
DROP TABLE hookfilter_webhooks, hookfilter_changes;
