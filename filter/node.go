package filter

import (
	"slices"
	"sync/atomic"

	"github.com/hookfilter/hookfilter/webhook"
)

// node is one pattern and the webhooks that have it as an entry: its postings.
//
// A reader may read postings while a writer changes them. It then sees every
// posting that the change neither adds, removes nor moves, and of the others
// anything; change says which those are.
type node struct {
	pattern
	len   atomic.Uint32
	first [1]posting                // most nodes have one posting
	more  atomic.Pointer[[]posting] // the others
}

// anyText is the text of the pattern that matches every name.
const anyText = "*"

func newNode(text string) *node { return &node{pattern: newPattern(text)} }

// posting is one webhook in a node.
type posting struct {
	webhook atomic.Pointer[webhook.Webhook]
	// tags are the combinations of event type and mode that fire the webhook and,
	// above tagBits, its number among the webhooks that are in several nodes.
	tags atomic.Uint64
}

const tagBits = 32

// at returns the posting at position i.
func (n *node) at(i uint32) *posting {
	if i == 0 {
		return &n.first[0]
	}
	return &(*n.more.Load())[i-1]
}

// last returns the webhook of the last posting.
func (n *node) last() *webhook.Webhook { return n.at(n.len.Load() - 1).webhook.Load() }

// set makes the posting at position i that of w.
func (n *node) set(i uint32, w *webhook.Webhook, tags uint64) {
	p := n.at(i)
	p.webhook.Store(w)
	p.tags.Store(tags)
}

// add appends a posting and returns its position. Its time is amortised: when
// there is no room, the postings are copied.
func (n *node) add(w *webhook.Webhook, tags uint64) uint32 {
	i := n.len.Load()
	if more := n.more.Load(); i > 0 && (more == nil || int(i) > len(*more)) {
		n.resize(max(2, i+i/4))
	}
	n.set(i, w, tags)
	n.len.Store(i + 1)
	return i
}

// remove takes out the posting at position i, moves the last one there, and
// returns the webhook that moved, if another one.
func (n *node) remove(i uint32) *webhook.Webhook {
	last := n.len.Load() - 1
	p := n.at(last)
	moved := p.webhook.Load()
	n.set(i, moved, p.tags.Load())
	n.len.Store(last)
	p.webhook.Store(nil)
	if more := n.more.Load(); more != nil && 4*int(last) < len(*more) {
		n.resize(last)
	}
	if i == last {
		return nil
	}
	return moved
}

// resize makes room for exactly size postings after the first.
func (n *node) resize(size uint32) {
	if size == 0 {
		n.more.Store(nil)
		return
	}
	more := make([]posting, size)
	if old := n.more.Load(); old != nil {
		for i := range min(len(more), len(*old)) {
			more[i].webhook.Store((*old)[i].webhook.Load())
			more[i].tags.Store((*old)[i].tags.Load())
		}
	}
	n.more.Store(&more)
}

// postings returns the postings in two parts, and their number.
func (n *node) postings() (parts [2][]posting, size int) {
	size = int(n.len.Load())
	if size > 0 {
		parts[0] = n.first[:]
	}
	if size > 1 {
		// Postings that a list made shorter meanwhile no longer has were moved
		// or removed.
		if more := n.more.Load(); more != nil {
			parts[1] = (*more)[:min(size-1, len(*more))]
		}
	}
	return parts, size
}

// appendAll appends all webhooks of the node to dst.
func (n *node) appendAll(dst []*webhook.Webhook) []*webhook.Webhook {
	parts, size := n.postings()
	dst = slices.Grow(dst, size)
	for _, postings := range parts {
		for i := range postings {
			// A posting that is being removed may be empty already.
			if w := postings[i].webhook.Load(); w != nil {
				dst = append(dst, w)
			}
		}
	}
	return dst
}

// appendMatches appends the webhooks that c fires to dst, each that is in several
// nodes only if s has not seen it.
//
// Whether c fires a webhook is a toss-up, which the processor would guess wrong
// time and again: so every webhook is written behind dst, and counted or not.
func (n *node) appendMatches(dst []*webhook.Webhook, c combo, s *scratch) []*webhook.Webhook {
	if n == nil {
		return dst
	}
	parts, size := n.postings()
	dst = slices.Grow(dst, size)
	s.dirty = slices.Grow(s.dirty, size)
	found, dirty := dst[len(dst):len(dst)+size], s.dirty[len(s.dirty):len(s.dirty)+size]
	k, d := 0, 0
	for _, postings := range parts {
		for i := range postings {
			tags, w := postings[i].tags.Load(), postings[i].webhook.Load()
			slot := uint32(tags >> tagBits)
			word := slot / 64
			if int(word) >= len(s.seen) {
				s.seen = append(s.seen, make([]uint64, int(word)+1-len(s.seen))...)
			}
			// A posting that is being removed may be empty already.
			if w == nil {
				continue
			}
			hit := tags >> c & 1 &^ (s.seen[word] >> (slot % 64))
			several := uint64(slot|-slot) >> 31 // 0 for slot 0
			s.seen[word] |= (hit & several) << (slot % 64)
			dirty[d], found[k] = word, w
			d += int(hit & several)
			k += int(hit)
		}
	}
	s.dirty = s.dirty[:len(s.dirty)+d]
	return dst[:len(dst)+k]
}
