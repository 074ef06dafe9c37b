package analysis

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// search is one call of Witness.
type search struct {
	patterns
	steps    int
	maxSteps int
	kept     int // bytes in use until Witness returns
	bytes    int // bytes in use until the next call of firstName

	states []state
	known  map[string]struct{} // the keys of states
	sets   []*starSet
	setIDs map[string]int32 // by positions, as appendInts encodes them

	window int32 // see firstName; 0 if no pattern has distances
	stateBuilder

	// Pattern i is marked if patternEpoch[i] == epoch, and webhook i in fires is marked if
	// ownerEpoch[i] == epoch. To remove all marks, epoch is increased.
	epoch        int
	patternEpoch []int
	ownerEpoch   []int

	// Memory that is used again.
	key     []byte
	current []int32
	chars   []int32
}

// state is a set of positions, and the first name that leads to it.
type state struct {
	// key has the index of a starSet, the number of characters that follow the name (or
	// unknown), and the ordinary positions, as appendInts encodes them.
	key    string
	before int32 // the state that the name without its last character leads to, or noState
	char   int32 // the last character
}

const (
	unknown = math.MaxInt32 // number of characters
	noState = -1            // before the empty name
)

// newSearch returns a search that has no patterns.
func newSearch(maxSteps int) *search {
	return &search{patterns: patterns{ids: make(map[patternKey]int32), letters: make(map[rune]int32)}, maxSteps: maxSteps}
}

// exceeded reports whether a limit is exceeded. The result of the search is then worthless.
func (s *search) exceeded() bool { return s.steps > s.maxSteps || s.kept+s.bytes > maxBytes }

// shortestName returns the first name, in the order that Witness documents, that matches an
// entry of each webhook in must, and none of the silent patterns. It returns false if there is
// no such name of at most longest characters, or if the limits are exceeded.
func (s *search) shortestName(must []compiled, silent []int32, longest int) (string, bool) {
	entries := make([][]int32, len(must))
	for i, c := range must {
		s.steps += len(c.entries)
		for _, id := range c.entries {
			// No name that matches the entry is a witness if a silent pattern has the same text.
			same, ok := s.ids[patternKey{s.all[id].text, silentOwner}]
			if ok {
				_, ok = slices.BinarySearch(silent, same)
			}
			if !ok {
				entries[i] = append(entries[i], id)
			}
		}
	}
	// Silent patterns with a ? after a * make a search longer, and seldom change its result. So
	// each is left out until it matches a name that the search without it finds.
	var used, unused []int32
	for _, id := range silent {
		if s.all[id].distances == nil {
			used = append(used, id)
		} else {
			unused = append(unused, id)
		}
	}
	for {
		name, ok := s.firstName(entries, used, longest)
		before := len(used)
		unused = slices.DeleteFunc(unused, func(id int32) bool {
			matches := ok && s.matches(id, name)
			if matches {
				used = append(used, id)
			}
			return matches
		})
		if len(used) == before {
			return name, ok
		}
	}
}

// matches reports whether a pattern matches a name.
func (s *search) matches(id int32, name string) bool {
	text := s.all[id].text
	s.steps += len(text) * len(name)
	var f wildcard.Folder
	p := wildcard.Compile(text)
	return p.Match(f.Fold(name))
}

