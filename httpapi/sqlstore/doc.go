// Package sqlstore stores the webhooks of organizations in PostgreSQL or SQLite.
//
// A [Store] is an httpapi.Store, and is written with Put and
// Delete. A [Feed] is a filter.Index in this process that follows the database:
//
//	store, err := postgres.Open(ctx, "postgres://user@host/db") // or sqlite.Open(ctx, "sqlite:webhooks.db")
//	feed, err := store.Follow(ctx)
//	fired := feed.Index().AppendMatches(nil, organizationID, event)
//
// This package imports no driver. The packages postgres and sqlite do, and their Open functions
// open and migrate a database. A program that opens it itself uses [New] and [Migrate].
//
// # Revisions
//
// Put and Delete number their change, and a higher revision is never visible before a
// lower one: each takes its revision from one counter row, under a lock that it holds
// until it is committed. So all changes up to a revision are there when that revision
// is, which a sequence would not give (its numbers 1 and 2 can be committed as 2
// and 1), and writers of one database wait for each other. Revisions may have gaps.
//
// Use only Put and Delete to write: a feed does not see rows that were changed by other means.
//
// # Rights
//
// A role of PostgreSQL that only uses the tables, after another one has migrated them, needs SELECT
// on hookfilter_migrations, SELECT and UPDATE on hookfilter_changes, and SELECT, INSERT, UPDATE and
// DELETE on hookfilter_webhooks.
package sqlstore
