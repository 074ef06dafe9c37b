package filter

import (
	"sync"
	"unsafe"
)

// scratch is the memory that judging one event needs, used again for the next.
type scratch struct {
	name []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// fold returns the folded form of name, which is valid until the next call.
func (s *scratch) fold(name string) string {
	s.name = appendFold(s.name[:0], name)
	return unsafe.String(unsafe.SliceData(s.name), len(s.name))
}