// firstName is shortestName for webhooks in fires with the given entries.
//
// A pattern like *-???????? has many sets of positions, one for each way to place hyphens in a
// name. But only one of the positions after its last * matters if it is known how many characters
// follow. The field window is the maximum, over all such patterns, of the minimum length of a
// matching name: 9 if *-???????? is the only one. Names that are shorter than 9 characters are then
// tried length by length. A name of at least 9 characters has an ending, its last 9 characters, and
// a beginning, which may be empty. While the search extends beginnings, it leaves out the positions
// after the last * of such patterns. From each state of a beginning it tries all endings, with
// these positions.
func (s *search) firstName(entries [][]int32, silent []int32, longest int) (string, bool) {
	s.patternEpoch, s.ownerEpoch = make([]int, len(s.all)), make([]int, len(entries))
	s.states, s.known = nil, make(map[string]struct{})
	s.sets, s.setIDs = nil, make(map[string]int32)
	s.bytes = 0
	s.steps += len(s.all)
	s.window = 0
	for _, id := range slices.Concat(slices.Concat(entries...), silent) {
		if d := s.all[id].distances; d != nil {
			s.window = max(s.window, d[0].least)
		}
	}
	for length := int32(1); length < s.window && int(length) <= longest; length++ {
		if name, ok := s.complete(s.start(entries, silent, length)); ok {
			return name, true
		}
	}
	open := s.start(entries, silent, unknown)
	for length := max(1, int(s.window)); len(open) > 0 && length <= longest; length++ {
		if s.window > 0 {
			var ending []int32
			for _, at := range open {
				set, _, ordinary := s.decode(at)
				s.ordinary = append(s.ordinary[:0], ordinary...)
				ending = s.push(ending, set, s.window, s.states[at].before, s.states[at].char)
			}
			if name, ok := s.complete(ending); ok {
				return name, true
			}
		}
		next, name, ok := s.extend(open)
		if ok {
			return name, true
		}
		open = next
	}
	return "", false
}

// start returns a list of one state: the empty name, where left is the number of characters that
// follow, or unknown. The list is empty if no name can be a witness.
func (s *search) start(entries [][]int32, silent []int32, left int32) []int32 {
	s.begin(left)
	s.steps += len(silent)
	for _, id := range silent {
		if !s.enter(s.all[id].start) {
			return nil
		}
	}
	for _, ids := range entries {
		s.steps += len(ids)
		for _, id := range ids {
			s.enter(s.all[id].start)
		}
	}
	set := s.finish(s.internSet(nil))
	if s.exceeded() || s.count(s.sets[set].owners, nil, s.ordinary) < len(entries) {
		return nil
	}
	return s.push(nil, set, left, noState, 0)
}

// complete extends states by the number of characters that follow them.
func (s *search) complete(states []int32) (name string, ok bool) {
	for len(states) > 0 && !ok {
		states, name, ok = s.extend(states)
	}
	return name, ok
}

// extend extends states, which are in the order of their names, by one character. It returns
// the new states in that order, or true and the first name that meets the conditions of
// firstName. If the limits are exceeded, it returns neither.
func (s *search) extend(states []int32) (next []int32, name string, ok bool) {
	for _, at := range states {
		set, left, ordinary := s.decode(at)
		if left != unknown {
			left--
		}
		for _, char := range s.charactersAt(ordinary, s.sets[set]) {
			to, ok := s.follow(ordinary, set, char, left)
			if s.exceeded() {
				return nil, "", false
			}
			if !ok {
				continue
			}
			ends := left == 0 || s.window == 0
			if ends && !s.ends && s.count(s.sets[to].always, s.ended, nil) == len(s.always) {
				return nil, s.name(at, char), true
			}
			if left > 0 && s.count(s.sets[to].owners, nil, s.ordinary) == len(s.always) {
				next = s.push(next, to, left, at, char)
			}
		}
	}
	return next, "", false
}

// decode returns the starSet of a state, the number of characters that follow, and the ordinary
// positions, which are valid until the next call.
func (s *search) decode(at int32) (set, left int32, ordinary []int32) {
	s.current = decodeInts(s.current[:0], s.states[at].key)
	return s.current[0], s.current[1], s.current[2:]
}

// charactersAt returns the characters to extend a name with, sorted: each character that a
// position treats differently from the others, and the first of the others.
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

// push adds the state that was built to s.states and to list, unless an earlier name led to it.
func (s *search) push(list []int32, set, left, before, char int32) []int32 {
	s.key = appendInts(s.key[:0], []int32{set, left})
	s.key = appendInts(s.key, s.ordinary)
	if _, ok := s.known[string(s.key)]; ok {
		return list
	}
	key := string(s.key)
	s.known[key] = struct{}{}
	s.states = append(s.states, state{key, before, char})
	s.bytes += stateBytes + len(key)
	return append(list, int32(len(s.states)-1))
}

// name returns the name that leads to a state, with one more character.
func (s *search) name(at, char int32) string {
	name := []rune{s.alphabet[char]}
	for ; s.states[at].before != noState; at = s.states[at].before {
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
