package filter

import (
	"sync"
	"unsafe"

	"github.com/hookfilter/hookfilter/webhook"
)

// scratch is the memory that judging one event needs, used again for the next.
type scratch struct {
	name    []byte
	seen    []uint64 // a bit for each slot
	dirty   []uint32 // the words of seen that are not zero
	changed map[*webhook.Webhook]*version
}

var scratches = sync.Pool{New: func() any { return &scratch{changed: make(map[*webhook.Webhook]*version)} }}

// fold returns the folded form of name, which is valid until the next call.
func (s *scratch) fold(name string) string {
	s.name = appendFold(s.name[:0], name)
	return unsafe.String(unsafe.SliceData(s.name), len(s.name))
}

// see reports whether it was not called for slot since forget was.
func (s *scratch) see(slot uint32) bool {
	word, bit := slot/64, uint64(1)<<(slot%64)
	if int(word) >= len(s.seen) {
		s.seen = append(s.seen, make([]uint64, int(word)+1-len(s.seen))...)
	}
	if s.seen[word]&bit != 0 {
		return false
	}
	if s.seen[word] == 0 {
		s.dirty = append(s.dirty, word)
	}
	s.seen[word] |= bit
	return true
}

// forget undoes all calls of see.
func (s *scratch) forget() {
	for _, word := range s.dirty {
		s.seen[word] = 0
	}
	s.dirty = s.dirty[:0]
}
