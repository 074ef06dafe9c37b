package analysis

import (
	"cmp"
	"slices"
)

// stateBuilder is the state that is being built; enter adds to it.
type stateBuilder struct {
	left     int32   // the number of characters that follow, or unknown
	ordinary []int32 // positions before a character or a ?
	stars    []int32 // positions before a * that were not in the previous state
	ended    []int32 // the webhooks in fires that have an entry that matches the name
	ends     bool    // an entry of a webhook in silent matches the name
}

// starSet is the positions of a state that are before a *. Such a position stays until a name
// reaches another * of its pattern, or a * that ends an entry of the same webhook: this entry
// then matches whatever follows. Many states have the same set, so each set is stored once.
//
// Once a name has reached a * of a pattern, all earlier positions of the pattern are left out of
// the state: whatever can follow them can also follow the *.
type starSet struct {
	positions []int32 // sorted
	edges     []edge  // sorted
	chars     []int32 // the distinct characters of edges
	owners    []int32 // the webhooks in fires that have a position here
	always    []int32 // the webhooks in fires that fire whatever follows
}

// edge is the character after a * of a pattern, and the position after that character.
type edge struct{ char, to int32 }

// The memory of one element, in bytes, with its share of the maps and slices that it is in.
const (
	webhookBytes     = 320
	valueBytes       = 80 // of events or environment_types_filter
	entryBytes       = 8  // without its pattern
	patternBytes     = 232
	positionBytes    = 56 // each may have a letter of its own
	distanceBytes    = 8
	caseBytes        = 64
	stateBytes       = 272
	setBytes         = 1024
	setPositionBytes = 40
)

// maxBytes is the memory that a call of Witness may use.
const maxBytes = 64 << 20

// follow builds the state that a character leads to, with left characters after it. It returns
// the index of its starSet, and false if an entry of a webhook in silent matches whatever follows.
func (s *search) follow(ordinary []int32, set, char, left int32) (int32, bool) {
	s.begin(left)
	s.steps += 8 + len(ordinary)
	for _, p := range ordinary {
		if next := s.positions[p].next; (next == char || next == anyOne) && !s.enter(p+1) {
			return 0, false
		}
	}
	edges := s.sets[set].edges
	first, _ := slices.BinarySearchFunc(edges, char, func(e edge, char int32) int { return cmp.Compare(e.char, char) })
	for _, e := range edges[first:] {
		if e.char != char {
			break
		}
		s.steps++
		if !s.enter(e.to) {
			return 0, false
		}
	}
	return s.finish(set), true
}

func (s *search) begin(left int32) {
	s.ordinary, s.stars, s.ended, s.ends, s.left = s.ordinary[:0], s.stars[:0], s.ended[:0], false, left
}

// enter adds a position to the state that is being built. It returns false if the position is
// before a * that ends an entry of a webhook in silent: this entry matches whatever follows. A
// position at the end of a pattern matters for this name only, so it does not become part of the
// state. A position that does not fit the number of characters that follow is left out.
func (s *search) enter(p int32) bool {
	in := &s.all[s.positions[p].pattern]
	if in.distances != nil {
		if d := in.distances[p-in.start]; d.least > s.left || d.exact && d.least < s.left {
			return true
		}
	}
	owner := in.owner
	switch next := s.positions[p].next; {
	case next == end && owner == silentOwner:
		s.ends = true
	case next == end:
		s.ended = append(s.ended, owner)
	case next != anyRun:
		s.ordinary = append(s.ordinary, p)
	case s.positions[p+1].next != end:
		s.stars = append(s.stars, p)
	case owner == silentOwner:
		return false
	default:
		s.stars = append(s.stars, s.always[owner])
	}
	return true
}

func (s *search) ownerOf(p int32) int32 { return s.all[s.positions[p].pattern].owner }

// finish removes the positions that no longer matter from the state that is being built, and
// returns the index of its starSet. set is the starSet of the previous state.
func (s *search) finish(set int32) int32 {
	slices.Sort(s.ordinary)
	s.ordinary = slices.Compact(s.ordinary) // a list may have an entry twice
	if len(s.stars) == 0 {
		return set
	}
	s.epoch++
	for _, p := range s.stars {
		s.patternEpoch[s.positions[p].pattern] = s.epoch
		if owner := s.ownerOf(p); owner != silentOwner && p == s.always[owner] {
			s.ownerEpoch[owner] = s.epoch
		}
	}
	fires := func(p int32) bool {
		owner := s.ownerOf(p)
		return owner != silentOwner && s.ownerEpoch[owner] == s.epoch
	}
	superseded := func(p int32) bool { return s.patternEpoch[s.positions[p].pattern] == s.epoch || fires(p) }
	s.ordinary = slices.DeleteFunc(s.ordinary, superseded)
	positions := slices.DeleteFunc(slices.Clone(s.sets[set].positions), superseded)
	for _, p := range s.stars {
		if !fires(p) || p == s.always[s.ownerOf(p)] {
			positions = append(positions, p)
		}
	}
	slices.Sort(positions)
	return s.internSet(slices.Compact(positions))
}

// internSet returns the index of the starSet with these positions.
func (s *search) internSet(positions []int32) int32 {
	s.steps += 8 * len(positions)
	s.key = appendInts(s.key[:0], positions)
	if id, ok := s.setIDs[string(s.key)]; ok {
		return id
	}
	set := &starSet{positions: positions}
	for _, p := range positions {
		next, owner := s.positions[p+1].next, s.ownerOf(p)
		if next != end {
			set.edges = append(set.edges, edge{next, p + 2})
			set.chars = append(set.chars, next)
		} else {
			set.always = append(set.always, owner)
		}
		if owner != silentOwner {
			set.owners = append(set.owners, owner)
		}
	}
	slices.SortFunc(set.edges, func(a, b edge) int { return cmp.Or(cmp.Compare(a.char, b.char), cmp.Compare(a.to, b.to)) })
	slices.Sort(set.chars)
	set.chars = slices.Clone(slices.Compact(set.chars))
	set.owners = slices.Compact(set.owners)
	id := int32(len(s.sets))
	s.sets = append(s.sets, set)
	s.setIDs[string(s.key)] = id
	s.bytes += setBytes + setPositionBytes*len(positions)
	return id
}

// count returns the number of webhooks in fires that are in one of two lists, or have one of
// the positions.
func (s *search) count(a, b, positions []int32) (n int) {
	s.epoch++
	mark := func(owner int32) {
		if owner != silentOwner && s.ownerEpoch[owner] != s.epoch {
			s.ownerEpoch[owner] = s.epoch
			n++
		}
	}
	for _, owner := range a {
		mark(owner)
	}
	for _, owner := range b {
		mark(owner)
	}
	for _, p := range positions {
		mark(s.ownerOf(p))
	}
	s.steps += len(a) + len(b) + len(positions)
	return n
}
