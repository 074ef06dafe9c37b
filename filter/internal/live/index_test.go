package live_test

import (
	"fmt"
	"hash/maphash"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/internal/live"
)

type value struct {
	id      live.ID
	entries []string
	tags    live.Tags
}

func (v *value) String() string { return fmt.Sprintf("%x %q tags %b", v.id, v.entries, v.tags) }

var seed = maphash.MakeSeed()

func item(v *value) *live.Item[*value] {
	return &live.Item[*value]{
		ID: v.id, Digest: maphash.String(seed, fmt.Sprintf("%q %d", v.entries, v.tags)), Entries: v.entries, Tags: v.tags, Value: v,
	}
}

func put(x *live.Index[*value], group live.ID, v *value) { x.Put(group, item(v)) }

type address struct{ group, id live.ID }

// model is a naive Index.
type model map[address]*value

func (m model) find(group live.ID, name string, tags live.Tags) (found []*value) {
	for a, v := range m {
		matches := func(entry string) bool { return filtertest.MatchName(entry, name) }
		if a.group == group && v.tags&tags != 0 && (len(v.entries) == 0 || slices.ContainsFunc(v.entries, matches)) {
			found = append(found, v)
		}
	}
	return found
}

func (m model) all(group live.ID) (all []*value) {
	for a, v := range m {
		if a.group == group {
			all = append(all, v)
		}
	}
	return all
}

// difference compares the results of all methods of x with m. It describes the first difference, or
// returns "" if there is none.
func (m model) difference(x *live.Index[*value], groups, ids []live.ID, names []string) string {
	if x.Len() != len(m) {
		return fmt.Sprintf("Len: got %d, want %d", x.Len(), len(m))
	}
	want := make(map[live.ID]bool)
	for a := range m {
		want[a.group] = true
	}
	got := slices.Collect(x.Groups())
	if len(got) != len(want) || slices.ContainsFunc(got, func(g live.ID) bool { return !want[g] }) {
		return fmt.Sprintf("Groups: got %x, want %x", got, slices.Collect(maps.Keys(want)))
	}
	for _, g := range groups {
		if got, want := slices.Collect(x.All(g)), m.all(g); !sameValues(got, want) {
			return fmt.Sprintf("All: got %v, want %v", got, want)
		}
		for _, id := range ids {
			if got, ok := x.Get(g, id); got != m[address{g, id}] || ok != (got != nil) {
				return fmt.Sprintf("Get: got %v, %t, want %v", got, ok, m[address{g, id}])
			}
		}
		for i, name := range names {
			tags := live.Tags(1 << (i % live.MaxTags))
			if got, want := x.Append(nil, g, name, tags), m.find(g, name, tags); !sameValues(got, want) {
				return fmt.Sprintf("Append of %+q: got %v, want %v", name, got, want)
			}
		}
	}
	return ""
}

// sameValues reports whether a and b have the same values in any order, without duplicates.
func sameValues(a, b []*value) bool {
	set := make(map[*value]bool)
	for _, v := range a {
		set[v] = true
	}
	for _, v := range b {
		if !set[v] {
			return false
		}
	}
	return len(set) == len(a) && len(a) == len(b)
}

// drawValue returns a random value. Entries are from the vocabulary if there is one.
func drawValue(r *rand.Rand, id live.ID, vocabulary []string) *value {
	v := &value{id: id, tags: live.Tags(r.Uint32())}
	if r.Intn(10) == 0 {
		v.tags = 0
	}
	for range r.Intn(4) {
		entry := filtertest.Entry(r)
		if vocabulary != nil {
			entry = filtertest.Pick(r, vocabulary)
		}
		v.entries = append(v.entries, entry)
	}
	return v
}

func drawIDs(r *rand.Rand, n int) []live.ID {
	ids := make([]live.ID, n)
	for i := range ids {
		r.Read(ids[i][:])
	}
	return ids
}

// replace makes values the content of a group.
func replace(x *live.Index[*value], group live.ID, values []*value) {
	var versions []live.Version
	for _, v := range values {
		versions = append(versions, live.Version{ID: v.id, Digest: item(v).Digest})
	}
	x.Replace(group, versions, func(i int) *live.Item[*value] { return item(values[i]) })
}

// Random changes, one by one and many at once, divide and join leaves, divide pages, and shrink the
// directory. The Index must always equal the model.
func TestIndexEqualsModel(t *testing.T) {
	for _, shape := range []struct {
		name        string
		groups, ids int
		steps       int
		vocabulary  []string // nil: any entry
		names       []string
	}{
		{"few values", 3, 6, 400, nil, nil},
		{"many values, any entries", 1, 400, 3000, nil, nil},
		{"many values, few entries", 2, 700, 5000, []string{"a*", "ab", "*b", "*ab*", "a?b", "*", "?*"}, []string{"ab", "axb", "", "abab", "b"}},
		{"many groups", 600, 1, 3000, []string{"a", "*b"}, []string{"a", "b"}},
	} {
		t.Run(shape.name, func(t *testing.T) {
			seed := rand.Int63()
			t.Log("seed", seed)
			r := rand.New(rand.NewSource(seed))
			var x live.Index[*value]
			m := model{}
			groups, ids := drawIDs(r, shape.groups), drawIDs(r, shape.ids)
			require.Empty(t, m.difference(&x, groups, ids, []string{"a"}))
			for phase := range 4 {
				for range shape.steps {
					a := address{filtertest.Pick(r, groups), filtertest.Pick(r, ids)}
					switch {
					case r.Intn(4) < 1+2*(phase%2): // mostly deletions in every other phase
						require.Equal(t, m[a] != nil, x.Delete(a.group, a.id))
						delete(m, a)
					case r.Intn(100) == 0:
						m.replace(r, &x, a.group, ids, shape.vocabulary)
					default:
						m[a] = drawValue(r, a.id, shape.vocabulary)
						put(&x, a.group, m[a])
					}
				}
				names := shape.names
				for range 20 {
					entry := "ab"
					for _, v := range m {
						entry = filtertest.Pick(r, append(v.entries, "a"))
						break
					}
					names = append(names, filtertest.NameFor(r, entry))
				}
				require.Empty(t, m.difference(&x, groups, ids, names))
			}
			for a := range maps.Clone(m) {
				require.True(t, x.Delete(a.group, a.id))
				delete(m, a)
			}
			require.Empty(t, m.difference(&x, groups, ids, []string{"a", "ab"}))
		})
	}
}

