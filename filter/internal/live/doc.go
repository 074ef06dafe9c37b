// Package live is an index of patterns that changes while it is read. It knows nothing of
// webhooks, event types or modes: an [Item] has an id, patterns, tags and a value. A query returns
// the values of a group that share a tag with it and have a pattern that matches its name.
//
// A value is compared and hashed, and never looked into: it is handed out to callers, who may
// change what it points to. What a writer needs in order to remove a value is in its item.
//
// # Structure
//
// The values of a group are a [set]. Here a has "checkout", b has "check*" and "*-api*", and c
// has "*"; testdata/set.golden shows a larger set as a test prints it:
//
//	set ─┬─ literals ─┬─ exact "checkout" ── entry checkout ── posting a
//	     │            └─ prefix "check" ──── entry check* ──── posting b, slot 1
//	     ├─ trigrams ─── "api" ───────────── entry *-api* ──── posting b, slot 1
//	     ├─ matchAll ─── a list of c for each of its tags
//	     ├─ bloom ────── the hashes of "checkout", "check" and "api"
//	     └─ values ───── the items of a, b and c, by id
//
// That is an inverted index. The [key] of a pattern leads to its [entry], and the entry has a
// posting list: the values that have the pattern, with their tags. Exact patterns are found by the
// hash of the whole name, prefixes and suffixes by hashes of its beginnings and ends. All others
// are found by trigrams that the name must contain, so they are candidates until they match. A
// value with several keys has a slot, so that a query returns it once.
//
// Literals, trigrams, entries under a trigram, posting lists, lists of match-all values, and
// items are each a [trie]. A [directory] finds the set of a group.
//
// A query of "Checkout-API" folds the name to "checkout-api". It looks up "check", since the set
// has a prefix of that length, but not the whole name, which is longer than every literal. The
// set has one trigram, "api", which it finds in the name. In a set with many trigrams, it would
// look up each trigram of the name. The Bloom filter rules out most beginnings and trigrams that
// are not in the set.
//
// # Concurrency
//
// What a reader can see does not change, except that bits of a Bloom filter are set. A writer
// copies the set and the nodes on the path to its change, and stores a pointer. So readers take
// no lock and work on one snapshot; the garbage collector frees what is replaced. Writers exclude
// each other.
//
// For example, v with "check*" and "*-api*" replaces u, which has "check*" and "x":
//
//  1. The writer compiles the patterns of v, takes the lock, and loads the set S of the group.
//  2. In a copy of S it removes u, whose item tells the patterns: the posting in entry check*,
//     and entry x with its last posting. The slot of u is free again.
//  3. It adds v, which takes the slot: a posting in entry check*, and one in entry *-api*.
//  4. It copies the page of the group in the directory with the new set, and stores it.
//
// A reader finds u before step 4, and v after it. [Index.Replace] changes many values with one
// step 4. It builds the set before it takes the lock, in bulk if most values are new.
//
// # Rejected
//
//   - Tables that change in place, with a history from which readers repair what they read:
//     as fast for one large group, 2.4 kB for a group of one value, and hard to reason about.
//   - Reference counts or hazard pointers instead of the garbage collector: Puts were no faster.
//   - A trie of groups instead of the directory: four dependent loads instead of two.
//   - Leaves that neighbouring children share, with room behind the items that a Put fills:
//     a third less garbage, but an invariant about memory that two snapshots share.
//   - Testing the tags of postings without branches, reading leaves ahead, and a signature of
//     letters for each pattern: faster only beyond 10,000 webhooks of one organization.
//   - Only one of bloom and lengths: 2 to 4 times slower at 100 webhooks of one organization.
//   - One list of match-all values, filtered by tag: 2.5 times slower at 10,000 webhooks.
//   - A rolling hash of all beginnings of a name: a hash of our own is easily attacked.
package live
