package lint_test

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A containmentAutomaton is the deterministic automaton of one pattern, from the subset
// construction on the positions in the pattern. It is the oracle for containment.
type containmentAutomaton struct {
	letters []rune
	next    [][]int // by state and letter
	accepts []bool  // by state
}

// newContainmentAutomaton returns the automaton of a pattern of less than 64
// characters, for names of the given letters.
func newContainmentAutomaton(pattern string, letters []rune) *containmentAutomaton {
	type positions uint64 // a set: bit i means that the first i characters have matched
	characters := []rune(pattern)
	closure := func(s positions) positions {
		for i, c := range characters {
			if c == '*' && s&(1<<i) != 0 {
				s |= 1 << (i + 1)
			}
		}
		return s
	}
	sets := []positions{closure(1)}
	number := map[positions]int{sets[0]: 0}
	a := &containmentAutomaton{letters: letters}
	for n := 0; n < len(sets); n++ {
		row := make([]int, len(letters))
		for l, letter := range letters {
			var to positions
			for i, c := range characters {
				switch {
				case sets[n]&(1<<i) == 0:
				case c == '*':
					to |= 1 << i
				case c == '?' || strings.EqualFold(string(c), string(letter)):
					to |= 1 << (i + 1)
				}
			}
			to = closure(to)
			if _, ok := number[to]; !ok {
				number[to] = len(sets)
				sets = append(sets, to)
			}
			row[l] = number[to]
		}
		a.next = append(a.next, row)
		a.accepts = append(a.accepts, sets[n]&(1<<len(characters)) != 0)
	}
	return a
}

// within reports whether b, which has the same letters, accepts every name that a accepts.
// It visits every pair of states that a name leads to.
func (a *containmentAutomaton) within(b *containmentAutomaton) bool {
	type pair struct{ a, b int }
	seen := make([]bool, len(a.next)*len(b.next))
	todo := append(make([]pair, 0, 64), pair{})
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if a.accepts[at.a] && !b.accepts[at.b] {
			return false
		}
		for l := range a.letters {
			to := pair{a.next[at.a][l], b.next[at.b][l]}
			if visited := &seen[to.a*len(b.next)+to.b]; !*visited {
				*visited = true
				todo = append(todo, to)
			}
		}
	}
	return true
}

// containmentLetters returns the letters of the patterns without case variants, and one
// letter that stands for all others.
func containmentLetters(patterns ...string) []rune {
	letters := []rune{'c'}
	for _, c := range strings.Join(patterns, "") {
		if !slices.ContainsFunc(letters, func(l rune) bool { return strings.EqualFold(string(l), string(c)) }) {
			letters = append(letters, c)
		}
	}
	for other := '一'; ; other++ {
		if !slices.Contains(letters, other) {
			return append(letters, other)
		}
	}
}

// shadowedByAutomata returns, for each of the entries, whether Check must report it as
// shadowed: it is not a repetition, and another entry that is not a repetition matches all
// of its names. If both match the same names, the later one is shadowed. The entries must
// be valid and short.
func shadowedByAutomata(entries []string) []bool {
	letters := containmentLetters(entries...)
	automata := make([]*containmentAutomaton, len(entries))
	for i, entry := range entries {
		automata[i] = newContainmentAutomaton(entry, letters)
	}
	shadowed := make([]bool, len(entries))
	for i := range entries {
		for j := range entries {
			if i == j || slices.Contains(entries[:i], entries[i]) || slices.Contains(entries[:j], entries[j]) {
				continue
			}
			if automata[i].within(automata[j]) && (j < i || !automata[j].within(automata[i])) {
				shadowed[i] = true
			}
		}
	}
	return shadowed
}

// shortEntries reports whether all entries are short enough for small automata.
func shortEntries(entries []string) bool {
	return !slices.ContainsFunc(entries, func(entry string) bool { return utf8.RuneCountInString(entry) > 7 })
}
