package filter

import (
	"cmp"
	"slices"
	"unsafe"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// organization is the webhooks of one organization. Its readers need no lock, and
// its writers exclude each other.
type organization struct {
	id       uuid.UUID
	history  history
	webhooks table[version] // by webhook id
	names    names
	anyName  [combos]node // the webhooks that every name fires, by what else does

	// What only writers use.
	slots     uint32   // numbers given to webhooks that are in several nodes
	freeSlots []uint32 // those that are free again
}

// version is one version of a webhook: immutable but for the positions.
type version struct {
	webhook webhook.Webhook
	places  []place // by node, each once
	combos  uint32  // a set of combo
	slot    uint32  // not zero if there are several places
}

// place is where a version's posting is.
type place struct {
	node     *node
	position uint32 // for writers only
}

// compareNodes orders places in whatever way, so that a webhook with many entries
// is searched fast: by the address of the node, which never moves.
func compareNodes(a, b place) int {
	return cmp.Compare(uintptr(unsafe.Pointer(a.node)), uintptr(unsafe.Pointer(b.node)))
}

// matches reports whether an event of a folded name fires v.
func (v *version) matches(c combo, name string) bool {
	if v.combos>>c&1 == 0 {
		return false
	}
	for i := range v.places {
		// The position must not be read, not even to copy it.
		if v.places[i].node.match(name) {
			return true
		}
	}
	return false
}

func newOrganization(id uuid.UUID) *organization {
	o := &organization{id: id}
	for i := range o.anyName {
		o.anyName[i].pattern = newPattern(anyText)
	}
	o.history.end(new(change))
	o.history.begun.Store(o.history.now())
	return o
}

// version returns the current version of a webhook, or nil.
func (o *organization) version(id uuid.UUID) *version {
	return o.webhooks.find(hashID(id), func(v *version) bool { return v.webhook.ID == id })
}

// appendMatches appends the webhooks that an event fires.
func (o *organization) appendMatches(dst []*webhook.Webhook, e webhook.Event, c combo) []*webhook.Webhook {
	s := scratches.Get().(*scratch)
	name := s.fold(e.ProjectName)
	before, n := o.history.now(), len(dst)
	dst = o.anyName[c].appendAll(dst)
	dst = o.names.appendMatches(dst, name, c, s)
	if first, last := o.history.since(before); first != nil {
		dst = first.repair(last, dst, n, c, name, s)
	}
	s.release()
	return dst
}

// set makes v the version of its webhook in the place of old. Either may be nil.
func (o *organization) set(old, v *version) {
	if v != nil {
		o.place(v)
	}
	c := &change{old: old, new: v}
	if old != nil {
		for _, p := range old.places {
			if w := p.node.last(); w != &old.webhook {
				c.moved = append(c.moved, o.version(w.ID))
			}
		}
	}
	o.history.begin(c)
	if old != nil {
		o.unlist(old)
	}
	if v != nil {
		o.list(v)
	}
	if old == nil {
		o.webhooks.insert(hashID(v.webhook.ID), v)
	} else {
		o.webhooks.replace(hashID(old.webhook.ID), old, v)
	}
	o.history.end(c)
	o.names.dropIdle()
}

// place finds the nodes where v belongs, and makes those that are missing. A
// webhook that every name fires belongs to a node for each of its combos; any
// other to the nodes of its entries, each once; one that nothing fires to none.
func (o *organization) place(v *version) {
	if v.combos == 0 {
		return
	}
	v.places = make([]place, 0, len(v.webhook.ProjectNamesFilter))
	for _, entry := range v.webhook.ProjectNamesFilter {
		text := canonical(entry)
		if text == anyText {
			v.places = v.places[:0]
			break
		}
		node := o.names.node(text)
		if node == nil {
			node = newNode(text)
			o.names.add(node)
		}
		v.places = append(v.places, place{node: node})
	}
	slices.SortFunc(v.places, compareNodes)
	v.places = slices.CompactFunc(v.places, func(a, b place) bool { return a.node == b.node })
	if len(v.places) > 1 {
		v.slot = o.takeSlot()
	}
	if len(v.places) == 0 {
		for c := range o.anyName {
			if v.combos>>c&1 != 0 {
				v.places = append(v.places, place{node: &o.anyName[c]})
			}
		}
	}
}

// list adds the postings of v.
func (o *organization) list(v *version) {
	for i := range v.places {
		p := &v.places[i]
		if p.node.len.Load() == 0 && p.node.text != anyText {
			o.names.idle--
		}
		p.position = p.node.add(&v.webhook, uint64(v.slot)<<tagBits|uint64(v.combos))
	}
}

// unlist removes the postings of v.
func (o *organization) unlist(v *version) {
	for _, p := range v.places {
		if w := p.node.remove(p.position); w != nil {
			moved := o.version(w.ID).places
			i, _ := slices.BinarySearchFunc(moved, p, compareNodes)
			moved[i].position = p.position
		}
		if p.node.len.Load() == 0 && p.node.text != anyText {
			o.names.idle++
		}
	}
	if v.slot != 0 {
		o.freeSlots = append(o.freeSlots, v.slot)
	}
}

func (o *organization) takeSlot() uint32 {
	if last := len(o.freeSlots) - 1; last >= 0 {
		slot := o.freeSlots[last]
		o.freeSlots = o.freeSlots[:last]
		return slot
	}
	o.slots++
	return o.slots
}
