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

// Index finds values by the patterns that they have: the values of a group that have a
// pattern which matches a name. It compares values and hashes them, but never looks into
// one. The zero Index is empty and ready for use.
type Index[V comparable] struct {
	writing sync.Mutex
	groups  directory[V]
	len     atomic.Int64
}

// Item is a value, and what an Index knows of it. An Item that was put must not change.
type Item[V comparable] struct {
	ID      ID       // unique in its group
	Digest  uint64   // of the content of the value: Replace compares it
	Entries []string // valid patterns; if there are none, every name is matched
	Tags    Tags     // at most one of them is in the same query
	Value   V        // unique in its group
}

// compiled is an item with the keys of its entries, which take time to compile.
type compiled[V comparable] struct {
	*Item[V]
	keys []key
}

func compile[V comparable](it *Item[V]) compiled[V] {
	return compiled[V]{it, keysOf(it.Entries, wildcard.Compile)}
}

var idSeed, valueSeed = maphash.MakeSeed(), maphash.MakeSeed()

func hashID(id ID) uint64 { return maphash.Bytes(idSeed, id[:]) }

// hashValue is what a posting is found by when its value is removed. It needs neither the
// value's id nor what the value points to.
func hashValue[V comparable](v V) uint64 { return maphash.Comparable(valueSeed, v) }

// set returns the values of a group, or nil if it has none.
func (x *Index[V]) set(group ID) *set[V] { return x.groups.find(hashID(group), group) }

// Put adds an item to a group, or replaces the item of its id.
func (x *Index[V]) Put(group ID, it *Item[V]) {
	c := compile(it) // takes long, so before the lock
	x.writing.Lock()
	defer x.writing.Unlock()
	before := x.set(group)
	after := before.copy(group)
	after.put(&c)
	x.publish(before, after)
}

// Delete removes a value of a group, and reports whether it was there.
func (x *Index[V]) Delete(group, id ID) bool {
	x.writing.Lock()
	defer x.writing.Unlock()
	before := x.set(group)
	it := before.find(id)
	if it == nil {
		return false
	}
	after := before.copy(group)
	after.remove(it)
	x.publish(before, after)
	return true
}

// Version is the id of a value and the digest of its content.
type Version struct {
	ID     ID
	Digest uint64
}

// Replace makes the versions, each of another id, those of a group. Readers see all of that
// at once, or nothing. An item that has the wanted digest stays. For the others, newItem
// returns the item of versions[i]; it may be called twice for one version.
func (x *Index[V]) Replace(group ID, versions []Version, newItem func(i int) *Item[V]) {
	// A set is immutable, so the next one can be built before the lock. If another writer has
	// changed the group meanwhile, it is built again, and other writers wait.
	before := x.set(group)
	after := before.replaced(group, versions, newItem)
	x.writing.Lock()
	defer x.writing.Unlock()
	if now := x.set(group); now != before {
		before, after = now, now.replaced(group, versions, newItem)
		if after != now && after != nil {
			after.rebuildBloom() // the dropped set has added to the words that it shared with now
		}
	}
	x.publish(before, after)
}

// publish makes after, instead of before, what readers of a group see. The caller holds the
// lock. Both may be nil.
func (x *Index[V]) publish(before, after *set[V]) {
	switch {
	case after == before:
		return
	case after.size() > 0:
		x.groups.put(hashID(after.id), after)
	case before != nil:
		x.groups.remove(hashID(before.id), before.id)
	}
	x.len.Add(int64(after.size() - before.size()))
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
				if !yield(items[i].to.Value) {
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
