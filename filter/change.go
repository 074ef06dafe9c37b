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
type history struct {
	begun, ended atomic.Uint64
	latest       atomic.Pointer[change] // the last one that has ended
}

// moment is a point in a history.
type moment struct {
	ended uint64
	last  *change
}

func (h *history) begin(c *change) {
	h.latest.Load().next.Store(c)
	h.begun.Add(1)
}

func (h *history) end(c *change) {
	h.latest.Store(c)
	h.ended.Add(1)
}

// now returns the present moment.
func (h *history) now() moment { return moment{last: h.latest.Load(), ended: h.ended.Load()} }

// since returns the first change that m may not have seen the end of, or nil. What
// the counts say spares most readers the memory of a change.
func (h *history) since(m moment) *change {
	if h.begun.Load() == m.ended {
		return nil
	}
	return m.last.next.Load()
}

// repair returns dst as of the last change linked behind c: of the webhooks that c
// and those behind it name, dst[from:] has exactly those that the event fires.
func (c *change) repair(dst []*webhook.Webhook, from int, combo combo, name string, current map[*webhook.Webhook]*version) []*webhook.Webhook {
	// Most of dst is not concerned, which a bit of the address tells cheaply.
	var concerned uint64
	bit := func(w *webhook.Webhook) uint64 { return 1 << (uintptr(unsafe.Pointer(w)) >> 8 % 64) }
	for ; c != nil; c = c.next.Load() {
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
	clear(current)
	return kept
}
