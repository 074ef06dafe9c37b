package live

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// What was found in a turn is not found in another, even if that has the same number.
func TestQueryTurns(t *testing.T) {
	var q query
	turn := func(slots uint32) {
		q.begin(slots)
		for slot := range slots + 1 {
			require.True(t, q.first(slot), slot)
			require.Equal(t, slot == 0, q.first(slot), slot)
		}
	}
	turn(100)
	turn(100)
	turn(1000)
	turn(0)
	q = query{}
	turn(100)
	q.turn = math.MaxUint32
	turn(10)
	turn(100)
}
