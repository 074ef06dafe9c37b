package filter

import (
	"sync/atomic"
	"unsafe"

	"github.com/hookfilter/hookfilter/webhook"
)

// change is one step in the history of an organization: a version replaced by
// another, either of which may be nil.
type change struct {
	next     atomic.Pointer[change]
	old, new *version
	moved    []*version // those whose posting moves to another position in a node
}

// history is how readers that take no lock see every webhook in exactly one
// version.
//
// A writer begins a change, changes the nodes, and ends it. A reader asks for the
// present, reads the nodes, and asks what changed since. If nothing did, what it
// has read is how things were at that moment. If something did, only of the
// webhooks that the changes name can it have read too little or too much, and
// repair judges those again.
//
// Readers keep alive the changes since what they asked for, and nothing keeps
// those before it.
type history struct{ begun, ended atomic.Pointer[change] } // the last ones; never nil

// begin links c first: readers go as far as what has begun.
func (h *history) begin(c *change) {
	h.begun.Load().next.Store(c)
	h.begun.Store(c)
}

func (h *history) end(c *change) { h.ended.Store(c) }

// now returns the last change that has ended, for since.
func (h *history) now() *change { return h.ended.Load() }

// since returns the first and the last of the changes that have begun behind c,
// which now returned, or nil. Most readers are spared the memory of c.
func (h *history) since(c *change) (first, last *change) {
	if last = h.begun.Load(); last == c {
		return nil, nil
	}
	return c.next.Load(), last
}

// repair returns dst as it has to be after the changes from c to last: of the
// webhooks that they name, dst[from:] has exactly those that the event fires.
func (c *change) repair(last *change, dst []*webhook.Webhook, from int, combo combo, name string, s *scratch) []*webhook.Webhook {
	current := s.changed
	// Most of dst is not concerned, which a bit of the address tells cheaply.
	var concerned uint64
	bit := func(w *webhook.Webhook) uint64 { return 1 << (uintptr(unsafe.Pointer(w)) >> 8 % 64) }
	for ; ; c = c.next.Load() {
		for _, v := range c.moved {
			current[&v.webhook] = v
			concerned |= bit(&v.webhook)
		}
		if c.old != nil {
			current[&c.old.webhook] = nil
			concerned |= bit(&c.old.webhook)
		}
		if c.new != nil {
			current[&c.new.webhook] = c.new
			concerned |= bit(&c.new.webhook)
		}
		if c == last {
			break // the moment that the reader sees; of later changes it has read nothing
		}
	}
	kept := dst[:from]
	for _, w := range dst[from:] {
		if concerned&bit(w) != 0 {
			if _, ok := current[w]; ok {
				continue
			}
		}
		kept = append(kept, w)
	}
	for _, v := range current {
		if v != nil && v.matches(combo, name) {
			kept = append(kept, &v.webhook)
		}
	}
	if len(kept) < len(dst) {
		clear(dst[len(kept):])
	}
	s.forgetChanges()
	return kept
}
