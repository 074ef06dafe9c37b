package live_test

import (
	"fmt"
	"math/rand"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/internal/live"
)

// A query for a name with repeated trigrams returns each value once, whether the name is short or
// long, and whether the set or the name has more trigrams.
func TestRepeatedTrigrams(t *testing.T) {
	for name, others := range map[string]int{"few": 0, "several": 8, "many": 100} {
		t.Run(name, func(t *testing.T) { testRepeatedTrigrams(t, others) })
	}
}

func testRepeatedTrigrams(t *testing.T, others int) {
	var x live.Index[*value]
	group := live.ID{1}
	var all []*value
	put := func(entry string) *value {
		v := &value{live.ID{byte(x.Len())}, []string{entry}, 1}
		put(&x, group, v)
		return v
	}
	for _, entry := range []string{"*abc*", "*bca*", "*cab*", "*c?b*", "*b*a*b*", "a*?c", "?*", "*zzz*"} {
		all = append(all, put(entry))
	}
	for i := range others {
		put(fmt.Sprintf("*x%02d*", i))
	}
	for _, n := range []int{1, 2, 85, 86, 1000, 100_000} {
		name := strings.Repeat("abc", n)
		for range 2 { // the second query reuses the memory of the first
			found := x.Append(nil, group, name, 1)
			var want []*value
			for _, v := range all {
				if n > 1000 && v.entries[0] != "*zzz*" || n <= 1000 && filtertest.MatchName(v.entries[0], name) {
					want = append(want, v)
				}
			}
			require.True(t, sameValues(found, want), "%d times abc: found %v, want %v", n, found, want)
		}
	}
}

// Append does not write before or after the values that it appends.
func TestAppendWritesOnlyItsValues(t *testing.T) {
	var x live.Index[*value]
	group, before := live.ID{1}, &value{}
	for i := range 100 {
		put(&x, group, &value{live.ID{byte(i)}, []string{filtertest.Pick(rand.New(rand.NewSource(int64(i))), []string{"a", "*", "a*"})}, live.Tags(1 + i%2)})
	}
	buffer := slices.Repeat([]*value{before}, 200)
	found := x.Append(buffer[:1], group, "a", 1)
	require.Len(t, found, 51)
	require.Same(t, &buffer[0], &found[0])
	require.Same(t, before, found[0])
	for _, v := range buffer[len(found):] {
		require.Same(t, before, v)
	}
	require.NotContains(t, found[1:], before)
}

// The only pattern of a group is found, whatever its length.
func TestPatternsOfAllLengths(t *testing.T) {
	whole := nameOfDistinctTrigrams()[:120]
	group := live.ID{1}
	for n := 1; n <= 100; n++ {
		begin, end, middle := whole[:n], whole[len(whole)-n:], whole[10:10+n]
		for _, entry := range []string{begin, begin + "*", "*" + end, "*" + middle + "*", begin + "*?"} {
			var x live.Index[*value]
			m := model{{group: group}: {entries: []string{entry}, tags: 1}}
			put(&x, group, m[address{group: group}])
			for _, name := range []string{whole, begin, end, middle, begin + "-", "-" + end, "-" + middle + "-", whole[:n-1]} {
				require.Equal(t, m.find(group, name, 1), x.Append(nil, group, name, 1), "entry %q, name %q", entry, name)
			}
		}
	}
}

// One group can have prefixes and suffixes of all lengths.
func TestPrefixesAndSuffixesOfAllLengths(t *testing.T) {
	whole := nameOfDistinctTrigrams()[:120]
	group := live.ID{1}
	var x live.Index[*value]
	m := model{}
	for n := 1; n <= 100; n++ {
		for kind, entry := range []string{whole[:n] + "*", "*" + whole[len(whole)-n:]} {
			v := &value{live.ID{byte(n), byte(kind)}, []string{entry}, 1}
			m[address{group: group, id: v.id}] = v
			put(&x, group, v)
		}
	}
	for n := range whole {
		for _, name := range []string{whole[:n], whole[n:], whole[:n] + "-" + whole[n:]} {
			found, want := x.Append(nil, group, name, 1), m.find(group, name, 1)
			require.True(t, sameValues(found, want), "%q: found %v, want %v", name, found, want)
		}
	}
}

// nameOfDistinctTrigrams returns a name of 300 bytes that contains no trigram twice.
func nameOfDistinctTrigrams() string {
	var b strings.Builder
	for i := range 100 {
		fmt.Fprintf(&b, "%c%02d", 'a'+i%26, i)
	}
	return b.String()
}

// Queries distinguish trigrams that differ in one bit, such as "7!a" and the end of "·!a"
// (b7 21 61), or in their length, in short and in long names.
func TestSimilarTrigrams(t *testing.T) {
	letters := []string{"\x00", "!", "a", "7", "·", "ÿ"}
	var x live.Index[*value]
	m, group := model{}, live.ID{1}
	for i, piece := range filtertest.Texts(letters, 3)[1:] {
		v := &value{live.ID{byte(i), byte(i >> 8)}, []string{"*" + piece + "*"}, 1}
		m[address{group, v.id}] = v
		put(&x, group, v)
	}
	r := rand.New(rand.NewSource(1))
	for _, n := range []int{1, 2, 3, 5, 20, 100, 300, 3000} {
		for range 2 {
			name := filtertest.Text(r, letters, n, n)
			found, want := x.Append(nil, group, name, 1), m.find(group, name, 1)
			require.True(t, sameValues(found, want), "%+q: found %v, want %v", name, found, want)
		}
	}
}

// The slot of a value with several patterns takes two bits of each query's memory. It is reused when
// the value has been replaced or deleted.
func TestSlotsAreReused(t *testing.T) {
	var x live.Index[*value]
	group := live.ID{1}
	put(&x, group, &value{live.ID{1}, []string{"a", "b"}, 1})
	for i := range 20_000 {
		if i%3 < 2 {
			put(&x, group, &value{live.ID{2}, []string{"a*", "*b"}, 1})
		} else {
			require.True(t, x.Delete(group, live.ID{2}))
		}
	}
	least := ^uint64(0)
	for range 10 {
		var before, after runtime.MemStats
		runtime.GC() // a sync.Pool is empty after two collections
		runtime.GC()
		runtime.ReadMemStats(&before)
		x.Append(nil, group, "ab", 1)
		runtime.ReadMemStats(&after)
		least = min(least, after.TotalAlloc-before.TotalAlloc)
	}
	require.Less(t, least, uint64(1500), "bytes allocated by a query: about 400 if slots are reused, 5,000 if each change takes a new slot")
}
