package filter

import (
	"sync"
	"unsafe"

	"github.com/hookfilter/hookfilter/webhook"
)

// scratch is the memory that judging one event needs, used again for the next.
type scratch struct {
	name    []byte
	seen    []uint64 // a bit for each slot: whether its webhook was found
	dirty   []uint32 // the words of seen that are not zero, some repeatedly
	changed map[*webhook.Webhook]*version
}

var scratches = sync.Pool{New: func() any { return &scratch{changed: make(map[*webhook.Webhook]*version)} }}

// fold returns the folded form of name, which is valid until the next call.
func (s *scratch) fold(name string) string {
	s.name = appendFold(s.name[:0], name)
	return asString(s.name)
}

// asString returns b as a string, which the wildcard engine wants, for as long as b
// does not change: a copy would be an allocation for each event.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// forgetChanges empties changed. A map that was once large would stay so, and be
// slow to empty ever after.
func (s *scratch) forgetChanges() {
	if len(s.changed) > maxKeptChanges {
		s.changed = make(map[*webhook.Webhook]*version)
	}
	clear(s.changed)
}

const maxKeptChanges = 100

// release clears seen and gives s back for use by others.
func (s *scratch) release() {
	for _, word := range s.dirty {
		s.seen[word] = 0
	}
	s.dirty = s.dirty[:0]
	// A single huge name must not keep its memory for ever.
	if cap(s.name) > maxKeptName {
		s.name = nil
	}
	scratches.Put(s)
}

// maxKeptName is the largest buffer that is kept, in bytes.
const maxKeptName = 64 << 10
