package live

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// formatted returns an item of a number whose entries are of the formats, with random numbers.
func formatted(i int, formats ...string) *Item[string] {
	it := &Item[string]{ID: idOf(i), Digest: rand.Uint64(), Tags: 1, Value: fmt.Sprint(i)}
	for _, format := range formats {
		it.Entries = append(it.Entries, fmt.Sprintf(format, rand.IntN(1_000_000)))
	}
	return it
}

// checkBloom requires that the filter of a set has all its keys, and seems to have few others:
// at most about 6 % by its size, and less than 10 % of a random sample.
func checkBloom(t *testing.T, s *set[string]) {
	t.Helper()
	for _, r := range collect(&s.literals) {
		require.True(t, s.bloom.mayHave(r.hash))
	}
	for _, b := range collect(&s.trigrams) {
		require.True(t, s.bloom.mayHave(b.trigram.hash()))
	}
	const random = 2000
	seem := 0
	for range random {
		if s.bloom.mayHave(rand.Uint64()) {
			seem++
		}
	}
	require.Less(t, seem, random/10)
}

// Groups grow, shrink, and have their values replaced, one at a time and many.
func TestBloom(t *testing.T) {
	for name, formats := range map[string][]string{
		"literals":         {"%d", "%d*", "*%d"},
		"trigrams":         {"*%d*", "a*%06d?"},
		"both":             {"%d", "%d*", "*%d", "*%d*"},
		"mostly same text": {"%d", "%x-%[1]q*a", "*%[1]U*"},
	} {
		t.Run(name, func(t *testing.T) {
			const values = 3000
			var x Index[string]
			put := func(i int) { x.Put(ID{}, formatted(i, formats...)) }
			for i := range values {
				put(i)
				if i%100 == 0 || i < 20 {
					checkBloom(t, x.set(ID{}))
				}
			}
			size := x.set(ID{}).bloom.size()
			for i := range 5 * values {
				put(i % values)
				if i%500 == 0 {
					checkBloom(t, x.set(ID{}))
				}
			}
			require.LessOrEqual(t, x.set(ID{}).bloom.size(), 2*size, "after values were replaced")
			for range 10 {
				var items []*Item[string]
				var versions []Version
				for i := range values {
					if rand.IntN(2) == 0 {
						it := formatted(i, formats...)
						items, versions = append(items, it), append(versions, Version{it.ID, it.Digest})
					}
				}
				x.Replace(ID{}, versions, func(i int) *Item[string] { return items[i] })
				checkBloom(t, x.set(ID{}))
			}
			put(0)
			for i := range values - 1 {
				x.Delete(ID{}, idOf(i+1))
			}
			checkBloom(t, x.set(ID{}))
			require.LessOrEqual(t, x.set(ID{}).bloom.size(), 16*hashesPerWord, "after most are gone")
		})
	}
}

// The filter is made again as often as the set doubles, not for each Put or Delete.
func TestBloomIsRarelyRebuilt(t *testing.T) {
	var x Index[string]
	rebuilt, last := 0, bloom{}
	count := func() {
		if s := x.set(ID{}); s != nil {
			if b := s.bloom; len(b.words) > 0 && (len(last.words) == 0 || &b.words[0] != &last.words[0]) {
				rebuilt++
			}
			last = s.bloom
		}
	}
	for i := range 3000 {
		x.Put(ID{}, formatted(i, "%d", "*%d*"))
		count()
	}
	for i := range 3000 {
		x.Delete(ID{}, idOf(i))
		count()
	}
	require.Greater(t, rebuilt, 5)
	require.Less(t, rebuilt, 25)
}

// A change that is never published, as after a panic, harms no set that is.
func TestBloomOfADroppedChange(t *testing.T) {
	var x Index[string]
	for i := range 1000 {
		x.Put(ID{}, formatted(i, "%d", "*%d*"))
		s := x.set(ID{})
		dropped := s.copy(ID{})
		for _, r := range collect(&s.values) {
			if rand.IntN(20) == 0 {
				dropped.remove(r.to)
			}
		}
		c := compile(formatted(i+1, "%d", "*%d*"))
		dropped.put(&c)
		if i%50 == 0 {
			checkSet(t, s)
		}
	}
	checkSet(t, x.set(ID{}))
}

// A Replace that another writer overtakes has added its keys to the shared filter already, and
// adds them again. That must not fill the filter unnoticed.
func TestBloomOfAnOvertakenReplace(t *testing.T) {
	const values = 2000
	var x Index[string]
	items := make([]*Item[string], values)
	versions := make([]Version, values)
	renew := func(i int) {
		items[i] = formatted(i, "%d", "*%d*")
		versions[i] = Version{items[i].ID, items[i].Digest}
	}
	for i := range values {
		renew(i)
		x.Put(ID{}, items[i])
	}
	for range 40 {
		for range values / 5 {
			renew(rand.IntN(values))
		}
		overtaken := false
		x.Replace(ID{}, versions, func(i int) *Item[string] {
			if !overtaken {
				overtaken = true
				x.Put(ID{}, formatted(values, "%d"))
			}
			return items[i]
		})
		require.True(t, overtaken)
	}
	checkSet(t, x.set(ID{}))
	checkBloom(t, x.set(ID{}))
}

// Writers of one group at the same time leave a consistent set.
func TestConcurrentWriters(t *testing.T) {
	const values = 200
	var x Index[string]
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 100 {
				i := rand.IntN(values)
				x.Put(ID{}, formatted(i, "%d", "*%d*"))
				x.Delete(ID{}, idOf(rand.IntN(values)))
				items, versions := make([]*Item[string], values), make([]Version, values)
				now := x.set(ID{})
				for i := range values {
					if items[i] = now.find(idOf(i)); items[i] == nil || rand.IntN(10) == 0 {
						items[i] = formatted(i, "%d*", "*%d*")
					}
					versions[i] = Version{items[i].ID, items[i].Digest}
				}
				x.Replace(ID{}, versions, func(i int) *Item[string] { return items[i] })
			}
		})
	}
	writers.Wait()
	checkSet(t, x.set(ID{}))
	checkBloom(t, x.set(ID{}))
	require.Equal(t, int(x.set(ID{}).len), x.Len())
}
