// Package live finds values by patterns while they change: for a name, the values of
// a group that have a pattern which matches it. It knows nothing of webhooks, types
// or modes. A value comes in an [Item], with an id, patterns and tags. A query returns the
// values that share a tag with it and have a pattern that matches its name.
//
// The package compares and hashes values, but never reads what they point to, since
// callers get the values and may change that. A writer removes a value by its item,
// which callers never get, and finds its postings by the hash of the value.
//
// # One idea
//
// What a reader can see never changes. A group's values are a [set], which is
// immutable; a page of the [directory] holds pointers to sets, and is immutable too; a
// directory's slot is an atomic pointer to a page. A writer makes a new set, which
// shares with the old one all but the path to the change, and a new page that has
// it, and stores the page's pointer. A reader that has loaded a set sees one moment:
// each value once, in one version, however long it reads and whatever is written. So
// there is no lock, no counter and no retry in a reader, and what nobody sees any
// more is the garbage collector's. Writers exclude each other.
//
// There is one exception: the [marks] of a set, which say of most names that they are not
// in it, are shared with the next sets, and get more. A mark too many makes a reader look
// once more, and find nothing.
//
// # One Put
//
// Value v of group g has the patterns "check*" and "*-api*", and replaces u, which
// has "check*" and "x". The writer, who has compiled the patterns of v beforehand:
//
//  1. takes the lock, and loads the set of g, S;
//  2. makes S' from S without u, whose patterns are in its item: it removes u's posting
//     from the literal "check", removes the literal "x" with its last posting, and frees
//     u's slot;
//  3. makes S" of S' with v: v takes the slot, gets a posting at the literal "check",
//     and one at the literal "*-api*", which is filed under the gram "api";
//  4. copies the page of g with S" in the place of S, stores its pointer, and
//     returns the lock.
//
// A reader beside it loads the page before the store of step 4 and finds u, or
// after it and finds v. It finds neither S' nor both. Replace does steps 2 and 3 for
// all that changes, and step 4 once.
//
// # In memory
//
// A group of three values, a with "checkout", b with "check*" and "*-api*", and c with
// "*"; T, U and V are their tags:
//
//	set  marks    ─── of the hashes of "checkout", "check*" and "api"
//	     literals ─── "checkout"  hash  first T,0,a
//	              └── "check*"    hash  first U,1,b     slot 1: b is in two places
//	     grams    ─── "api" ─ "*-api*"  first U,1,b
//	     every    ─── V,0,c                             every name finds it
//	     values   ─── hash of an id, a, its item; …     by id
//
// The last four are each a [trie]: a leaf with the items while they are few, and inner
// nodes by the bits of their hashes when they are more. A leaf has the hashes next to
// each other and pointers to the literals, so that a search reads little. A Put that
// adds to a leaf copies the nodes on the way to it, 128 bytes each, and not the leaf:
// behind its items is room that no reader of the old leaf looks at.
//
// A query of "Checkout-API" folds the name to "checkout-api" and looks up what may be
// there: its beginning of 5 bytes in literals, since the set has a prefix of that size and
// one that ends with "k", and not the whole name, which is longer than any of them. It looks
// for "api", the only gram, in the name; where the set has many, it looks up "che", "hec" …
// "api" in grams. Before each look-up it asks the marks, which most likely know nothing of
// "hec". It finds b twice, and knows by the bit of slot 1 that it has it already.
//
// # What was tried, or rejected
//
//   - Tables that a writer changes in place, with a history from which a reader
//     repairs what it has read meanwhile: as fast for readers of one large group, and
//     five ideas of concurrency instead of one. A group of one value took 2.4 kB.
//   - Reference counts or epochs: what Go's collector does anyhow.
//   - One root pointer and a trie of groups below it: every reader sees all groups
//     at one moment, but a search takes four dependent accesses to memory that no
//     cache has, where the directory takes two.
//   - Leaves that are copied whole, one for each kid: a Put made 16 kB of garbage among
//     100,000 values, not the 10 of then, and readers beside it had half the speed.
//   - Marks in each leaf, and in each node above it, which never change either: a search
//     had to go down to a leaf to read them, a Put copied them, and a third of a leaf's
//     marks were set. An event of one of 10,000 groups of 100 took a third longer.
//   - Using nodes and leaves again when no reader can have them any more: half the garbage,
//     but a Put was no faster, and each reader has to say when it comes and goes.
//   - Judging all grams of a name first, without a branch, and looking up those that may
//     be there after it: no faster.
//   - Leaves to which a removal is added as an item, in the room behind the others: half the
//     garbage, but a reader judges what is gone too, and beside a writer judges a fifth fewer
//     events among 1,000,000 values.
//   - Shorter leaves for postings: a third less garbage among 1,000,000 values, and 1.3 to 2
//     times slower to read.
//   - A list of all values of small groups, judged one by one: as fast as a trie's leaf,
//     and a second way to find.
//   - Hashing each beginning of a name byte by byte: needs a hash of our own, of
//     which sets of names that collide are easily made.
package live
