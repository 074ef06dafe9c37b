package live

import (
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// ID is the id of a value or of a group of values.
type ID = [16]byte

// Index finds values by the patterns that they have: those of a group that have a
// pattern which matches a name. The zero Index is empty and ready for use.
type Index[V comparable] struct {
	writing sync.Mutex
	groups  directory[V]
	len     atomic.Int64
}

// Form says what an Index has to know of its values.
type Form[V comparable] struct {
	id      func(V) ID
	entries func(V) []string
	tags    func(V) Tags
	kinds   kinds[V]
}

// NewForm returns the form of values that have an id, apart within a group; entries, of
// which each is valid and none means that every name is matched; and tags, of which no
// two are in one query. None of them ever changes.
func NewForm[V comparable](id func(V) ID, entries func(V) []string, tags func(V) Tags) *Form[V] {
	return &Form[V]{id, entries, tags, kinds[V]{
		values:   kind[held[V]]{most: 32, hash: func(h *held[V]) uint64 { return h.hash }},
		literals: kind[ref[V]]{most: 32, hash: func(r *ref[V]) uint64 { return r.hash }},
		grams:    kind[filed[V]]{most: 16, hash: func(f *filed[V]) uint64 { return f.gram.hash() }},
		postings: kind[posting[V]]{most: 256, hash: func(p *posting[V]) uint64 { return hashID(id(p.value)) }},
		list:     kind[V]{most: 256, hash: func(v *V) uint64 { return hashID(id(*v)) }},
	}}
}

// kinds are the kinds of tries.
type kinds[V comparable] struct {
	values   kind[held[V]]
	literals kind[ref[V]]
	grams    kind[filed[V]]
	postings kind[posting[V]]
	list     kind[V]
}

// item is a value, ready to be put.
type item[V comparable] struct {
	value  V
	id     ID
	hash   uint64 // of the id
	tags   Tags
	places []place
}

// item returns v, with its patterns compiled by wildcard.Compile or, to be taken out,
// wildcard.Parse.
func (f *Form[V]) item(v V, compile func(string) wildcard.Pattern) item[V] {
	id := f.id(v)
	return item[V]{v, id, hashID(id), f.tags(v), placesOf(f.entries(v), compile)}
}

var idSeed = maphash.MakeSeed()

func hashID(id ID) uint64 { return maphash.Bytes(idSeed, id[:]) }

// set returns the values of a group, nil if it has none.
func (x *Index[V]) set(group ID) *set[V] { return x.groups.find(hashID(group), group) }

// Put adds a value to a group, or replaces the one that has its id.
func (x *Index[V]) Put(f *Form[V], group ID, v V) {
	it := f.item(v, wildcard.Compile)
	x.writing.Lock()
	defer x.writing.Unlock()
	e := x.edit(f, group)
	e.put(&it)
	e.publish()
}

// Delete removes a value of a group, and reports whether it was there.
func (x *Index[V]) Delete(f *Form[V], group, id ID) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	e := x.edit(f, group)
	if !e.remove(id) {
		return false
	}
	e.publish()
	return true
}

// Replace makes values the values of a group, which readers see all at once. Of
// values that have the same id the last counts. What equal reports to be the same
// as what is there is left as it is, as are values that are not there and that keep
// reports.
func (x *Index[V]) Replace(f *Form[V], group ID, values []V, equal func(old, v V) bool, keep func(ID) bool) {
	wanted := make(map[ID]V, len(values))
	for _, v := range values {
		wanted[f.id(v)] = v
	}
	// What is there already is not compiled, unless somebody changes it meanwhile.
	items := make(map[ID]item[V])
	for id, v := range wanted {
		if old, ok := x.Get(f, group, id); !ok || !equal(old, v) {
			items[id] = f.item(v, wildcard.Compile)
		}
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	e := x.edit(f, group)
	for old := range x.All(group) {
		id := f.id(old)
		switch v, ok := wanted[id]; {
		case ok && equal(old, v):
			delete(wanted, id)
		case !ok && !keep(id):
			e.remove(id)
		}
	}
	for id, v := range wanted {
		it, ok := items[id]
		if !ok {
			it = f.item(v, wildcard.Compile)
		}
		e.put(&it)
	}
	e.publish()
}

// edit is a change of a group that nobody sees yet.
type edit[V comparable] struct {
	index *Index[V]
	form  *Form[V]
	set   *set[V]
	more  int64 // values than before
}

func (x *Index[V]) edit(f *Form[V], group ID) edit[V] {
	s := x.set(group)
	if s == nil {
		s = &set[V]{id: group}
	}
	return edit[V]{x, f, s, 0}
}

// put adds an item, or replaces the value that has its id.
func (e *edit[V]) put(it *item[V]) {
	v, ok := e.set.find(it.hash, it.id, e.form.id)
	if !ok {
		e.set = e.set.with(&e.form.kinds, it, nil)
		e.more++
		return
	}
	old := e.form.item(v, wildcard.Parse)
	e.set = e.set.with(&e.form.kinds, it, &old)
}

// remove takes out the value of an id, and reports whether it was there.
func (e *edit[V]) remove(id ID) bool {
	v, ok := e.set.find(hashID(id), id, e.form.id)
	if ok {
		old := e.form.item(v, wildcard.Parse)
		e.set = e.set.without(&e.form.kinds, &old)
		e.more--
	}
	return ok
}

// publish makes the change what readers see.
func (e *edit[V]) publish() {
	groups, hash := &e.index.groups, hashID(e.set.id)
	switch {
	case !e.set.values.isEmpty():
		groups.put(hash, e.set)
	case groups.find(hash, e.set.id) != nil:
		groups.remove(hash, e.set.id)
	}
	e.index.len.Add(e.more)
}

// Get returns the value of an id in a group, and false if it is not there.
func (x *Index[V]) Get(f *Form[V], group, id ID) (V, bool) {
	s := x.set(group)
	if s == nil {
		var none V
		return none, false
	}
	return s.find(hashID(id), id, f.id)
}

// Append appends to dst the values of a group that have one of the tags and a
// pattern which matches the name, each once, in no particular order.
func (x *Index[V]) Append(dst []V, group ID, name string, tags Tags) []V {
	s := x.set(group)
	if s == nil || s.tags&tags == 0 {
		return dst
	}
	q := newQuery(name, tags, s.slots)
	dst = s.append(dst, q)
	q.release()
	return dst
}

// All returns an iterator over the values that a group has when the loop starts.
func (x *Index[V]) All(group ID) iter.Seq[V] {
	return func(yield func(V) bool) {
		s := x.set(group)
		if s == nil {
			return
		}
		for values := range s.values.leaves {
			for i := range values {
				if !yield(values[i].value) {
					return
				}
			}
		}
	}
}

// Groups returns an iterator over the groups that have values, each at most once. A
// group that has values as long as the loop lasts is among them.
func (x *Index[V]) Groups() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		x.groups.all(func(s *set[V]) bool { return yield(s.id) })
	}
}

// Len returns the number of values of all groups.
func (x *Index[V]) Len() int { return int(x.len.Load()) }
