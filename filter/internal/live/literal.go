package live

import "github.com/hookfilter/hookfilter/filter/internal/wildcard"

// ref is a literal and the hash of its place, which tells it from most others. Of a
// literal that is filed under a gram the lower half of the hash is its letters.
type ref[V comparable] struct {
	hash uint64
	*literal[V]
}

func (r *ref[V]) letters() letters { return letters(r.hash) }

// literal is a pattern, and the values that have it: its postings.
type literal[V comparable] struct {
	pattern wildcard.Pattern
	first   posting[V]       // most patterns have one value
	more    trie[posting[V]] // the others
}

// posting is one value of a pattern.
type posting[V comparable] struct {
	tags  Tags
	slot  uint32 // tells values of several patterns apart; 0 for a value of one
	value V
}

// with returns l with p added, the posting of a value with that hash.
func (l literal[V]) with(k *kinds[V], hash uint64, p posting[V]) literal[V] {
	if l.first.tags == 0 {
		l.first = p
		return l
	}
	l.more = l.more.with(&k.postings, hash, p, never)
	return l
}

// without returns l without the posting of v, and that. Without its last posting,
// the tags of first are 0.
func (l literal[V]) without(k *kinds[V], hash uint64, v V) (literal[V], posting[V]) {
	gone := l.first
	switch {
	case gone.value != v:
		l.more, gone = take(k, l.more, hash, v)
	case l.more.isEmpty():
		l.first = posting[V]{}
	default:
		for items := range l.more.leaves {
			l.more, l.first = take(k, l.more, k.postings.hash(&items[0]), items[0].value)
			break
		}
	}
	return l, gone
}

// take returns the postings without that of v, and that.
func take[V comparable](k *kinds[V], postings trie[posting[V]], hash uint64, v V) (trie[posting[V]], posting[V]) {
	return postings.without(&k.postings, hash, func(p *posting[V]) bool { return p.value == v })
}

// addTo returns t with the posting p at a place.
func addTo[V comparable](k *kinds[V], t trie[ref[V]], at *place, hash uint64, p posting[V]) trie[ref[V]] {
	l := literal[V]{pattern: at.pattern}
	if found := literalAt(&t, at); found != nil {
		l = *found
	}
	l = l.with(k, hash, p)
	return t.with(&k.literals, at.hash, ref[V]{at.hash, &l}, is[V](at))
}

// removeFrom returns t without the posting of v at a place, and that.
func removeFrom[V comparable](k *kinds[V], t trie[ref[V]], at *place, hash uint64, v V) (trie[ref[V]], posting[V]) {
	l, gone := literalAt(&t, at).without(k, hash, v)
	if l.first.tags == 0 {
		t, _ = t.without(&k.literals, at.hash, is[V](at))
	} else {
		t = t.with(&k.literals, at.hash, ref[V]{at.hash, &l}, is[V](at))
	}
	return t, gone
}

// literalAt returns the literal at a place, or nil.
func literalAt[V comparable](t *trie[ref[V]], at *place) *literal[V] {
	items := t.find(at.hash)
	if i := indexFunc(items, is[V](at)); i >= 0 {
		return items[i].literal
	}
	return nil
}

// is returns a function that reports whether a literal is that of the place.
func is[V comparable](at *place) func(*ref[V]) bool {
	return func(r *ref[V]) bool { return r.hash == at.hash && r.pattern.Text() == at.pattern.Text() }
}
