package live

import "github.com/hookfilter/hookfilter/filter/internal/wildcard"

// entry is a pattern and its posting list.
type entry[V comparable] struct {
	pattern  wildcard.Pattern
	postings trie[posting[V]]
}

// posting is a value that has a pattern.
type posting[V comparable] struct {
	tags  Tags   // not 0
	slot  uint32 // 0 if the value has no other key
	value V
}

// postings describes posting lists. Queries read them whole, so leaves are large. The items do
// not store their hash, since only dividing a leaf needs it.
func postings[V comparable]() kind[posting[V]] {
	return kind[posting[V]]{maxLeaf: 256, hash: func(p posting[V]) uint64 { return hashValue(p.value) }}
}

// entries is a set of entries by the hash of their key.
type entries[V comparable] = trie[pointer[entry[V]]]

// bucket holds the entries under a trigram.
type bucket[V comparable] struct {
	trigram trigram
	entries entries[V]
}

func buckets[V comparable]() kind[bucket[V]] {
	return kind[bucket[V]]{maxLeaf: 32, hash: func(b bucket[V]) uint64 { return b.trigram.hash() }}
}

// hasKey returns a function that reports whether an entry has the pattern of k.
func hasKey[V comparable](k *key) func(*pointer[entry[V]]) bool {
	return func(e *pointer[entry[V]]) bool { return e.hash == k.hash && e.to.pattern.Text() == k.pattern.Text() }
}

// findEntry returns the entry with the pattern of k, or nil.
func findEntry[V comparable](t *entries[V], k *key) *entry[V] {
	items := t.find(k.hash)
	if i := indexFunc(items, hasKey[V](k)); i >= 0 {
		return items[i].to
	}
	return nil
}

// withPosting returns t with p in the entry of k, and reports whether the entry is new.
func withPosting[V comparable](t entries[V], k *key, p posting[V]) (after entries[V], added bool) {
	e := entry[V]{pattern: k.pattern}
	old := findEntry(&t, k)
	if old != nil {
		e = *old
	}
	e.postings = postings[V]().with(e.postings, p, never)
	return pointers[entry[V]]().with(t, pointer[entry[V]]{k.hash, &e}, hasKey[V](k)), old == nil
}

// withoutPosting returns t without the posting of v in the entry of k, and that posting. It also
// removes the entry if no posting is left, and reports whether it removed the entry.
func withoutPosting[V comparable](t entries[V], k *key, v V) (after entries[V], p posting[V], removed bool) {
	e := *findEntry(&t, k)
	e.postings, p = postings[V]().without(e.postings, hashValue(v), func(p *posting[V]) bool { return p.value == v })
	if e.postings.isEmpty() {
		after, _ = pointers[entry[V]]().without(t, k.hash, hasKey[V](k))
		return after, p, true
	}
	return pointers[entry[V]]().with(t, pointer[entry[V]]{k.hash, &e}, hasKey[V](k)), p, false
}

// never is a condition for kind.with under which no item is replaced.
func never[T any](*T) bool { return false }
