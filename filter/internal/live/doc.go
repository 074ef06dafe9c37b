// Package live is an index of patterns that changes while it is read. It knows nothing of
// webhooks, event types or modes: an [Item] has an id, patterns, tags and a value. A query returns
// the values of a group that share a tag with it and have a pattern that matches its name, or no
// patterns at all.
//
// An [Index] compares and hashes values but never dereferences them, because callers may change
// the targets of returned pointers. To remove a value, a writer reads only its item.
//
// # Structure
//
// A group has a [set]: an inverted index of its values. Here a has the pattern "checkout", b has
// "check*" and "*-api*", and c has no patterns; testdata/set.golden shows a larger set:
//
//	set ─┬─ literals ─┬─ exact "checkout" ── entry checkout ── posting a
//	     │            └─ prefix "check" ──── entry check* ──── posting b, slot 1
//	     ├─ trigrams ─── "api" ───────────── entry *-api* ──── posting b, slot 1
//	     ├─ matchAll ─── one list for each tag of c
//	     ├─ bloom ────── the hashes of "checkout", "check" and "api"
//	     └─ values ───── the items of a, b and c, by id
//
// The [key] of a pattern leads to its [entry]. The entry's posting list has the values with the
// pattern, and their tags. Exact patterns are found by the hash of the whole name, prefixes and
// suffixes by hashes of its beginnings and ends. Any other pattern is found by a trigram that the
// name must contain, and then has to match. A value with several keys has a slot, by which a query
// notices that it has already returned the value.
//
// Literals, trigrams, the entries under a trigram, posting lists, match-all lists and items are
// each stored in a [trie]. A [directory] finds the set of a group.
//
// A query for "Checkout-API" folds the name to "checkout-api". It looks up "check", since the set
// has a prefix of that length, but not the whole name, which is longer than every literal. It
// finds the only trigram of the set, "api", in the name. If a set has many trigrams, a query looks
// up each trigram of the name. The Bloom filter rules out most look-ups that would find nothing.
//
// # Concurrency
//
// What a reader can see is immutable, except that a writer may set bits of a Bloom filter. A writer
// copies the set, the nodes on the path to its change and the page of the group in the directory,
// and then stores the copy of the page. So readers take no lock and work on one snapshot of a
// group, and the garbage collector frees old nodes. Writers take a lock.
//
// For example, v with "check*" and "*-api*" replaces u, which has "check*" and "x":
//
//  1. The writer compiles the patterns of v, takes the lock, and loads the set of the group.
//  2. In a copy of the set it removes u: its posting in entry check*, and entry x with its only
//     posting. The slot of u is free again.
//  3. It adds v, which takes the slot: a posting in entry check*, and one in entry *-api*.
//  4. It copies the page of the group in the directory with the new set, and stores the copy.
//
// A reader finds u before step 4, and v after it. [Index.Replace] changes many values, and does
// step 4 only once. It builds the set before it takes the lock, in bulk if most values change.
//
// # Rejected designs
//
//   - Tables that change in place, with a history from which readers correct their results: as
//     fast for one large group, but 2.4 kB for a group of one value, and hard to reason about.
//   - Reference counts or hazard pointers instead of the garbage collector: Put was no faster.
//   - A trie of groups instead of the directory: four dependent loads instead of two.
//   - Leaves with spare room, shared by neighbouring children: a third less garbage, but two
//     snapshots share memory that a Put writes.
//   - Branch-free tests of tags, prefetching of leaves, and a letter signature for each pattern:
//     faster only beyond 10,000 webhooks of one organization.
//   - Only the Bloom filter, or only the sets of literal lengths: 2 to 4 times slower at 100
//     webhooks of one organization.
//   - One list of match-all values, filtered by tag: 2.5 times slower at 10,000 webhooks.
//   - A rolling hash for all beginnings of a name: easily attacked, unlike hash/maphash.
package live
