package filter

import (
	"strings"
	"unicode/utf8"

	"github.com/gobwas/glob"
)

const wildcards = "*?"

// pattern is one entry of project_names_filter, compiled: rules 7 to 11. This file
// is the only one that knows the wildcard engine.
type pattern struct {
	text string // as canonical returns it
	// prefix and suffix are the lengths of what precedes the first wildcard in
	// text and follows the last. Without a wildcard, all of text is prefix.
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

// part is a stretch of a pattern between its *. It stands for a fixed number of
// characters. So the parts of a pattern can be found one after another, each at
// the first place possible, and nothing need ever be tried again: the engine,
// which does try again, can take time that grows with the square of the name and
// memory to match, and is asked about single parts only.
type part struct {
	lead       string // what precedes the first ?, or all of the part
	characters int
	glob       *glob.Pattern // nil without a ?
}

// newPattern compiles a canonical text.
func newPattern(text string) pattern {
	p := parsePattern(text)
	if p.shape == shapeParts {
		var parts []part
		for text := range strings.SplitSeq(text, "*") {
			lead, _, wild := strings.Cut(text, "?")
			part := part{lead: lead, characters: utf8.RuneCountInString(text)}
			if wild {
				// All of the engine's syntax but ? is quoted, and can not be wrong.
				part.glob = glob.MustCompile(strings.ReplaceAll(glob.QuoteMeta(text), `\?`, "?"))
			}
			parts = append(parts, part)
		}
		p.parts = &parts
	}
	return p
}

// parsePattern returns the pattern of a canonical text without its parts.
func parsePattern(text string) pattern {
	first := strings.IndexAny(text, wildcards)
	if first < 0 {
		return pattern{text: text, prefix: uint16(len(text)), shape: shapeExact}
	}
	last := strings.LastIndexAny(text, wildcards)
	p := pattern{text: text, prefix: uint16(first), suffix: uint16(len(text) - last - 1), shape: shapeParts}
	switch {
	case text[first:last+1] == "*":
		p.shape = shapeStar
	case len(text) > 2 && text[0] == '*' && text[len(text)-1] == '*' && !strings.ContainsAny(text[1:len(text)-1], wildcards):
		p.shape = shapeContains
	}
	return p
}

// canonical returns the folded entry with each run of wildcards rewritten as all of
// its ? and then at most one *, which stands for the same names. Entries that
// differ only in case or in that have the same canonical text. An entry that is
// canonical is returned as it is.
func canonical(entry string) string {
	text := appendFold(make([]byte, 0, 64), entry)
	out, star := text[:0], false
	for _, c := range text {
		if c == '*' {
			star = true
			continue
		}
		if star && c != '?' {
			out, star = append(out, '*'), false
		}
		out = append(out, c)
	}
	if star {
		out = append(out, '*')
	}
	if string(out) == entry {
		return entry
	}
	return string(out)
}

// match reports whether p matches a whole name, which must be folded.
func (p *pattern) match(name string) bool {
	if p.shape == shapeParts {
		return matchParts(*p.parts, name)
	}
	return p.matchSimple(name)
}

// matchSimple is match for a pattern without parts. It does without the engine, so
// that name may be on the stack.
func (p *pattern) matchSimple(name string) bool {
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

// matchParts reports whether name is the parts with anything between them.
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

// end returns where the part ends if it begins s, or -1.
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

// start returns where the part starts if it ends s, or -1.
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

// find returns where the first place in s that the part matches ends, or -1.
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
		if at == len(s) {
			return -1
		}
		_, n := utf8.DecodeRuneInString(s[at:])
		at += n
	}
}
