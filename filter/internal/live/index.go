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

// Index finds the values of a group that have a pattern which matches a name. It
// compares and hashes values, but never reads what they point to. The zero Index is
// empty and ready for use.
type Index[V comparable] struct {
	writing sync.Mutex
	kinds   *kinds[V] // made by the first writer
	groups  directory[V]
	len     atomic.Int64
}

// Item is a value, and what an Index needs to know of it. It must not change once it is
// put.
type Item[V comparable] struct {
	ID      ID       // unique in its group
	Digest  uint64   // hash of the value's content; Replace compares it
	Entries []string // valid patterns; if there are none, every name is matched
	Tags    Tags     // any query has at most one of them
	Value   V        // unique in its group
}

// compiled is an item with its hashes and its compiled patterns.
type compiled[V comparable] struct {
	*Item[V]
	idHash    uint64
	valueHash uint64
	places    []place
}

// compile returns it with its patterns compiled by pattern, which is wildcard.Compile,
// or wildcard.Parse if the item is to be removed.
func compile[V comparable](it *Item[V], pattern func(string) wildcard.Pattern) compiled[V] {
	return compiled[V]{it, hashID(it.ID), hashValue(it.Value), placesOf(it.Entries, pattern)}
}

// kinds are the kinds of tries.
type kinds[V comparable] struct {
	values   kind[held[V]]
	literals kind[ref[V]]
	grams    kind[filed[V]]
	postings kind[posting[V]]
	list     kind[V]
}

func newKinds[V comparable]() *kinds[V] {
	return &kinds[V]{
		values:   kind[held[V]]{most: 32, hash: func(h *held[V]) uint64 { return h.hash }},
		literals: kind[ref[V]]{most: 32, hash: func(r *ref[V]) uint64 { return r.hash }},
		grams:    kind[filed[V]]{most: 16, hash: func(f *filed[V]) uint64 { return f.gram.hash() }},
		postings: kind[posting[V]]{most: 256, hash: func(p *posting[V]) uint64 { return hashValue(p.value) }},
		list:     kind[V]{most: 256, hash: func(v *V) uint64 { return hashValue(*v) }},
	}
}

var idSeed, valueSeed = maphash.MakeSeed(), maphash.MakeSeed()

func hashID(id ID) uint64 { return maphash.Bytes(idSeed, id[:]) }

// hashValue returns the hash by which a posting is found. It needs neither the id of
// the value nor what the value points to.
func hashValue[V comparable](v V) uint64 { return maphash.Comparable(valueSeed, v) }

// set returns the values of a group, nil if it has none.
func (x *Index[V]) set(group ID) *set[V] { return x.groups.find(hashID(group), group) }

// Put adds an item to a group, or replaces the one that has its id.
func (x *Index[V]) Put(group ID, it *Item[V]) {
	c := compile(it, wildcard.Compile)
	x.writing.Lock()
	defer x.writing.Unlock()
	e := x.edit(group)
	e.put(&c)
	e.publish()
}

// Delete removes a value of a group, and reports whether it was there.
func (x *Index[V]) Delete(group, id ID) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	e := x.edit(group)
	old := e.set.find(id)
	if old == nil {
		return false
	}
	e.remove(old)
	e.publish()
	return true
}

// Replace makes the keys of digests the ids of a group. Readers see the whole change at
// once. An item that already has the digest of its id stays. newItem returns the other
// items, and may be called twice for the same id.
func (x *Index[V]) Replace(group ID, digests map[ID]uint64, newItem func(ID) *Item[V]) {
	// Compiling is slow, so it is done before taking the lock. An unchanged item is
	// compiled only if another writer changes it in the meantime.
	ready := make(map[ID]compiled[V])
	before := x.set(group)
	for id, digest := range digests {
		if !before.has(id, digest) {
			ready[id] = compile(newItem(id), wildcard.Compile)
		}
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	e := x.edit(group)
	for items := range e.set.values.leaves {
		for i := range items {
			if _, ok := digests[items[i].ID]; !ok {
				e.remove(items[i].Item)
			}
		}
	}
	for id, digest := range digests {
		if e.set.has(id, digest) {
			continue
		}
		c, ok := ready[id]
		if !ok {
			c = compile(newItem(id), wildcard.Compile)
		}
		e.put(&c)
	}
	e.publish()
}

// edit is a change of a group that is not published yet.
type edit[V comparable] struct {
	index *Index[V]
	set   *set[V]
	more  int64 // values than before
}

// edit begins a change. The caller holds the lock.
func (x *Index[V]) edit(group ID) edit[V] {
	if x.kinds == nil {
		x.kinds = newKinds[V]()
	}
	s := x.set(group)
	if s == nil {
		s = &set[V]{id: group}
	}
	return edit[V]{x, s, 0}
}

// put adds an item, or replaces the one that has its id.
func (e *edit[V]) put(c *compiled[V]) {
	it := e.set.find(c.ID)
	if it == nil {
		e.set = e.set.with(e.index.kinds, c, nil)
		e.more++
		return
	}
	old := compile(it, wildcard.Parse)
	e.set = e.set.with(e.index.kinds, c, &old)
}

// remove removes an item of the group.
func (e *edit[V]) remove(it *Item[V]) {
	old := compile(it, wildcard.Parse)
	e.set = e.set.without(e.index.kinds, &old)
	e.more--
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
func (x *Index[V]) Get(group, id ID) (v V, ok bool) {
	if it := x.set(group).find(id); it != nil {
		return it.Value, true
	}
	return v, false
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
		for items := range s.values.leaves {
			for i := range items {
				if !yield(items[i].value) {
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
