package live

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// A query does not skip the slots that an earlier query returned, even after the epoch has
// overflowed.
func TestQueryEpochs(t *testing.T) {
	var q query
	epoch := func(slots uint32) {
		q.begin(slots)
		for slot := range slots + 1 {
			require.True(t, q.firstTime(slot), slot)
			require.Equal(t, slot == 0, q.firstTime(slot), slot)
		}
	}
	epoch(100)
	epoch(100)
	epoch(1000)
	epoch(0)
	q = query{}
	epoch(100)
	q.epoch = math.MaxUint32
	epoch(10)
	epoch(100)
}
