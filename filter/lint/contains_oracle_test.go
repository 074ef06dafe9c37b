package lint_test

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A containmentAutomaton is the deterministic automaton of one pattern, by the
// subset construction on the positions in it: what containment is judged by.
type containmentAutomaton struct {
	letters []rune
	next    [][]int // by state and letter
	accepts []bool  // by state
}

// newContainmentAutomaton returns the automaton of a pattern of less than 64
// characters, for names of the given letters.
func newContainmentAutomaton(pattern string, letters []rune) *containmentAutomaton {
	type positions uint64 // a set: bit i says that the first i characters are done with
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

// within reports whether b, of the same letters, accepts every name that a
// accepts, by visiting every pair of states that one name leads to.
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

// containmentLetters returns one letter for each that the patterns distinguish,
// and one that is in none and so stands for all others.
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

// shadowedByAutomata returns which of the entries, all valid and short, has to be
// reported as shadowed: that which is not an exact repetition and whose names are
// all matched by another entry that is not, one before it if they match the same.
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

// shortEntries reports whether automata of all entries are small.
func shortEntries(entries []string) bool {
	return !slices.ContainsFunc(entries, func(entry string) bool { return utf8.RuneCountInString(entry) > 7 })
}
