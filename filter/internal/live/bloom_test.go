package live

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomItem returns item i. Each entry is a format applied to a random number.
func randomItem(i int, formats ...string) *Item[string] {
	it := &Item[string]{ID: idOf(i), Digest: rand.Uint64(), Tags: 1, Value: fmt.Sprint(i)}
	for _, format := range formats {
		it.Entries = append(it.Entries, fmt.Sprintf(format, rand.IntN(1_000_000)))
	}
	return it
}

// checkBloom requires that the Bloom filter of a set has all its keys, and false positives for less
// than 10 % of a random sample. A full filter has about 6 %.
func checkBloom(t *testing.T, s *set[string]) {
	t.Helper()
	for _, r := range collect(&s.literals) {
		require.True(t, s.bloom.mayHave(r.hash))
	}
	for _, b := range collect(&s.trigrams) {
		require.True(t, s.bloom.mayHave(b.trigram.hash()))
	}
	const random = 2000
	falsePositives := 0
	for range random {
		if s.bloom.mayHave(rand.Uint64()) {
			falsePositives++
		}
	}
	require.Less(t, falsePositives, random/10)
}

// The filter remains accurate, and its size remains proportional to the number of keys, while a
// group grows, shrinks, and has its values replaced, one by one and many at once.
func TestBloom(t *testing.T) {
	for name, formats := range map[string][]string{
		"literals":            {"%d", "%d*", "*%d"},
		"trigrams":            {"*%d*", "a*%06d?"},
		"both":                {"%d", "%d*", "*%d", "*%d*"},
		"long, similar texts": {"%d", "%x-%[1]q*a", "*%[1]U*"},
	} {
		t.Run(name, func(t *testing.T) {
			const values = 3000
			var x Index[string]
			put := func(i int) { x.Put(ID{}, randomItem(i, formats...)) }
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
						it := randomItem(i, formats...)
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
			require.LessOrEqual(t, x.set(ID{}).bloom.size(), 16*hashesPerWord, "after most values were deleted")
		})
	}
}

// The filter is rebuilt when the set has doubled or most of its keys were removed, not by each Put or
// Delete.
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
		x.Put(ID{}, randomItem(i, "%d", "*%d*"))
		count()
	}
	for i := range 3000 {
		x.Delete(ID{}, idOf(i))
		count()
	}
	require.Greater(t, rebuilt, 5)
	require.Less(t, rebuilt, 25)
}

// A change that is never published, as after a panic, does not affect published sets.
func TestBloomOfAnAbandonedChange(t *testing.T) {
	var x Index[string]
	for i := range 1000 {
		x.Put(ID{}, randomItem(i, "%d", "*%d*"))
		s := x.set(ID{})
		abandoned := s.copy(ID{})
		for _, r := range collect(&s.values) {
			if rand.IntN(20) == 0 {
				abandoned.remove(r.to)
			}
		}
		c := compile(randomItem(i+1, "%d", "*%d*"))
		abandoned.put(&c)
		if i%50 == 0 {
			checkSet(t, s)
		}
	}
	checkSet(t, x.set(ID{}))
}

// A Replace that another writer interrupts builds its set twice, and the first attempt has set bits
// in the shared filter. The filter must not exceed its false-positive rate because of them.
func TestBloomOfAnInterruptedReplace(t *testing.T) {
	const values = 2000
	var x Index[string]
	items := make([]*Item[string], values)
	versions := make([]Version, values)
	renew := func(i int) {
		items[i] = randomItem(i, "%d", "*%d*")
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
		interrupted := false
		x.Replace(ID{}, versions, func(i int) *Item[string] {
			if !interrupted {
				interrupted = true
				x.Put(ID{}, randomItem(values, "%d"))
			}
			return items[i]
		})
		require.True(t, interrupted)
	}
	checkSet(t, x.set(ID{}))
	checkBloom(t, x.set(ID{}))
}

// Concurrent writers of one group leave a consistent set.
func TestConcurrentWriters(t *testing.T) {
	const values = 200
	var x Index[string]
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 100 {
				i := rand.IntN(values)
				x.Put(ID{}, randomItem(i, "%d", "*%d*"))
				x.Delete(ID{}, idOf(rand.IntN(values)))
				items, versions := make([]*Item[string], values), make([]Version, values)
				now := x.set(ID{})
				for i := range values {
					if items[i] = now.find(idOf(i)); items[i] == nil || rand.IntN(10) == 0 {
						items[i] = randomItem(i, "%d*", "*%d*")
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
