package live

import "sync/atomic"

// directory finds the set of a group. It is an extendible hash table: the first bits of the hash of
// a group's id select a page, and the last bits the slot in the page where a search begins. Here two
// bits select a page, and all hashes that begin with 0 have the same page:
//
//	pages[00] ─┬─ page, depth 1: hashes 0…
//	pages[01] ─┘
//	pages[10] ─── page, depth 2: hashes 10…
//	pages[11] ─── page, depth 2: hashes 11…
//
// A page is immutable: a writer stores a copy in its place. A full page is divided by one more bit,
// and pages is doubled if necessary. In a large directory a search has two cache misses, for the
// page and for the set.
type directory[V comparable] struct {
	pages atomic.Pointer[pages[V]]
	len   int
}

// pages has a page at each position. The position of a hash is hash>>shift. A page whose depth is
// less than 64-shift has several adjacent positions.
type pages[V comparable] struct {
	shift int
	pages []atomic.Pointer[page[V]]
}

// page holds the sets of the groups whose hashes have the same first depth bits.
type page[V comparable] struct {
	depth, len int                // len is the number of sets
	slots      [pageSlots]slot[V] // open addressing with linear probing
}

type slot[V comparable] struct {
	hash uint64
	set  *set[V] // nil ends a search
}

const (
	pageSlots = 16
	fullPage  = 14
)

// find returns the set of a group, or nil.
func (d *directory[V]) find(hash uint64, id ID) *set[V] {
	if pp := d.pages.Load(); pp != nil {
		return pp.pages[hash>>pp.shift].Load().at(hash, id).set
	}
	return nil
}

// at returns the slot of a group, or the empty slot where it belongs.
func (p *page[V]) at(hash uint64, id ID) *slot[V] {
	for i := hash % pageSlots; ; i = (i + 1) % pageSlots {
		s := &p.slots[i]
		if s.set == nil || s.hash == hash && s.set.id == id {
			return s
		}
	}
}

// put makes s the set of its group.
func (d *directory[V]) put(hash uint64, s *set[V]) {
	pp := d.pages.Load()
	if pp == nil {
		pp = &pages[V]{64, make([]atomic.Pointer[page[V]], 1)}
		pp.pages[0].Store(new(page[V]))
		d.pages.Store(pp)
	}
	p := *pp.pages[hash>>pp.shift].Load()
	at := p.at(hash, s.id)
	if at.set == nil {
		if p.len == fullPage {
			d.divide(hash)
			d.put(hash, s)
			return
		}
		p.len++
		d.len++
	}
	*at = slot[V]{hash, s}
	pp.set(hash, &p)
}

// set stores p at all its positions. The position of hash is one of them.
func (pp *pages[V]) set(hash uint64, p *page[V]) {
	positions := pp.positions(p)
	first := int(hash>>pp.shift) &^ (positions - 1)
	for i := range positions {
		pp.pages[first+i].Store(p)
	}
}

// positions returns the number of adjacent positions of p.
func (pp *pages[V]) positions(p *page[V]) int { return 1 << (64 - pp.shift - p.depth) }

// divide divides the page of a hash by one more bit.
func (d *directory[V]) divide(hash uint64) {
	pp := d.pages.Load()
	full := pp.pages[hash>>pp.shift].Load()
	if full.depth == 64-pp.shift {
		double := &pages[V]{pp.shift - 1, make([]atomic.Pointer[page[V]], 2*len(pp.pages))}
		for i := range double.pages {
			double.pages[i].Store(pp.pages[i/2].Load())
		}
		pp = double
	}
	halves := [2]*page[V]{{depth: full.depth + 1}, {depth: full.depth + 1}}
	for _, s := range full.slots {
		if s.set != nil {
			half := halves[s.hash<<full.depth>>63]
			half.len++
			*half.at(s.hash, s.set.id) = s
		}
	}
	bit := uint64(1) << (63 - full.depth)
	for i, half := range halves {
		pp.set(hash&^bit|uint64(i)*bit, half)
	}
	d.pages.Store(pp)
}

// remove removes the set of a group, which must be in d.
func (d *directory[V]) remove(hash uint64, id ID) {
	pp := d.pages.Load()
	old := pp.pages[hash>>pp.shift].Load()
	p := page[V]{depth: old.depth, len: old.len - 1}
	for _, s := range old.slots {
		if s.set != nil && s.set.id != id {
			*p.at(s.hash, s.set.id) = s
		}
	}
	pp.set(hash, &p)
	d.len--
	// Shrink pages if there are fewer than 0.5 sets per position. This is rare, since there were
	// about 1.5 or more sets per position when pages was last doubled.
	if d.len < len(pp.pages)/2 {
		var fewer directory[V]
		for s := range d.all {
			fewer.put(hashID(s.id), s)
		}
		d.pages.Store(fewer.pages.Load())
	}
}

// all is an iterator over the sets, each at most once. While a writer divides a page, the second
// half of its positions may still have the undivided page; there, all skips the sets of the first
// half, which it has already yielded.
func (d *directory[V]) all(yield func(*set[V]) bool) {
	pp := d.pages.Load()
	if pp == nil {
		return
	}
	for i := 0; i < len(pp.pages); {
		p := pp.pages[i].Load()
		for _, s := range p.slots {
			if s.set != nil && int(s.hash>>pp.shift) >= i && !yield(s.set) {
				return
			}
		}
		i = (i | (pp.positions(p) - 1)) + 1
	}
}
