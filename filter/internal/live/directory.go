package live

import "sync/atomic"

// directory finds the set of a group. The first bits of the hash of a group's id
// say which page has it, and the last where in the page a search begins:
//
//	hash 01…, 10…, 11…       pages[00] ─┬─ page, depth 1: hashes 0…
//	                         pages[01] ─┘
//	                         pages[10] ─── page, depth 2: hashes 10…
//	                         pages[11] ─── page, depth 2: hashes 11…
//
// A page never changes: a copy takes its place. One that is full is divided, by as
// many bits as it takes, and the pages are doubled where they have to be. So a
// search costs two look-ups in memory that no cache has, the page and the set; a
// trie took four.
type directory[V comparable] struct {
	pages atomic.Pointer[pages[V]]
	len   int
}

type pages[V comparable] struct {
	shift int // of a hash, to get its page: 64 less the bits that say it
	pages []atomic.Pointer[page[V]]
}

// page is the sets whose hashes have the same first bits, depth of them.
type page[V comparable] struct {
	depth, len int
	slots      [pageSlots]slot[V]
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

// at returns the slot of a group, or the empty one where it belongs.
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

// set makes p the page of all hashes whose first bits are those of hash.
func (pp *pages[V]) set(hash uint64, p *page[V]) {
	same := pp.same(p)
	first := int(hash>>pp.shift) &^ (same - 1)
	for i := range same {
		pp.pages[first+i].Store(p)
	}
}

// same returns how many pages of pp are p.
func (pp *pages[V]) same(p *page[V]) int { return 1 << (64 - pp.shift - p.depth) }

// divide makes two of the page of a hash, by one more bit.
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
	var halves [2]page[V]
	for _, s := range full.slots {
		if s.set != nil {
			half := &halves[s.hash<<full.depth>>63]
			half.len++
			*half.at(s.hash, s.set.id) = s
		}
	}
	bit := uint64(1) << (63 - full.depth)
	for i := range halves {
		halves[i].depth = full.depth + 1
		half := halves[i]
		pp.set(hash&^bit|uint64(i)*bit, &half)
	}
	d.pages.Store(pp)
}

// remove takes out the set of a group, which must be there.
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
	// A new directory has more sets than twice its pages, so this comes seldom.
	if d.len < len(pp.pages)/2 {
		var fewer directory[V]
		for s := range d.all {
			fewer.put(hashID(s.id), s)
		}
		d.pages.Store(fewer.pages.Load())
	}
}

// all calls yield for the sets, each at most once, until it returns false. While a page
// is divided, its second place may still have the undivided page. The sets of the
// first half were seen already, and their hashes tell.
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
		i = (i | (pp.same(p) - 1)) + 1
	}
}
