// Package sqlstore keeps the webhooks of organizations in PostgreSQL or SQLite.
//
// A [Store] is an httpapi.Store and httpapi.Lister, and is written with Put and
// Delete. A [Feed] is a filter.Index in this process that follows the database:
//
//	store, err := sqlstore.Open(ctx, "postgres://user@host/db") // or "sqlite:webhooks.db"
//	feed, err := store.Follow(ctx)
//	fired := feed.Index().AppendMatches(nil, organizationID, event)
//
// # Changes
//
// Put and Delete number their change, and a higher number is never visible before a
// lower one: each takes its number from one counter row, under a lock that it holds
// until it is committed. So all changes up to a number are there when that number
// is, which a sequence would not give (its numbers 1 and 2 can be committed as 2
// and 1), and writers of one database wait for each other. Numbers may have gaps.
//
// Write by Put and Delete alone: of a row that was changed by other means no follower
// knows.
package sqlstore
