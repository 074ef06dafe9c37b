package filter

import (
	"strings"

	"github.com/gobwas/glob"
)

const wildcards = "*?"

// pattern is one compiled entry of project_names_filter: rules 7 to 11. This file
// is the only one that knows the wildcard engine.
type pattern struct {
	// text is the folded entry with each run of wildcards in one form, so that
	// entries that differ only in that or in case have the same text.
	text string
	// prefix and suffix are the characters before the first wildcard and after
	// the last. An entry without a wildcard is all prefix.
	prefix, suffix string
	shape          shape
	glob           *glob.Pattern // shapeAny only
}

type shape uint8

const (
	shapeExact shape = iota // no wildcard
	shapeStar               // one *: prefix*suffix
	shapeAny                // all else is for the engine
)

// unquoteWildcards undoes what glob.QuoteMeta did to the two characters that are
// wildcards here. What it left quoted is literal, so that the engine's own syntax
// ([a-z], {a,b}, \) has no meaning.
var unquoteWildcards = strings.NewReplacer(`\*`, `*`, `\?`, `?`)

// compilePattern compiles a valid entry. The pattern keeps nothing of it.
func compilePattern(entry string) pattern {
	text := canonical(string(appendFold(nil, entry)))
	first := strings.IndexAny(text, wildcards)
	if first < 0 {
		return pattern{text: text, prefix: text, shape: shapeExact}
	}
	last := strings.LastIndexAny(text, wildcards)
	p := pattern{text: text, prefix: text[:first], suffix: text[last+1:], shape: shapeStar}
	if text[first:last+1] != "*" {
		// The quoted text has no syntax left that could be wrong.
		p.glob = glob.MustCompile(unquoteWildcards.Replace(glob.QuoteMeta(text)))
		p.shape = shapeAny
	}
	return p
}

// canonical rewrites each run of wildcards in text as all of its ? and then at
// most one *, which stands for the same names.
func canonical(text string) string {
	var b strings.Builder
	for text != "" {
		n := strings.IndexAny(text, wildcards)
		if n < 0 {
			n = len(text)
		}
		b.WriteString(text[:n])
		rest := strings.TrimLeft(text[n:], wildcards)
		run := text[n : len(text)-len(rest)]
		b.WriteString(strings.ReplaceAll(run, "*", ""))
		if strings.Contains(run, "*") {
			b.WriteByte('*')
		}
		text = rest
	}
	return b.String()
}

// match reports whether p matches a whole name, which must be folded.
func (p *pattern) match(name string) bool {
	switch p.shape {
	case shapeExact:
		return name == p.text
	case shapeStar:
		return len(name) >= len(p.prefix)+len(p.suffix) &&
			strings.HasPrefix(name, p.prefix) && strings.HasSuffix(name, p.suffix)
	default:
		return p.glob.Match(name)
	}
}
