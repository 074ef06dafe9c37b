package wildcard

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/gobwas/glob"
)

// Pattern is one compiled entry. It is immutable, and the zero Pattern matches only the
// empty name.
type Pattern struct {
	text string // canonical
	// prefix and suffix are the lengths of text before the first wildcard and after
	// the last. Without a wildcard, all of text is prefix.
	prefix, suffix uint16
	shape          shape
	parts          *[]part // shapeParts only
}

type shape uint8

const (
	shapeExact    shape = iota // no wildcard
	shapeStar                  // one *: prefix*suffix
	shapeContains              // *literal*
	shapeParts                 // any other
)

// part is a piece of a pattern between stars. It matches a fixed number of characters, so
// the parts can be matched one after another, each at the first position where it fits,
// without backtracking.
//
// The wildcard engine, github.com/gobwas/glob, is used only for single parts with ?. For patterns
// with *, it backtracks, takes time quadratic in the length of the name, and allocated up to 268 MB
// for one match.
type part struct {
	lead       string // the text before the first ?, or the whole part
	characters int
	glob       *glob.Pattern // nil without a ?
}

// MaxEntry is the maximum length of an entry that Compile accepts, in bytes.
const MaxEntry = math.MaxUint16

// Compile compiles a valid entry of at most MaxEntry bytes.
func Compile(entry string) Pattern {
	p := Parse(entry)
	if p.shape == shapeParts {
		var parts []part
		for text := range strings.SplitSeq(p.text, "*") {
			lead, _, wild := strings.Cut(text, "?")
			part := part{lead: lead, characters: utf8.RuneCountInString(text)}
			if wild {
				// Everything but ? is quoted, so the engine accepts it.
				part.glob = glob.MustCompile(strings.ReplaceAll(glob.QuoteMeta(text), `\?`, "?"))
			}
			parts = append(parts, part)
		}
		p.parts = &parts
	}
	return p
}

// Parse is like Compile, but does not compile for matching, so it is cheaper. Only the methods
// Key and Text of the result may be called.
func Parse(entry string) Pattern {
	text := Canonical(entry)
	first := strings.IndexAny(text, Wildcards)
	if first < 0 {
		return Pattern{text: text, prefix: uint16(len(text)), shape: shapeExact}
	}
	last := strings.LastIndexAny(text, Wildcards)
	p := Pattern{text: text, prefix: uint16(first), suffix: uint16(len(text) - last - 1), shape: shapeParts}
	switch {
	case text[first:last+1] == "*":
		p.shape = shapeStar
	case text[0] == '*' && text[len(text)-1] == '*' && !strings.ContainsAny(text[1:len(text)-1], Wildcards):
		p.shape = shapeContains
	}
	return p
}

// Key says how a literal of a Pattern relates to the names that the Pattern matches.
type Key uint8

const (
	Exact  Key = iota // the Pattern matches exactly the literal
	Prefix            // the Pattern matches every name that begins with the literal
	Suffix            // the Pattern matches every name that ends with the literal
	Within            // a name must contain the literal, and Match decides
)

// Key returns the key of p and its literal: "team-*" gives Prefix and "team-", "*" gives
// Prefix and "". If p has several literals, Key returns the first of the longest ones. It
// returns a literal at the end of p only if there is no other, since many names have the
// same end. The literal of "?*" is empty.
func (p *Pattern) Key() (Key, string) {
	switch {
	case p.shape == shapeExact:
		return Exact, p.text
	case p.shape == shapeStar && p.suffix == 0:
		return Prefix, p.text[:p.prefix]
	case p.shape == shapeStar && p.prefix == 0:
		return Suffix, p.text[1:]
	}
	end := len(p.text) - int(p.suffix)
	longest := ""
	for literal := range strings.FieldsFuncSeq(p.text[:end], isWildcard) {
		if len(literal) > len(longest) {
			longest = literal
		}
	}
	if longest == "" {
		longest = p.text[end:]
	}
	return Within, longest
}

func isWildcard(r rune) bool { return strings.ContainsRune(Wildcards, r) }

// Match reports whether p matches a whole name, which must be folded.
func (p *Pattern) Match(name string) bool {
	if p.shape == shapeParts {
		return matchParts(*p.parts, name)
	}
	return p.matchSimple(name)
}

// matchSimple is Match for a pattern without parts. It does not call the engine, so the
// compiler can keep name on the stack.
func (p *Pattern) matchSimple(name string) bool {
	switch p.shape {
	case shapeExact:
		return name == p.text
	case shapeStar:
		prefix, suffix := p.text[:p.prefix], p.text[len(p.text)-int(p.suffix):]
		return len(name) >= len(prefix)+len(suffix) &&
			strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix)
	default:
		return strings.Contains(name, p.text[1:len(p.text)-1])
	}
}

// matchParts reports whether name consists of the parts in order, with any characters
// between them.
func matchParts(parts []part, name string) bool {
	start := parts[0].end(name)
	if start < 0 || len(parts) == 1 {
		return start == len(name)
	}
	last := len(parts) - 1
	end := parts[last].start(name)
	for _, p := range parts[1:last] {
		if start > end {
			return false
		}
		n := p.find(name[start:end])
		if n < 0 {
			return false
		}
		start += n
	}
	return start <= end
}

// end returns the end of the part if s begins with it, or -1.
func (p *part) end(s string) int {
	if len(s) < p.characters || !strings.HasPrefix(s, p.lead) {
		return -1
	}
	if p.glob == nil {
		return len(p.lead)
	}
	end := 0
	for range p.characters {
		_, n := utf8.DecodeRuneInString(s[end:])
		end += n
	}
	if p.glob.Match(s[:end]) {
		return end
	}
	return -1
}

// start returns the start of the part if s ends with it, or -1.
func (p *part) start(s string) int {
	start := len(s)
	for range p.characters {
		_, n := utf8.DecodeLastRuneInString(s[:start])
		start -= n
	}
	if p.end(s[start:]) == len(s)-start {
		return start
	}
	return -1
}

// find returns the end of the first match of the part in s, or -1. The part follows a *, so
// it does not begin with ?: [Canonical] puts each ? before the *.
func (p *part) find(s string) int {
	for at := 0; ; {
		next := strings.Index(s[at:], p.lead)
		if next < 0 {
			return -1
		}
		at += next
		if end := p.end(s[at:]); end >= 0 {
			return at + end
		}
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
}

// Text returns the canonical entry. Patterns with the same text match the same names.
func (p *Pattern) Text() string { return p.text }
