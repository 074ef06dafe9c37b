package filter

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hookfilter/hookfilter/filter/internal/wildcard"
)

// Mismatch says where a project name stops matching an entry. See [Clause.Nearest].
type Mismatch struct {
	Entry Entry `json:"entry"`
	// Start and End are the byte offsets in the name of the first character that the entry
	// does not match. Both are the length of the name if the entry expects more characters
	// after the end of the name.
	Start int `json:"start"`
	End   int `json:"end"`
	// Expected is the character that the entry expects at Start, compared ignoring case, or
	// "?" for any one character. It is empty if the entry expects the end of
	// the name.
	Expected string `json:"expected"`

	before, found string // the name before Start, and from Start to End
}

// MaxNearest bounds the cost of [Clause.Nearest]: (len(name) + 1) times the sum of
// len(entry) + 1 over all entries.
const MaxNearest = 1 << 18

// Nearest explains a clause of project_names_filter that does not hold: it returns the entry
// that is nearest to matching the name, c.Value, and where the name stops matching it.
//
// The nearest entry is the one that the name matches after the fewest insertions, deletions
// and substitutions of characters, and the first one of several. If there are several ways
// to edit the name, the Mismatch is at the first edit of the way that keeps the longest
// beginning of the name.
//
// Nearest returns false for any other clause, for an empty list, and if the name and the
// list exceed [MaxNearest]. Its time grows with the product of their lengths.
func (c Clause) Nearest() (Mismatch, bool) {
	if c.Name != ClauseProjectNames || c.Holds || len(c.List) == 0 {
		return Mismatch{}, false
	}
	size := 0
	for _, entry := range c.List {
		size += len(entry) + 1
	}
	if size > MaxNearest/(len(c.Value)+1) {
		return Mismatch{}, false
	}
	var folder wildcard.Folder
	name := []rune(folder.Fold(c.Value))
	nearest, least := 0, -1
	for i, entry := range c.List {
		if d := distances([]rune(folder.Fold(entry)), name)[0]; least < 0 || d < least {
			nearest, least = i, d
		}
	}
	if least == 0 {
		return Mismatch{}, false // an entry matches, so Explain did not return this clause
	}
	text := c.List[nearest]
	entry := []rune(folder.Fold(text))
	e, n := firstEdit(entry, name)

	m := Mismatch{Entry: Entry{nearest, text}, Start: len(c.Value), End: len(c.Value)}
	if e < len(entry) {
		m.Expected = string([]rune(text)[e])
	}
	i := 0
	for offset := range c.Value {
		switch i {
		case n:
			m.Start = offset
		case n + 1:
			m.End = offset
		}
		i++
	}
	m.before, m.found = c.Value[:m.Start], c.Value[m.Start:m.End]
	return m, true
}

// distances returns a table of the fewest edits that make name[n:] match entry[e:], at the
// index e*(len(name)+1)+n.
func distances(entry, name []rune) []int {
	width := len(name) + 1
	d := make([]int, (len(entry)+1)*width)
	for e := len(entry); e >= 0; e-- {
		for n := len(name); n >= 0; n-- {
			at := e*width + n
			switch {
			case e == len(entry):
				d[at] = len(name) - n
			case entry[e] == '*':
				d[at] = d[at+width]
				if n < len(name) {
					d[at] = min(d[at], d[at+1])
				}
			case n == len(name):
				d[at] = d[at+width] + 1
			case entry[e] == '?' || entry[e] == name[n]:
				d[at] = d[at+width+1]
			default:
				d[at] = 1 + min(d[at+width+1], d[at+width], d[at+1])
			}
		}
	}
	return d
}

// firstEdit returns the positions, in entry and in name, of the first edit of a shortest sequence
// of edits. If there are several shortest sequences, it uses the one whose first edit is at the
// highest position in name.
func firstEdit(entry, name []rune) (lastE, lastN int) {
	width := len(name) + 1
	d := distances(entry, name)
	// reached[e*width+n] is true if entry[:e] matches name[:n] and a shortest sequence of edits
	// does not change name[:n].
	reached := make([]bool, len(d))
	reached[0] = true
	lastE, lastN = -1, -1
	for at, ok := range reached {
		if !ok {
			continue
		}
		e, n := at/width, at%width
		reach := func(next int) { reached[next] = reached[next] || d[next] == d[0] }
		switch {
		case e < len(entry) && entry[e] == '*':
			reach(at + width)
			if n < len(name) {
				reach(at + 1)
			}
		case e < len(entry) && n < len(name) && (entry[e] == '?' || entry[e] == name[n]):
			reach(at + width + 1)
		case n > lastN:
			lastE, lastN = e, n
		}
	}
	return lastE, lastN
}

// quoteEnd returns s, or the last 40 characters of it, in quotes.
func quoteEnd(s string) string {
	if r := []rune(s); len(r) > 40 {
		return "…" + strconv.Quote(string(r[len(r)-40:]))
	}
	return strconv.Quote(s)
}

// String describes the mismatch in one line, as in `"[PR]*" expects "[" at the start, the name
// has "P" ([ and ] stand for themselves)`. Names and entries are not redacted. Call it only on
// a Mismatch that Nearest returned: one decoded from JSON lacks the name, so its line is wrong.
func (m Mismatch) String() string {
	expected, place, found := "the end", "at the start", "the name ends"
	switch m.Expected {
	case "":
	case "?":
		expected = "any character"
	default:
		expected = quote(m.Expected)
	}
	if m.before != "" {
		place = "after " + quoteEnd(m.before)
	}
	if m.found != "" {
		found = "the name has " + quote(m.found)
	}
	text := fmt.Sprintf("%s expects %s %s, %s", quote(m.Entry.Value), expected, place, found)
	var literal []string
	for _, r := range `[]{}\` {
		if strings.ContainsRune(m.Entry.Value, r) {
			literal = append(literal, string(r))
		}
	}
	switch last := len(literal) - 1; {
	case last > 0:
		text += " (" + strings.Join(literal[:last], ", ") + " and " + literal[last] + " stand for themselves)"
	case last == 0:
		text += " (" + literal[0] + " stands for itself)"
	}
	return text
}
