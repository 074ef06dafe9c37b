package analysis

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// search is one call of Witness.
type search struct {
	patterns
	steps    int
	maxSteps int
	kept     int // bytes until Witness returns
	bytes    int // bytes until the current shortestName returns

	states []state
	known  map[string]struct{} // the keys of states
	sets   []*starSet
	setIDs map[string]int32 // by the key of appendInts

	// The state that is being built; enter adds to it.
	ordinary []int32 // positions before a character or a ?
	stars    []int32 // positions before a * that were not in the state before
	ended    []int32 // the webhooks in fires that have an entry that matches the name
	ends     bool    // an entry of a webhook in silent matches the name

	// The following are equal to turn for the patterns and webhooks that are marked.
	turn        int
	patternTurn []int
	ownerTurn   []int

	// Memory that is used again.
	key     []byte
	current []int32
	chars   []int32
}

// state is a set of positions, and the first name that leads to it.
type state struct {
	// key is the index of a starSet, and the ordinary positions, as appendInts encodes them.
	key    string
	before int32 // the state that the name without its last character leads to
	char   int32 // the last character
	length int32 // of the name
}

// starSet is the positions of a state that are before a *. Such a position stays until a name
// reaches another * of its pattern, or an entry of the same webhook that matches whatever
// follows. Many states have the same ones, so they are stored once.
//
// All positions of a pattern that are before its last * that was reached are left out of a
// state: what they match, the * matches too.
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
	entryBytes       = 8  // that is a pattern already
	patternBytes     = 208
	positionBytes    = 56 // each may have a letter of its own
	caseBytes        = 64
	stateBytes       = 272
	setBytes         = 1024
	setPositionBytes = 40
)

// maxBytes is the memory that a call of Witness may use.
const maxBytes = 64 << 20

// newSearch returns a search that has no patterns.
func newSearch(maxSteps int) *search {
	return &search{patterns: patterns{ids: make(map[patternKey]int32), letters: make(map[rune]int32)}, maxSteps: maxSteps}
}

// exceeded reports whether a limit is exceeded. The result of the search is then worthless.
func (s *search) exceeded() bool { return s.steps > s.maxSteps || s.kept+s.bytes > maxBytes }

// shortestName returns the first name, in the order that Witness documents, that matches an
// entry of each webhook in fires, and none of the silent patterns. It returns false if there is
// no such name of at most longest characters, or if the limits are exceeded.
func (s *search) shortestName(must []compiled, silent []int32, longest int) (string, bool) {
	s.patternTurn, s.ownerTurn = make([]int, len(s.all)), make([]int, len(must))
	s.states, s.known = nil, make(map[string]struct{})
	s.sets, s.setIDs = nil, make(map[string]int32)
	s.bytes = 0
	s.begin()
	for _, id := range silent {
		if !s.enter(s.all[id].start) {
			return "", false
		}
	}
	for _, c := range must {
		for _, id := range c.entries {
			// What an entry matches is no witness if a silent pattern is the same.
			same, ok := s.ids[patternKey{s.all[id].text, silentOwner}]
			if ok {
				_, ok = slices.BinarySearch(silent, same)
			}
			if !ok {
				s.enter(s.all[id].start)
			}
		}
	}
	set := s.finish(s.internSet(nil))
	if s.count(s.sets[set].owners, nil, s.ordinary) < len(must) {
		return "", false
	}
	s.push(set, 0, 0, 0)
	for at := int32(0); int(at) < len(s.states) && int(s.states[at].length) < longest; at++ {
		s.current = decodeInts(s.current[:0], s.states[at].key)
		set, ordinary := s.current[0], s.current[1:]
		for _, char := range s.charactersAt(ordinary, s.sets[set]) {
			next, ok := s.follow(ordinary, set, char)
			if s.exceeded() {
				return "", false
			}
			if !ok {
				continue
			}
			if !s.ends && s.count(s.sets[next].always, s.ended, nil) == len(must) {
				return s.name(at, char), true
			}
			if s.count(s.sets[next].owners, nil, s.ordinary) == len(must) {
				s.push(next, at, char, s.states[at].length+1)
			}
		}
	}
	return "", false
}

