package live

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

type marked struct {
	id      ID
	entries []string
}

func (v *marked) item() *Item[*marked] {
	return &Item[*marked]{ID: v.id, Digest: rand.Uint64(), Entries: v.entries, Tags: 1, Value: v}
}

func newMarked(i int, formats ...string) *marked {
	v := &marked{id: ID{byte(i / 256), byte(i)}}
	for _, format := range formats {
		v.entries = append(v.entries, fmt.Sprintf(format, rand.IntN(1_000_000)))
	}
	return v
}

// requireMarked requires that all that is in a set is marked.
func requireMarked(t *testing.T, s *set[*marked]) {
	t.Helper()
	var hashes []uint64
	for literals := range s.literals.leaves {
		for _, l := range literals {
			hashes = append(hashes, l.hash)
		}
	}
	for grams := range s.grams.leaves {
		for _, f := range grams {
			hashes = append(hashes, f.gram.hash())
		}
	}
	for _, hash := range hashes {
		require.True(t, s.marks.has(hash))
		if s.next != nil && hash < s.next.at {
			require.True(t, s.next.has(hash))
		}
	}
}

// checkMarks requires that all that is in a set is marked, and of what is not, little.
func checkMarks(t *testing.T, s *set[*marked]) {
	t.Helper()
	requireMarked(t, s)
	const random = 2000
	seem := 0
	for range random {
		if s.marks.has(rand.Uint64()) {
			seem++
		}
	}
	require.Less(t, seem, random/14)
}

// Groups grow, shrink, and have their values replaced, one at a time and many.
func TestMarks(t *testing.T) {
	for name, formats := range map[string][]string{
		"literals":       {"%d", "%d*", "*%d"},
		"grams":          {"*%d*", "a*%06d?"},
		"both":           {"%d", "%d*", "*%d", "*%d*"},
		"mostly letters": {"%d", "%x-%[1]q*a", "*%[1]U*"},
	} {
		t.Run(name, func(t *testing.T) {
			const values = 3000
			var x Index[*marked]
			put := func(i int) { x.Put(ID{}, newMarked(i, formats...).item()) }
			for i := range values {
				put(i)
				if i%100 == 0 || i < 20 {
					checkMarks(t, x.set(ID{}))
				}
			}
			size := x.set(ID{}).marks.size()
			for i := range 5 * values {
				put(i % values)
				if i%500 == 0 {
					checkMarks(t, x.set(ID{}))
				}
			}
			require.LessOrEqual(t, x.set(ID{}).marks.size(), 2*size, "after values were replaced")
			for range 10 {
				some, digests := make(map[ID]*Item[*marked]), make(map[ID]uint64)
				for i := range values {
					if rand.IntN(2) == 0 {
						it := newMarked(i, formats...).item()
						some[it.ID], digests[it.ID] = it, it.Digest
					}
				}
				x.Replace(ID{}, digests, func(id ID) *Item[*marked] { return some[id] })
				checkMarks(t, x.set(ID{}))
			}
			put(0)
			for v := range x.All(ID{}) {
				if rand.IntN(50) == 0 {
					put(rand.IntN(values))
				}
				if v.id != (ID{}) {
					x.Delete(ID{}, v.id)
				}
			}
			checkMarks(t, x.set(ID{}))
			for range 2 * values {
				x.Delete(ID{}, newMarked(rand.IntN(values)).id)
			}
			for range 20 {
				put(0)
			}
			checkMarks(t, x.set(ID{}))
			require.LessOrEqual(t, x.set(ID{}).marks.size(), int32(1000), "after most are gone")
		})
	}
}

// A change that is never published, as after a panic, leaves nothing behind that counts.
func TestMarksOfAnEditThatIsDropped(t *testing.T) {
	var x Index[*marked]
	for i := range 1000 {
		x.Put(ID{}, newMarked(i, "%d", "*%d*").item())
		requireMarked(t, x.set(ID{}))
		if x.set(ID{}).next == nil {
			continue
		}
		e := x.edit(ID{})
		for old := range x.All(ID{}) {
			if rand.IntN(2) == 0 {
				e.remove(e.set.find(old.id))
			}
		}
		c := compile(newMarked(i+1, "%d", "*%d*").item(), wildcard.Compile)
		e.put(&c)
	}
}

// What seems to be there, and is not, is marked like any other for the time when the next
// marks take over.
func TestMarksOfWhatSeemedToBeThere(t *testing.T) {
	const hash = 0x0123_4567_89ab_cdef
	s := set[int]{marks: marks{few: ^uint64(0), room: 1}}
	s.mark(hash)
	require.Nil(t, s.next)
	require.True(t, s.marks.has(hash))
	require.False(t, s.marks.has(0))
}
