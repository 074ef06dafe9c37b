package analysis

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// patterns are the entries of all webhooks, in the form of [wildcard.Canonical].
type patterns struct {
	all       []pattern
	positions []position
	ids       map[patternKey]int32 // indexes in all

	// always has a position for each webhook in fires: the start of its pattern *, which is added
	// even if the webhook has no entry *. If a state has this position, the webhook fires whatever
	// follows.
	always []int32

	letters  map[rune]int32 // for each folded character, its index in alphabet before sortAlphabet
	alphabet []rune         // the characters of names; see sortAlphabet
}

// patternKey identifies a pattern. Webhooks in silent share patterns, since it does not matter
// which of them an event fires.
type patternKey struct {
	text  string
	owner int32 // the index in fires of its webhook, or silentOwner
}

const silentOwner = -1

type pattern struct {
	patternKey
	start     int32      // its first position
	distances []distance // from its positions, if there is a ? after a *
}

// position is a place in a pattern: before one of its characters, or at its end. The positions
// of a pattern are consecutive.
type position struct {
	next    int32 // the index in alphabet of the character after it, or end, anyOne or anyRun
	pattern int32
}

// distance is the number of characters from a position to the end of a name that the pattern
// matches.
type distance struct {
	least int32
	exact bool // whether it cannot be greater
}

const (
	end    = -1 - iota
	anyOne // a ?
	anyRun // a *; in canonical patterns, neither ? nor * follows directly
)

// add adds an entry of a webhook, and returns the index of its pattern.
func (p *patterns) add(entry string, owner int32) int32 {
	key := patternKey{wildcard.Canonical(entry), owner}
	if id, ok := p.ids[key]; ok {
		return id
	}
	id := int32(len(p.all))
	p.ids[key] = id
	p.all = append(p.all, pattern{patternKey: key, start: int32(len(p.positions))})
	for _, r := range key.text {
		next := int32(anyOne)
		switch r {
		case '?':
		case '*':
			next = anyRun
		default:
			next = p.letter(r)
		}
		p.positions = append(p.positions, position{next, id})
	}
	p.positions = append(p.positions, position{end, id})
	if _, rest, _ := strings.Cut(key.text, "*"); strings.Contains(rest, "?") {
		p.all[id].distances = distances(p.positions[p.all[id].start:])
	}
	return id
}

// distances returns the distances of the positions of a pattern.
func distances(positions []position) []distance {
	all := make([]distance, len(positions))
	d := distance{exact: true}
	for i, at := range slices.Backward(positions) {
		switch at.next {
		case end:
		case anyRun:
			d.exact = false
		default:
			d.least++
		}
		all[i] = d
	}
	return all
}

// letter returns the index of a folded character in the alphabet.
func (p *patterns) letter(folded rune) int32 {
	i, ok := p.letters[folded]
	if !ok {
		i = int32(len(p.alphabet))
		p.letters[folded] = i
		p.alphabet = append(p.alphabet, small(folded))
	}
	return i
}

// sortAlphabet sorts the alphabet as [Witness] documents, and adds the first character that
// is in no pattern. All patterns treat such characters alike, so this one is enough.
func (p *patterns) sortAlphabet() {
	ranks := make([]int64, len(p.alphabet), len(p.alphabet)+1)
	for i, r := range p.alphabet {
		ranks[i] = rank(r)
	}
	if r, ok := p.unused(); ok {
		ranks = append(ranks, rank(r))
	}
	slices.Sort(ranks)
	index := make([]int32, len(p.alphabet))
	p.alphabet = p.alphabet[:0]
	for i, rank := range ranks {
		r := rune(rank)
		if unsorted, ok := p.letters[fold(r)]; ok {
			index[unsorted] = int32(i)
		}
		p.alphabet = append(p.alphabet, r)
	}
	for i := range p.positions {
		if next := &p.positions[i].next; *next >= 0 {
			*next = index[*next]
		}
	}
}

// unused returns the first character that is in no pattern, if there is one.
func (p *patterns) unused() (rune, bool) {
	free := func(r rune) bool {
		folded := fold(r)
		_, used := p.letters[folded]
		return !used && small(folded) == r
	}
	for _, r := range "abcdefghijklmnopqrstuvwxyz0123456789" {
		if free(r) {
			return r, true
		}
	}
	for _, readable := range []bool{true, false} {
		for r := rune(0); r <= unicode.MaxRune; r++ {
			if isReadable(r) == readable && utf8.ValidRune(r) && free(r) {
				return r, true
			}
		}
	}
	return 0, false
}

// rank returns a number that orders characters as [Witness] documents. Its lower 32 bits are
// the character.
func rank(r rune) int64 {
	class := 3
	switch {
	case 'a' <= r && r <= 'z':
		class = 0
	case '0' <= r && r <= '9':
		class = 1
	case isReadable(r):
		class = 2
	}
	return int64(class)<<32 | int64(r)
}

// isReadable reports whether a name with r reads well. A * in it would be taken for a wildcard.
func isReadable(r rune) bool { return unicode.IsPrint(r) && !strings.ContainsRune(" *?", r) }

// fold returns the folded character that equals r by rule 11.
func fold(r rune) rune {
	folded, _ := utf8.DecodeRuneInString(wildcard.Canonical(string(r)))
	return folded
}

// small returns the small letter that equals a folded character by rule 11, or the character
// itself if there is none. It goes through the capital letter, since some small letters fold to
// characters that are not letters: ι folds to U+0345.
func small(folded rune) rune {
	if r := unicode.ToLower(unicode.ToUpper(folded)); fold(r) == folded {
		return r
	}
	return folded
}
