package filter

import (
	"math/rand/v2"
	"sync/atomic"
)

// table is an open-addressed hash table of pointers. Readers need no lock; writers
// must exclude each other. A reader finds what is in the table all the while that
// it looks. The zero table is empty.
type table[T any] struct {
	slots atomic.Pointer[slots[T]]
	used  int // slots with a hash, those of removed values among them
	len   int // slots with a value
}

// slots are the memory of a table. Most of what the names of events are looked up
// for is not there, which one bit tells nine times in ten.
type slots[T any] struct {
	salt   uint32          // keeps values that come in the order of another table apart
	hashes []atomic.Uint32 // 0: free, ends a search
	values []atomic.Pointer[T]
	bits   []atomic.Uint64 // eight for each slot, set at the hashes that were inserted
}

// mayHave reports whether a value of that hash may have been inserted. A nil s has
// none.
func (s *slots[T]) mayHave(hash uint32) bool {
	if s == nil {
		return false
	}
	bit := s.place(hash, 64*len(s.bits))
	return s.bits[bit>>6].Load()>>(bit&63)&1 != 0
}

// find returns the value of that hash for which is returns true, or nil.
func (t *table[T]) find(hash uint32, is func(*T) bool) *T {
	s := t.slots.Load()
	if !s.mayHave(hash) {
		return nil
	}
	hash, i := s.start(hash)
	for {
		switch s.hashes[i].Load() {
		case 0:
			return nil
		case hash:
			if v := s.values[i].Load(); v != nil && is(v) {
				return v
			}
		}
		if i++; i == len(s.hashes) {
			i = 0
		}
	}
}

// start returns hash as it is stored, and the slot where the search for it begins.
func (s *slots[T]) start(hash uint32) (uint32, int) {
	return max(hash, 1), s.place(hash, len(s.hashes))
}

// place returns where hash belongs among n places.
func (s *slots[T]) place(hash uint32, n int) int {
	return int(uint64(max(hash, 1)*s.salt) * uint64(n) >> 32)
}

// all calls yield for the values until it returns false. What is put or removed
// meanwhile may be seen or not.
func (t *table[T]) all(yield func(*T) bool) {
	s := t.slots.Load()
	if s == nil {
		return
	}
	for i := range s.values {
		if v := s.values[i].Load(); v != nil && !yield(v) {
			return
		}
	}
}

// replace puts v, which may be nil, in the place of old, which must be in the
// table under that hash.
func (t *table[T]) replace(hash uint32, old, v *T) {
	s := t.slots.Load()
	_, i := s.start(hash)
	for s.values[i].Load() != old {
		i = (i + 1) % len(s.values)
	}
	s.values[i].Store(v)
	if v == nil {
		t.len--
		if 8*t.len < len(s.hashes)-8 {
			t.resize(s)
		}
	}
}

// insert adds v. Its time is amortised: a call that finds the table seven eighths
// full copies it.
func (t *table[T]) insert(hash uint32, v *T) {
	s := t.slots.Load()
	if s == nil || 8*(t.used+1) > 7*len(s.hashes) {
		s = t.resize(s)
	}
	s.insert(hash, v)
	t.used++
	t.len++
}

// resize makes room for about half as many values again, and drops the removed.
func (t *table[T]) resize(old *slots[T]) *slots[T] {
	n := 8 + t.len + t.len*3/4
	s := &slots[T]{rand.Uint32() | 1, make([]atomic.Uint32, n), make([]atomic.Pointer[T], n), make([]atomic.Uint64, n/8)}
	if old != nil {
		for i := range old.values {
			if v := old.values[i].Load(); v != nil {
				s.insert(old.hashes[i].Load(), v)
			}
		}
	}
	t.used = t.len
	t.slots.Store(s)
	return s
}

// become makes the contents of t those of u, which must not be used any more.
func (t *table[T]) become(u *table[T]) {
	t.used, t.len = u.used, u.len
	t.slots.Store(u.slots.Load())
}

func (s *slots[T]) insert(hash uint32, v *T) {
	stored, i := s.start(hash)
	for s.hashes[i].Load() != 0 {
		i = (i + 1) % len(s.hashes)
	}
	// A reader that finds one of these finds what comes before it.
	s.values[i].Store(v)
	s.hashes[i].Store(stored)
	bit := s.place(hash, 64*len(s.bits))
	s.bits[bit>>6].Or(1 << (bit & 63))
}
