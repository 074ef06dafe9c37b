package live

import (
	"flag"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// checkSet requires the invariants of a set, above all that its inverted index has exactly the
// postings of its items.
func checkSet(t testing.TB, s *set[string]) {
	t.Helper()
	type posted struct{ pattern, value string }
	want, keysOfValue := map[posted]Tags{}, map[string]int{}
	wantMatchAll := map[string]Tags{} // tags by value
	items := checkTrie(t, pointers[Item[string]](), s.values)
	require.Len(t, items, int(s.len))
	for _, r := range items {
		it := r.to
		require.Same(t, it, s.find(it.ID))
		require.Equal(t, it.Tags, it.Tags&s.tags)
		if it.Tags == 0 {
			continue
		}
		keys := keysOf(it.Entries, wildcard.Compile)
		if len(keys) == 0 {
			wantMatchAll[it.Value] = it.Tags
		}
		keysOfValue[it.Value] = len(keys)
		for i := range keys {
			k := &keys[i]
			want[posted{k.pattern.Text(), it.Value}] = it.Tags
			switch k.kind {
			case wildcard.Within:
				require.NotZero(t, s.trigramSizes&(1<<len(k.trigram.text())))
				continue
			case wildcard.Prefix:
				require.NotZero(t, s.prefixes&(1<<((len(k.literal)-1)%maxLengths)))
			case wildcard.Suffix:
				require.NotZero(t, s.suffixes&(1<<((len(k.literal)-1)%maxLengths)))
			}
			require.LessOrEqual(t, len(k.literal), int(s.longest))
		}
	}

	got, slots := map[posted]Tags{}, map[uint32]string{}
	checkEntries := func(all []pointer[entry[string]], g trigram) {
		for _, r := range all {
			k := keyOf(r.to.pattern)
			require.Equal(t, k.hash, r.hash)
			require.Equal(t, g, k.trigram)
			list := checkTrie(t, postings[string](), r.to.postings)
			require.NotEmpty(t, list, "an entry without postings")
			for _, p := range list {
				require.NotContains(t, got, posted{r.to.pattern.Text(), p.value}, "duplicate posting")
				got[posted{r.to.pattern.Text(), p.value}] = p.tags
				require.Equal(t, keysOfValue[p.value] > 1, p.slot != 0, "slot %d of a value with %d keys", p.slot, keysOfValue[p.value])
				if p.slot != 0 {
					require.LessOrEqual(t, p.slot, s.slots)
					require.True(t, slots[p.slot] == "" || slots[p.slot] == p.value, "values %s and %s have slot %d", slots[p.slot], p.value, p.slot)
					slots[p.slot] = p.value
				}
			}
		}
	}
	literals := checkTrie(t, pointers[entry[string]](), s.literals)
	checkEntries(literals, noTrigram)
	trigrams := checkTrie(t, buckets[string](), s.trigrams)
	for _, b := range trigrams {
		under := checkTrie(t, pointers[entry[string]](), b.entries)
		require.NotEmpty(t, under, "a bucket without entries")
		checkEntries(under, b.trigram)
		require.True(t, s.bloom.mayHave(b.trigram.hash()))
	}
	for _, r := range literals {
		require.True(t, s.bloom.mayHave(r.hash))
	}
	require.Equal(t, want, got)
	require.Equal(t, len(literals)+len(trigrams), int(s.keys))

	for f := s.free; f != nil; f = f.next {
		require.Empty(t, slots[f.slot], "free slot %d is in use", f.slot)
		slots[f.slot] = "free"
	}
	require.Len(t, slots, int(s.slots))

	gotMatchAll := map[string]Tags{}
	if m := s.matchAll; m != nil {
		require.NotZero(t, m.tags)
		require.Len(t, m.lists, bits.OnesCount32(uint32(m.tags)))
		for tags := m.tags; tags != 0; tags &= tags - 1 {
			list := checkTrie(t, members[string](), m.list(tags&-tags))
			require.NotEmpty(t, list, "an empty list")
			for _, v := range list {
				require.Zero(t, gotMatchAll[v]&tags&-tags, "a list has a value twice")
				gotMatchAll[v] |= tags & -tags
			}
		}
	}
	require.Equal(t, wantMatchAll, gotMatchAll)
}

// patterns have keys of all kinds, and some share a key.
var patterns = []string{
	"checkout", "check*", "*out", "*eck*", "c*eck?", "*api*", "a*?b", "?*", "*", "c??*", "Check*", "*a*b*c*", "web-*-api",
}

func idOf(i int) ID { return ID{byte(i), byte(i >> 8)} }

// drawItem returns item i with random tags and entries.
func drawItem(r *rand.Rand, i int) *Item[string] {
	it := &Item[string]{ID: idOf(i), Digest: r.Uint64()}
	it.Value = fmt.Sprintf("value %d.%x", i, it.Digest)
	it.Tags = Tags(r.Uint32() & r.Uint32() & r.Uint32())
	for range r.IntN(4) {
		entry := patterns[r.IntN(len(patterns))]
		if r.IntN(3) == 0 {
			entry = strings.Replace(entry, "c", fmt.Sprint(r.IntN(500)), 1)
		}
		it.Entries = append(it.Entries, entry)
	}
	return it
}

// After random calls of Put, Delete and Replace, in bulk or not, a set satisfies all invariants and
// returns the same values as a model. Older snapshots do not change.
func TestHistories(t *testing.T) {
	const numbers = 400
	names := []string{"checkout", "check", "x-eck-out", "web-1-api", "ab", "", "abc", "123heckout", "aXb"}
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = 40
	properties := gopter.NewProperties(parameters)
	properties.Property("histories", prop.ForAll(func(seed uint64, kinds []int) bool {
		r := rand.New(rand.NewPCG(seed, 0))
		var x Index[string]
		var snapshot *set[string]
		var printed string
		group, model := ID{1}, map[int]*Item[string]{}
		for n, kind := range kinds {
			switch i := r.IntN(numbers); {
			case kind < 60:
				model[i] = drawItem(r, i)
				x.Put(group, model[i])
			case kind < 80:
				require.Equal(t, model[i] != nil, x.Delete(group, idOf(i)))
				delete(model, i)
			default:
				model = drawNext(r, model, numbers)
				var items []*Item[string]
				var versions []Version
				for _, it := range model {
					items, versions = append(items, it), append(versions, Version{it.ID, it.Digest})
				}
				x.Replace(group, versions, func(i int) *Item[string] { return items[i] })
			}
			require.Equal(t, len(model), x.Len())
			if s := x.set(group); s != nil && n%4 == 0 {
				checkSet(t, s)
				if snapshot != nil {
					require.Equal(t, printed, print(snapshot), "an older snapshot has changed")
				}
				snapshot, printed = s, print(s)
			}
			for _, name := range names {
				for _, tag := range []Tags{1, 1 << 7} {
					require.ElementsMatch(t, matches(model, name, tag), x.Append(nil, group, name, tag))
				}
			}
		}
		return true
	}, gen.UInt64(), gen.SliceOf(gen.IntRange(0, 99))))
	properties.TestingRun(t)
}

// drawNext returns a model that keeps 0, 20 … 100 % of another model, and has random items for 0, 25
// … 75 % of the other numbers.
func drawNext(r *rand.Rand, model map[int]*Item[string], numbers int) map[int]*Item[string] {
	keep, draw := r.IntN(6)*20, r.IntN(4)*25
	next := map[int]*Item[string]{}
	for i := range numbers {
		if it := model[i]; it != nil && r.IntN(100) < keep {
			next[i] = it
		} else if r.IntN(100) < draw {
			next[i] = drawItem(r, i)
		}
	}
	return next
}

// matches returns the values of a model that a query must return.
func matches(model map[int]*Item[string], name string, tags Tags) (values []string) {
	for _, it := range model {
		list := wildcard.CompileList(it.Entries)
		if it.Tags&tags != 0 && (len(it.Entries) == 0 || list.Index(name) >= 0) {
			values = append(values, it.Value)
		}
	}
	return values
}

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// The set of doc.go, with some more values, has the expected structure.
func TestSetGolden(t *testing.T) {
	var x Index[string]
	for _, it := range []Item[string]{
		{Value: "a", Tags: 1 << 1, Entries: []string{"checkout"}},
		{Value: "b", Tags: 1 << 2, Entries: []string{"check*", "*-api*"}},
		{Value: "c", Tags: 1<<1 | 1<<3},
		{Value: "d", Tags: 1 << 3, Entries: []string{"CHECK*", "*-out", "a*checkout?", "*o?t*"}},
		{Value: "e", Tags: 1 << 4, Entries: []string{"?*", "a?", "*-api-*"}},
		{Value: "f", Entries: []string{"checkout"}}, // without tags
		{Value: "g", Tags: 1 << 3, Entries: []string{"x", "*"}},
		{Value: "h", Tags: 1 << 4, Entries: []string{"*api*"}},
	} {
		it.ID = ID{it.Value[0]}
		x.Put(ID{}, &it)
	}
	checkSet(t, x.set(ID{}))
	golden(t, "set", print(x.set(ID{})))
}

// print returns a set as text. It sorts by text, since hashes differ in each process.
func print(s *set[string]) string {
	var b strings.Builder
	line := func(depth int, format string, arguments ...any) {
		b.WriteString(strings.Repeat("    ", depth) + strings.TrimRight(fmt.Sprintf(format, arguments...), " ") + "\n")
	}
	tagList := func(tags Tags) (list []int) {
		for ; tags != 0; tags &= tags - 1 {
			list = append(list, bits.TrailingZeros32(uint32(tags)))
		}
		return list
	}
	printEntries := func(depth int, t *entries[string]) {
		all := collect(t)
		slices.SortFunc(all, func(a, b pointer[entry[string]]) int {
			return strings.Compare(a.to.pattern.Text(), b.to.pattern.Text())
		})
		kinds := []string{wildcard.Exact: "exact", wildcard.Prefix: "prefix", wildcard.Suffix: "suffix", wildcard.Within: "within"}
		for _, r := range all {
			kind, literal := r.to.pattern.Key()
			line(depth, "%s %q: entry %s", kinds[kind], literal, r.to.pattern.Text())
			list := collect(&r.to.postings)
			slices.SortFunc(list, func(a, b posting[string]) int { return strings.Compare(a.value, b.value) })
			for _, p := range list {
				line(depth+1, "%s tags %v slot %d", p.value, tagList(p.tags), p.slot)
			}
		}
	}
	line(0, "%d values, tags %v, %d slots", s.len, tagList(s.tags), s.slots)
	line(0, "literals, longest %d", s.longest)
	printEntries(1, &s.literals)
	line(0, "trigrams")
	all := collect(&s.trigrams)
	slices.SortFunc(all, func(a, b bucket[string]) int { return strings.Compare(a.trigram.text(), b.trigram.text()) })
	for _, b := range all {
		line(1, "%q", b.trigram.text())
		printEntries(2, &b.entries)
	}
	line(0, "match-all values")
	if s.matchAll != nil {
		for _, tag := range tagList(s.matchAll.tags) {
			list := s.matchAll.list(1 << tag)
			line(1, "tag %d: %v", tag, slices.Sorted(slices.Values(collect(&list))))
		}
	}
	return b.String()
}

func collect[T any](t *trie[T]) (all []T) {
	for items := range t.leaves {
		all = append(all, items...)
	}
	return all
}
