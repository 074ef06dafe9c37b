package live

import "github.com/hookfilter/hookfilter/filter/internal/wildcard"

// entry is a pattern and its posting list.
type entry[V comparable] struct {
	pattern  wildcard.Pattern
	postings trie[posting[V]]
}

// posting is a value that has a pattern.
type posting[V comparable] struct {
	tags  Tags // not 0
	slot  uint32
	value V
}

// postings is the kind of posting lists. They are read whole, so their leaves are larger than
// the leaves of other tries. The hash is not stored, since it is only needed to divide a leaf.
func postings[V comparable]() kind[posting[V]] {
	return kind[posting[V]]{maxLeaf: 256, hash: func(p posting[V]) uint64 { return hashValue(p.value) }}
}

// entries is a set of entries, by the hash of their key.
type entries[V comparable] = trie[pointer[entry[V]]]

// bucket is the entries under a trigram.
type bucket[V comparable] struct {
	trigram trigram
	entries entries[V]
}

func buckets[V comparable]() kind[bucket[V]] {
	return kind[bucket[V]]{maxLeaf: 32, hash: func(b bucket[V]) uint64 { return b.trigram.hash() }}
}

// hasKey returns a function that reports whether an entry is that of a key.
func hasKey[V comparable](k *key) func(*pointer[entry[V]]) bool {
	return func(e *pointer[entry[V]]) bool { return e.hash == k.hash && e.to.pattern.Text() == k.pattern.Text() }
}

// findEntry returns the entry of a key, or nil.
func findEntry[V comparable](t *entries[V], k *key) *entry[V] {
	items := t.find(k.hash)
	if i := indexFunc(items, hasKey[V](k)); i >= 0 {
		return items[i].to
	}
	return nil
}

// withPosting returns t with a posting in the entry of a key, and reports whether it has made
// the entry.
func withPosting[V comparable](t entries[V], k *key, p posting[V]) (after entries[V], made bool) {
	e := entry[V]{pattern: k.pattern}
	old := findEntry(&t, k)
	if old != nil {
		e = *old
	}
	e.postings = postings[V]().with(e.postings, p, never)
	return pointers[entry[V]]().with(t, pointer[entry[V]]{k.hash, &e}, hasKey[V](k)), old == nil
}

// withoutPosting returns t without the posting of a value in the entry of a key, and the posting.
// It removes an entry with its last posting, and reports whether it did.
func withoutPosting[V comparable](t entries[V], k *key, v V) (after entries[V], p posting[V], removed bool) {
	e := *findEntry(&t, k)
	e.postings, p = postings[V]().without(e.postings, hashValue(v), func(p *posting[V]) bool { return p.value == v })
	if e.postings.isEmpty() {
		after, _ = pointers[entry[V]]().without(t, k.hash, hasKey[V](k))
		return after, p, true
	}
	return pointers[entry[V]]().with(t, pointer[entry[V]]{k.hash, &e}, hasKey[V](k)), p, false
}

// never reports that no item is replaced.
func never[T any](*T) bool { return false }
