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

// Index holds groups of values and finds the values of a group that have a pattern matching a
// name. The zero Index is empty and ready to use. All methods may be called concurrently.
type Index[V comparable] struct {
	writing sync.Mutex
	groups  directory[V]
	len     atomic.Int64
}

// Item is a value and how to find it. An Item must not change after it was put.
type Item[V comparable] struct {
	ID      ID       // unique in its group
	Digest  uint64   // hash of the content of the value, which Replace compares
	Entries []string // valid patterns; if there are none, every name matches
	Tags    Tags     // a query must have at most one of them
	Value   V        // unique in its group
}

// compiled is an item with the keys of its entries.
type compiled[V comparable] struct {
	*Item[V]
	keys []key
}

func compile[V comparable](it *Item[V]) compiled[V] {
	return compiled[V]{it, keysOf(it.Entries, wildcard.Compile)}
}

var idSeed, valueSeed = maphash.MakeSeed(), maphash.MakeSeed()

func hashID(id ID) uint64 { return maphash.Bytes(idSeed, id[:]) }

// hashValue hashes the value itself. If it is a pointer, its target may change.
func hashValue[V comparable](v V) uint64 { return maphash.Comparable(valueSeed, v) }

// set returns the set of a group, or nil if the group has no values.
func (x *Index[V]) set(group ID) *set[V] { return x.groups.find(hashID(group), group) }

// Put inserts an item into a group, or replaces the item that has the same id.
func (x *Index[V]) Put(group ID, it *Item[V]) {
	c := compile(it) // slow, so before the lock
	x.writing.Lock()
	defer x.writing.Unlock()
	before := x.set(group)
	after := before.copy(group)
	after.put(&c)
	x.publish(before, after)
}

// Delete removes a value of a group, and reports whether the group had it.
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

// Replace makes versions the whole content of a group. Their ids must differ. Readers see either
// the old content or the new. An item that already has the digest of its version stays. For each
// other version, Replace calls newItem with its index, possibly twice.
func (x *Index[V]) Replace(group ID, versions []Version, newItem func(i int) *Item[V]) {
	// Build the set before taking the lock. If another writer changes the group meanwhile, build
	// it again under the lock.
	before := x.set(group)
	after := before.replaced(group, versions, newItem)
	x.writing.Lock()
	defer x.writing.Unlock()
	if now := x.set(group); now != before {
		before, after = now, now.replaced(group, versions, newItem)
		if after != now && after != nil {
			// The first attempt has set bits in words that it shares with now. The second one
			// did not count them, so its filter may be fuller than its field room says.
			after.rebuildBloom()
		}
	}
	x.publish(before, after)
}

// publish replaces a group's set before with after. Either may be nil. The caller holds the lock.
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

// Get returns the value with an id in a group, and whether the group has it.
func (x *Index[V]) Get(group, id ID) (v V, ok bool) {
	if it := x.set(group).find(id); it != nil {
		return it.Value, true
	}
	return v, false
}

// Append appends to dst the values of a group that have one of the tags, and a pattern that
// matches the name or no patterns at all. It appends each value once, in no particular order.
func (x *Index[V]) Append(dst []V, group ID, name string, tags Tags) []V {
	s := x.set(group)
	if s == nil || s.tags&tags == 0 {
		return dst
	}
	q := queries.Get().(*query)
	q.name, q.tags = q.Fold(name), tags
	q.begin(s.slots)
	dst = s.append(dst, q)
	q.release()
	return dst
}

// All returns an iterator over the values that the group has when the loop starts.
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

// Groups returns an iterator over the groups that have values, each at most once. It includes
// every group that has values during the whole loop.
func (x *Index[V]) Groups() iter.Seq[ID] {
	return func(yield func(ID) bool) {
		x.groups.all(func(s *set[V]) bool { return yield(s.id) })
	}
}

// Len returns the number of values of all groups.
func (x *Index[V]) Len() int { return int(x.len.Load()) }
