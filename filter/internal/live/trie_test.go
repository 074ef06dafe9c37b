package live

import (
	"math/rand/v2"
	"testing"
)

// What unsafe buys in a trie. A slot that says in one word where its items or kids are
// makes a node of 192 bytes, which each Put copies several times; with a slice and a
// pointer it is 320.
func BenchmarkNode(b *testing.B) {
	type slot struct {
		marks uint64
		items []uint64
		kids  *[fan]slot
	}
	b.Run("unsafe", func(b *testing.B) {
		b.ReportAllocs()
		old := nodeOf(new([fan]trie[uint64]))
		for b.Loop() {
			old = nodeOf(old.copyOfKids())
		}
	})
	b.Run("safe", func(b *testing.B) {
		b.ReportAllocs()
		old := slot{kids: new([fan]slot)}
		for b.Loop() {
			kids := *old.kids
			old = slot{kids: &kids}
			for i := range kids {
				old.marks |= kids[i].marks
			}
		}
	})
}

// What it buys to read of the leaves ahead, where no cache has them.
func BenchmarkWalk(b *testing.B) {
	k := kind[uint64]{512, func(h *uint64) uint64 { return *h }}
	var tries []trie[uint64]
	for range 100 {
		var t trie[uint64]
		for range 20_000 {
			t = t.with(&k, rand.Uint64(), never)
		}
		tries = append(tries, t)
	}
	var dst []uint64
	add := func(items []uint64) bool {
		dst = append(dst, items...)
		return true
	}
	for name, walk := range map[string]func(*trie[uint64]){
		"ahead":    func(t *trie[uint64]) { t.walk(add) },
		"in order": func(t *trie[uint64]) { inOrder(t, add) },
	} {
		b.Run(name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				dst = dst[:0]
				walk(&tries[i%len(tries)])
			}
		})
	}
}

// inOrder is walk without reading ahead.
func inOrder(t *trie[uint64], yield func([]uint64) bool) bool {
	if t.room != inNode {
		return t.len == 0 || yield(t.items())
	}
	kids := t.kids()
	for i := range kids {
		if (i == 0 || kids[i].at != kids[i-1].at) && !inOrder(&kids[i], yield) {
			return false
		}
	}
	return true
}