// charactersAt returns the characters to extend a name with, sorted: those that a position
// treats differently from others, and the first of the others.
func (s *search) charactersAt(ordinary []int32, set *starSet) []int32 {
	chars := append(s.chars[:0], set.chars...)
	for _, p := range ordinary {
		if next := s.positions[p].next; next >= 0 {
			chars = append(chars, next)
		}
	}
	slices.Sort(chars)
	chars = slices.Compact(chars)
	s.steps += len(ordinary) + len(chars)
	for i := range s.alphabet {
		if i == len(chars) || int(chars[i]) != i {
			chars = slices.Insert(chars, i, int32(i))
			break
		}
	}
	s.chars = chars
	return chars
}

// follow builds the state that a character leads to. It returns the index of its starSet, and
// false if an entry of a webhook in silent matches whatever follows.
func (s *search) follow(ordinary []int32, set, char int32) (int32, bool) {
	s.begin()
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

func (s *search) begin() {
	s.ordinary, s.stars, s.ended, s.ends = s.ordinary[:0], s.stars[:0], s.ended[:0], false
}

// enter adds a position to the state that is being built. It returns false if it is a position
// of a webhook in silent that matches whatever follows. A position at the end of a pattern
// matters for this name only, so it does not become part of the state.
func (s *search) enter(p int32) bool {
	owner := s.ownerOf(p)
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

// finish removes the positions that do not matter any more from the state that is being built,
// and returns the index of its starSet. That of the state before is set.
func (s *search) finish(set int32) int32 {
	slices.Sort(s.ordinary)
	s.ordinary = slices.Compact(s.ordinary) // a list may have an entry twice
	if len(s.stars) == 0 {
		return set
	}
	s.turn++
	for _, p := range s.stars {
		s.patternTurn[s.positions[p].pattern] = s.turn
		if owner := s.ownerOf(p); owner != silentOwner && p == s.always[owner] {
			s.ownerTurn[owner] = s.turn
		}
	}
	fires := func(p int32) bool {
		owner := s.ownerOf(p)
		return owner != silentOwner && s.ownerTurn[owner] == s.turn
	}
	superseded := func(p int32) bool { return s.patternTurn[s.positions[p].pattern] == s.turn || fires(p) }
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
	s.turn++
	mark := func(owner int32) {
		if owner != silentOwner && s.ownerTurn[owner] != s.turn {
			s.ownerTurn[owner] = s.turn
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

// push adds the state that was built, unless a name before led to it.
func (s *search) push(set, before, char, length int32) {
	s.key = appendInts(binary.LittleEndian.AppendUint32(s.key[:0], uint32(set)), s.ordinary)
	if _, ok := s.known[string(s.key)]; ok {
		return
	}
	key := string(s.key)
	s.known[key] = struct{}{}
	s.states = append(s.states, state{key, before, char, length})
	s.bytes += stateBytes + len(key)
}

// name returns the name that leads to a state, with one more character.
func (s *search) name(at, char int32) string {
	name := []rune{s.alphabet[char]}
	for ; at > 0; at = s.states[at].before {
		name = append(name, s.alphabet[s.states[at].char])
	}
	slices.Reverse(name)
	return string(name)
}

// appendInts appends ints to b, four bytes each.
func appendInts(b []byte, ints []int32) []byte {
	for _, i := range ints {
		b = binary.LittleEndian.AppendUint32(b, uint32(i))
	}
	return b
}

// decodeInts appends the ints that appendInts has encoded.
func decodeInts(ints []int32, s string) []int32 {
	for ; s != ""; s = s[4:] {
		ints = append(ints, int32(uint32(s[0])|uint32(s[1])<<8|uint32(s[2])<<16|uint32(s[3])<<24))
	}
	return ints
}
