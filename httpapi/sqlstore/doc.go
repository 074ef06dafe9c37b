// Package sqlstore stores the webhooks of organizations in PostgreSQL or SQLite.
//
// A [Store] implements httpapi.Store, and has Put and Delete. A [Feed] keeps a filter.Index of
// this process equal to the database:
//
//	store, err := postgres.Open(ctx, "postgres://user@host/db") // or sqlite.Open(ctx, "sqlite:webhooks.db")
//	feed, err := store.Follow(ctx)
//	fired := feed.Index().AppendMatches(nil, organizationID, event)
//
// This package imports no driver. The packages postgres and sqlite do; their Open functions open
// and migrate a database. A program that opens the database itself uses [New] and [Migrate].
//
// # Revisions
//
// Put and Delete number each change with a revision. Revisions become visible in their order: when
// a reader sees a revision, it also sees all changes before. To that end each change takes its
// revision from one counter row, which it locks until it is committed. (A database sequence has no
// such order, since number 2 may be committed before number 1.) So the writers of a database wait
// for each other. Revisions may have gaps.
//
// Write only with Put and Delete. A feed does not see other changes to rows.
//
// # Rights
//
// A PostgreSQL role that uses tables that another role has migrated needs SELECT on
// hookfilter_migrations, SELECT and UPDATE on hookfilter_changes, and SELECT, INSERT, UPDATE and
// DELETE on hookfilter_webhooks.
package sqlstore
