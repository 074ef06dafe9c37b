package live

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkDirectory requires that each page is at exactly the positions of its hashes, and that find
// finds each of its sets.
func checkDirectory(t *testing.T, d *directory[string]) {
	t.Helper()
	pp := d.pages.Load()
	sets := 0
	for i := 0; i < len(pp.pages); {
		p := pp.pages[i].Load()
		require.LessOrEqual(t, p.depth, 64-pp.shift)
		positions := pp.positions(p)
		require.Zero(t, i%positions)
		for j := range positions {
			require.Same(t, p, pp.pages[i+j].Load())
		}
		n := 0
		for _, s := range p.slots {
			if s.set == nil {
				continue
			}
			n++
			require.Equal(t, hashID(s.set.id), s.hash)
			require.Equal(t, i, int(s.hash>>pp.shift)&^(positions-1))
			require.Same(t, s.set, d.find(s.hash, s.set.id))
		}
		require.Equal(t, n, p.len)
		require.LessOrEqual(t, n, fullPage)
		sets += n
		i += positions
	}
	require.Equal(t, sets, d.len)
}

// A directory grows, has its sets replaced, and shrinks.
func TestDirectory(t *testing.T) {
	const groups = 5000
	var d directory[string]
	order := rand.Perm(groups)
	for n, i := range order {
		id := idOf(i)
		require.Nil(t, d.find(hashID(id), id))
		d.put(hashID(id), &set[string]{id: id})
		d.put(hashID(id), &set[string]{id: id})
		if n%500 == 0 || n < 40 {
			checkDirectory(t, &d)
		}
	}
	checkDirectory(t, &d)
	largest := len(d.pages.Load().pages)
	for n, i := range order[:groups-20] {
		id := idOf(i)
		d.remove(hashID(id), id)
		require.Nil(t, d.find(hashID(id), id))
		if n%500 == 0 {
			checkDirectory(t, &d)
		}
	}
	checkDirectory(t, &d)
	require.Equal(t, 20, d.len)
	require.Less(t, len(d.pages.Load().pages), largest/10)
}
