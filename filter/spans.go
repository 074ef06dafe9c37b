package filter

import "github.com/hookfilter/hookfilter/filter/internal/wildcard"

// Span is a part of a project name that one part of an entry matches. See [Clause.Spans].
type Span struct {
	Start, End int // byte offsets into the name as it was given
	// Wildcard is '*' or '?' if a wildcard matches the span, and 0 if the span is equal to
	// characters of the entry, ignoring case.
	Wildcard byte
}

// Spans returns how the entry that satisfied a clause of project_names_filter matches
// the name, c.Value. For the entry "a*-?" and the name "A-b-c" the spans are "A", "-b" (*),
// "-" and "c" (?). The spans cover the name in order: one for each wildcard of the entry,
// empty for a * that matches no characters, and one for each run of other characters.
//
// If the entry matches the name in several ways, each * matches as few characters as it
// can, the first * first: in "a**b" and "a-b", the first * matches "" and the second "-".
//
// Spans returns nil for a clause of another list and for one without an Entry.
func (c Clause) Spans() []Span {
	if c.Name != ClauseProjectNames || c.Entry == nil {
		return nil
	}
	var folder wildcard.Folder
	entry := []rune(folder.Fold(c.Entry.Value))
	name := []rune(folder.Fold(c.Value))
	// at[e] is the index in name where the match of entry[e] starts. After a mismatch, only
	// the last * takes one more character: everything before it already matches as early as
	// possible.
	at := make([]int, len(entry)+1)
	star, tried := -1, 0
	for e, n := 0, 0; e < len(entry) || n < len(name); {
		at[e] = n
		switch {
		case e < len(entry) && entry[e] == '*':
			star, tried = e, n
			e++
		case e < len(entry) && n < len(name) && (entry[e] == '?' || entry[e] == name[n]):
			e, n = e+1, n+1
		case star >= 0 && tried < len(name):
			tried++
			e, n = star+1, tried
		default:
			return nil // no Explanation has such a clause
		}
	}
	at[len(entry)] = len(name)

	offsets := make([]int, 0, len(name)+1)
	for offset := range c.Value {
		offsets = append(offsets, offset)
	}
	offsets = append(offsets, len(c.Value))
	var spans []Span
	for e, r := range entry {
		span := Span{Start: offsets[at[e]], End: offsets[at[e+1]]}
		if r == '*' || r == '?' {
			span.Wildcard = byte(r)
		} else if last := len(spans) - 1; last >= 0 && spans[last].Wildcard == 0 {
			spans[last].End = span.End
			continue
		}
		spans = append(spans, span)
	}
	return spans
}
