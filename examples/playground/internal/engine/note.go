package engine

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// Kinds of a Note.
const (
	fault   = "fault"   // the text cannot be read, or the webhook fires for nothing
	warning = "warning" // the webhook works, and the API would not take or send it
	finding = "finding" // it works, and is probably not what somebody meant
)

// Note is something to say about a place in the text.
type Note struct {
	Kind string `json:"kind"`
	// Code is the finding's, or one of "syntax", "form", "unreadable", "invalid",
	// "validation" and "duplicate-id".
	Code    string `json:"code"`
	Webhook int    `json:"webhook"` // its column; -1 of the whole text
	Field   string `json:"field"`   // as in "events[2]"
	Message string `json:"message"`
	Advice  string `json:"advice"` // what to do, if there is something
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // in characters, from 1
	// Start and End delimit the place as JavaScript counts, in UTF-16 code units.
	Start int `json:"start"`
	End   int `json:"end"`

	place place // in bytes; of a hook's note, from the start of the hook
}

// allNotes returns the notes of a document and its webhooks, in the order of the
// text, with all that says where they are.
func (d *document) allNotes() []Note {
	notes := append([]Note{}, d.notes...)
	for i, h := range d.hooks {
		for _, n := range h.notes {
			n.Webhook, n.place = i, n.place.shift(d.starts[i])
			notes = append(notes, n)
		}
	}
	slices.SortStableFunc(notes, func(a, b Note) int { return a.place.start - b.place.start })
	at := position{text: d.text, line: 1, column: 1}
	for i := range notes {
		n := &notes[i]
		at.advance(n.place.start)
		n.Line, n.Column, n.Start = at.line, at.column, at.units
		end := at
		end.advance(n.place.end)
		n.End = end.units
	}
	return notes
}

// position is a place in a text, counted in every way.
type position struct {
	text         string
	bytes, units int
	line, column int
}

// advance moves to an offset in bytes that is not before.
func (p *position) advance(to int) {
	for _, r := range p.text[p.bytes:to] {
		p.units++
		p.column++
		switch {
		case r == '\n':
			p.line, p.column = p.line+1, 1
		case r > 0xffff:
			p.units++
		}
	}
	p.bytes = to
}

// brokenNote is the note on a text that split refuses with err.
func brokenNote(text string, err error) Note {
	n := Note{Kind: fault, Code: "form", Webhook: -1, Message: err.Error()}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		n.Code = "syntax"
		// The offset is after the character that is wrong, or at the end.
		end := min(int(syntax.Offset), len(text))
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end++
		}
		_, size := utf8.DecodeLastRuneInString(text[:end])
		n.place = place{end - size, end}
		n.Message, n.Advice = explainSyntax(text, n.place, err)
		return n
	}
	start := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
	n.place = place{start, start + 1}
	return n
}

// explainSyntax says for people what is wrong at a place where JSON ends to be
// JSON, and what was probably meant.
func explainSyntax(text string, at place, err error) (message, advice string) {
	message = strings.TrimPrefix(err.Error(), "json: ")
	wrong := text[at.start:at.end]
	before := strings.TrimRight(text[:at.start], " \t\r\n")
	switch {
	case strings.Contains(message, "unexpected end"):
		return "the text ends too early", "Was it copied whole? A bracket, a brace or a quote is not closed."
	case strings.HasSuffix(before, ",") && (wrong == "}" || wrong == "]"):
		return "a comma before " + wrong, "Remove the comma."
	case wrong == "'" || wrong == "“" || wrong == "”" || wrong == "‘" || wrong == "’":
		return "a quote that is not JSON's: " + wrong, `Use " around names and values.`
	case strings.Contains(message, "in string literal"):
		return message, `Is the " at the end of the string missing? A line break in a string is written \n.`
	case strings.Contains(message, "in string escape code"):
		return message, `A backslash in a string is written \\.`
	case strings.Contains(message, "looking for beginning of object key"):
		return message, `A field's name is written in double quotes: "events".`
	case strings.Contains(message, "after object key:value pair"), strings.Contains(message, "after array element"):
		return message, "Is a comma missing before it?"
	case strings.Contains(message, "after object key"):
		return message, "Is a colon missing before it?"
	case strings.Contains(message, "after top-level value"):
		return message, `Several webhooks are written as {"results": [{…}, {…}]}.`
	case strings.Contains(message, "looking for beginning of value"):
		return message, "A text is written in double quotes; otherwise only numbers, true, false, null, [ ] and { } are values."
	}
	return message, ""
}