// replace replaces the values of a group by random ones, but keeps half of them.
func (m model) replace(r *rand.Rand, x *live.Index[*value], group live.ID, ids []live.ID, vocabulary []string) {
	var values []*value
	for _, id := range ids {
		a := address{group, id}
		switch old := m[a]; {
		case old != nil && r.Intn(2) == 0:
			equal := *old // the same digest, so that the Index keeps old
			values = append(values, &equal)
		case r.Intn(2) == 0:
			delete(m, a)
			continue
		default:
			v := drawValue(r, id, vocabulary)
			values = append(values, v)
			if old == nil || item(old).Digest != item(v).Digest {
				m[a] = v
			}
		}
	}
	replace(x, group, values)
}

// After Replace, a value of the new content is in the Index even if another writer has deleted the
// value meanwhile.
func TestDeleteDuringReplace(t *testing.T) {
	for _, others := range []int{1, 20} { // Replace works in bulk, or value by value
		group, old := live.ID{1}, &value{live.ID{1}, []string{"a*"}, 1}
		values := []*value{old}
		var x live.Index[*value]
		put(&x, group, old)
		for i := range others {
			v := &value{live.ID{2, byte(i)}, nil, 1}
			values = append(values, v)
			if i > 0 {
				put(&x, group, v)
			}
		}
		var versions []live.Version
		for _, v := range values {
			versions = append(versions, live.Version{ID: v.id, Digest: item(v).Digest})
		}
		deleted := false
		x.Replace(group, versions, func(i int) *live.Item[*value] {
			if !deleted { // only once, since Replace holds the lock the second time
				deleted = x.Delete(group, old.id)
			}
			return item(values[i])
		})
		require.ElementsMatch(t, values, x.Append(nil, group, "ab", 1))
		require.Equal(t, len(values), x.Len())
	}
}

// Replace makes neither items nor a set if nothing changes.
func TestReplaceWithoutChange(t *testing.T) {
	var x live.Index[*value]
	group, v := live.ID{1}, &value{live.ID{1}, []string{"a*"}, 1}
	put(&x, group, v)
	versions := []live.Version{{ID: v.id, Digest: item(v).Digest}}
	newItem := func(int) *live.Item[*value] {
		t.Error("newItem was called for an unchanged item")
		return item(v)
	}
	require.Zero(t, testing.AllocsPerRun(10, func() { x.Replace(group, versions, newItem) }))
	require.Equal(t, []*value{v}, x.Append(nil, group, "ab", 1))
}

// FuzzIndex decodes bytes to changes of one group, and compares the Index with a model.
func FuzzIndex(f *testing.F) {
	f.Add([]byte("\x01a*\x00\x02*b\x00\x03?a\x00\x81\x02\x00"), "ab")
	f.Add([]byte("\x01\xe2\x84\xaa\x00\x41s*k?\x00\x03\xc5\xbf*\x00\x04*\x00\x84"), "ſkk")
	f.Add([]byte("\x01*abc*\x00\x02*bca*\x00\x03*cab*\x00"), strings.Repeat("abc", 200))
	f.Add([]byte("\x01a*a\x00\x41a?a\x00\x03??\x00\x04*a*\x00\x02*\xff\x00\x01\x00"), "aa")
	f.Fuzz(func(t *testing.T, changes []byte, name string) {
		if len(name) > 4000 {
			return // the model is slow
		}
		var x live.Index[*value]
		m, group := model{}, live.ID{1}
		var ids []live.ID
		for id := range 16 {
			ids = append(ids, live.ID{byte(id)})
		}
		for len(changes) > 0 {
			head := changes[0]
			changes = changes[1:]
			a := address{group, ids[head%16]}
			if head&0x80 != 0 {
				require.Equal(t, m[a] != nil, x.Delete(group, a.id))
				delete(m, a)
				continue
			}
			v := &value{id: a.id, tags: 1 << (head >> 5)}
			for range 1 + head>>4&1 {
				var entry string
				entry, rest, _ := strings.Cut(string(changes), "\x00")
				changes = []byte(rest)
				if filtertest.ValidEntry(entry) {
					v.entries = append(v.entries, entry)
				}
			}
			m[a] = v
			put(&x, group, v)
		}
		require.Empty(t, m.difference(&x, []live.ID{group}, ids, []string{name, "", "a", name}))
	})
}
