package live_test

import (
	"math/rand"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hookfilter/hookfilter/filter/internal/live"
)

// Readers find each group exactly once while a writer divides pages, and doubles and shrinks the
// directory.
func TestReadersDuringWrites(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	groups := drawIDs(r, 500)
	const kept = 20 // few enough that the directory shrinks when the others are deleted
	var x live.Index[*value]
	for _, g := range groups[:kept] {
		put(&x, g, &value{live.ID{1}, []string{"a*"}, 1})
	}
	var done atomic.Bool
	var reading sync.WaitGroup
	for range 2 {
		reading.Go(func() {
			for i := 0; !done.Load(); i = (i + 1) % kept {
				if found := x.Append(nil, groups[i], "ab", 1); len(found) != 1 || found[0].id != (live.ID{1}) {
					t.Errorf("group %d: found %v, want one value", i, found)
					return
				}
				seen := make(map[live.ID]int)
				for g := range x.Groups() {
					seen[g]++
				}
				for _, g := range groups[:kept] {
					if seen[g] != 1 {
						t.Errorf("Groups returned a group %d times, want once", seen[g])
						return
					}
				}
			}
		})
	}
	for round := range 8 {
		for _, g := range groups[kept:] {
			if round%2 == 0 {
				put(&x, g, &value{live.ID{2}, []string{"a*"}, 1})
			} else {
				x.Delete(g, live.ID{2})
			}
		}
		for _, g := range groups[:kept] {
			put(&x, g, &value{live.ID{1}, []string{"ab", "*b"}[round%2 : round%2+1], 1})
		}
	}
	done.Store(true)
	reading.Wait()
}

// A group grows and shrinks repeatedly, so that the leaves of all tries are divided and joined while
// readers search them. Each result must be one snapshot of the group. The snapshot includes every
// change that was complete when the reader began, and no change that began after the reader ended.
func TestReadersSeeOneSnapshot(t *testing.T) {
	name := nameOfDistinctTrigrams()
	prefix := func(n int) string { return name[:1+n%len(name)] + "*" }
	within := func(n int) string { at := n % (len(name) - 2); return "*" + name[at:at+3] + "*" }
	for _, shape := range []struct {
		name        string
		least, most int // values of the group
		rounds      int
		entries     func(n int) []string
	}{
		{"literals", 10, 150, 2, func(n int) []string { return []string{prefix(n)} }},
		{"trigrams", 5, 100, 2, func(n int) []string { return []string{within(n)} }},
		{"both", 1, 290, 1, func(n int) []string { return []string{prefix(n), within(n)} }},
		{"alternating", 1, 100, 2, func(n int) []string { return [][]string{nil, {prefix(n)}, {within(n)}}[n/100%3] }},
		{"postings", 100, 600, 1, func(int) []string { return []string{"a*"} }},
		{"match-all", 20, 600, 1, func(int) []string { return nil }},
	} {
		t.Run(shape.name, func(t *testing.T) {
			changes, ids := drawChanges(rand.New(rand.NewSource(1)), shape.least, shape.most, shape.rounds)
			testReadersSeeOneSnapshot(t, name, changes, ids, shape.entries)
		})
	}
}

// change is one write to a group of numbers. The field in is the number to insert, and the field out
// is the number to delete; either may be none. If both are numbers, the first replaces the second.
type change struct{ in, out int }

const none = -1

// drawChanges returns changes to a group of numbers, and the id of each number: a number that
// replaces another one has the same id. In each round the group grows from least to most numbers and
// shrinks back, with some steps in the other direction.
func drawChanges(r *rand.Rand, least, most, rounds int) (changes []change, ids []live.ID) {
	var present []int
	for round := range 2 * rounds {
		for grows := round%2 == 0; grows && len(present) < most || !grows && len(present) > least; {
			c, at := change{len(ids), none}, len(present)-1 // the newest
			if at > 0 && r.Intn(2) == 0 {
				at = r.Intn(at)
			}
			switch kind := r.Intn(6); {
			case at < 0 || grows && kind > 1:
				ids = append(ids, drawIDs(r, 1)...)
				present = append(present, c.in)
			case kind == 0:
				c.out = present[at]
				ids = append(ids, ids[c.out])
				present[at] = c.in
			default:
				c = change{none, present[at]}
				present = slices.Delete(present, at, at+1)
			}
			changes = append(changes, c)
		}
	}
	return changes, ids
}

// testReadersSeeOneSnapshot applies changes to a group of values that all match the name, while two
// goroutines read it. Values have random weights, whose sum identifies a snapshot.
func testReadersSeeOneSnapshot(t *testing.T, name string, changes []change, ids []live.ID, entries func(int) []string) {
	weights := map[int]uint64{none: 0}
	sums := []uint64{0} // by snapshot
	for i, c := range changes {
		if c.in != none {
			weights[c.in] = rand.Uint64()
		}
		sums = append(sums, sums[i]+weights[c.in]-weights[c.out])
	}
	var (
		x            live.Index[int]
		group        = live.ID{1}
		begun, ended atomic.Int64 // number of changes
		reading      sync.WaitGroup
	)
	for _, read := range []func() []int{
		func() []int { return x.Append(nil, group, name, 1) },
		func() []int { return slices.Collect(x.All(group)) },
	} {
		reading.Go(func() {
			for least := 0; least < len(changes); {
				least = int(ended.Load())
				found := read()
				most := int(begun.Load())
				var sum uint64
				for _, n := range found {
					sum += weights[n]
				}
				if !slices.Contains(sums[least:most+1], sum) {
					t.Errorf("found %d values, which are not one of the snapshots %d to %d", len(found), least, most)
					return
				}
			}
		})
	}
	for i, c := range changes {
		begun.Store(int64(i + 1))
		if c.in != none {
			x.Put(group, &live.Item[int]{ID: ids[c.in], Entries: entries(c.in), Tags: 1, Value: c.in})
		} else {
			x.Delete(group, ids[c.out])
		}
		ended.Store(int64(i + 1))
	}
	reading.Wait()
}
