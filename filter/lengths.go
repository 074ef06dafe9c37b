package filter

import (
	"math/bits"
	"sync/atomic"

	"github.com/hookfilter/hookfilter/webhook"
)

// lengths is a set of lengths of literals. Its readers need no lock; its writers
// exclude each other. Few literals are long, so there is memory for those only
// where there are some.
type lengths struct {
	short atomic.Uint64
	long  atomic.Pointer[[webhook.MaxProjectNamesFilterEntry / 64]atomic.Uint64]
}

func (l *lengths) add(n int) {
	word := &l.short
	if n >= 64 {
		long := l.long.Load()
		if long == nil {
			long = new([webhook.MaxProjectNamesFilterEntry / 64]atomic.Uint64)
			l.long.Store(long)
		}
		word = &long[n/64-1]
	}
	word.Or(1 << (n % 64))
}

// next returns the smallest element from n on, or a number over limit if none is
// up to limit.
func (l *lengths) next(n, limit int) int {
	if n < 64 {
		if word := l.short.Load() >> n; word != 0 {
			return n + bits.TrailingZeros64(word)
		}
		n = 64
	}
	if long := l.long.Load(); long != nil {
		for ; n <= limit && n/64 <= len(long); n = (n/64 + 1) * 64 {
			if word := long[n/64-1].Load() >> (n % 64); word != 0 {
				return n + bits.TrailingZeros64(word)
			}
		}
	}
	return limit + 1
}

// become makes the elements of l those of m, which must not be used any more.
func (l *lengths) become(m *lengths) {
	l.short.Store(m.short.Load())
	l.long.Store(m.long.Load())
}
