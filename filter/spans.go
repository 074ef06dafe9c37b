package filter

import "github.com/hookfilter/hookfilter/filter/internal/wildcard"

// A Span is a stretch of a project name and what of an entry took it.
type Span struct {
	Start, End int // byte offsets into the name as it was given
	// Wildcard is '*' or '?' for what a wildcard stood for, and 0 for characters
	// of the name that are those of the entry, in any case.
	Wildcard byte
}

// Spans says how the entry that satisfied a clause of project_names_filter matches
// the name, c.Value: stretches that cover the name from its start to its end, one
// for each wildcard of the entry and one for each run of other characters in it, in
// order. So "a*-?" takes "A-b-c" as "A", "-b" by the *, "-" and "c" by the ?. The
// stretch of a * that stands for nothing is there and empty.
//
// Where several readings are possible, each * takes as few characters as it can,
// the first * first: of "a**b" and "a-b" the first * is empty and the second "-".
//
// Spans returns nil for a clause of another list and for one without an Entry.
func (c Clause) Spans() []Span {
	if c.Name != ClauseProjectNames || c.Entry == nil {
		return nil
	}
	var folder wildcard.Folder
	entry := []rune(folder.Fold(c.Entry.Value))
	name := []rune(folder.Fold(c.Value))
	// at is where in name each character of entry begins. A reading that fails is
	// tried again with one character more for the last * alone: what comes before
	// that is at the first place possible already.
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
