package engine

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// Kinds of a Note.
const (
	kindError   = "error"   // the text cannot be read, or the webhook fires for nothing
	kindWarning = "warning" // the webhook works, but the API would not accept or return it
	kindFinding = "finding" // the webhook works, but is probably a mistake
)

// Note is a message about a place in the text.
type Note struct {
	Kind string `json:"kind"`
	// Code is the code of a lint finding, or one of "syntax", "form", "unreadable",
	// "invalid", "validation", "request", "duplicate-id", "duplicate-description" and, in a
	// text of projects or environments, "existing".
	Code    string `json:"code"`
	Webhook int    `json:"webhook"` // its column; -1 for the whole text
	Field   string `json:"field"`   // as in "events[2]"
	Message string `json:"message"`
	Advice  string `json:"advice"` // what to do, or empty
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // in characters, from 1
	// Start and End are offsets in UTF-16 code units, as in JavaScript.
	Start int `json:"start"`
	End   int `json:"end"`

	place form.Place // in bytes from the start of the text or, in hook.notes, of the hook
}

// allNotes returns the notes of a document and its webhooks, in the order of the text,
// with their positions set, and the number of notes that are left out.
func (d *document) allNotes() (notes []Note, more int) {
	notes = []Note{}
	if d.broken != nil {
		notes = append(notes, *d.broken)
	}
	for i, h := range d.hooks {
		for _, n := range h.notes {
			n.Webhook = i
			n.place.Start += d.starts[i]
			n.place.End += d.starts[i]
			notes = append(notes, n)
		}
	}
	slices.SortStableFunc(notes, func(a, b Note) int { return a.place.Start - b.place.Start })
	notes, more = cut(notes, maxNotes)
	locate(d.text, notes)
	return notes, more
}

// locate sets the positions of notes, which must be in the order of their places in text.
func locate(text string, notes []Note) {
	at := position{text: text, line: 1, column: 1}
	for i := range notes {
		n := &notes[i]
		at.advance(n.place.Start)
		n.Line, n.Column, n.Start = at.line, at.column, at.units
		end := at
		end.advance(n.place.End)
		n.End = end.units
	}
}

// position is a position in a text, in each unit that Note uses.
type position struct {
	text         string
	bytes, units int
	line, column int
}

// advance moves p forward to an offset in bytes.
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

// formNote returns the note on a value of a text that is JSON, but neither a webhook nor
// a list of webhooks.
func formNote(v jsonvalue.Value, field, message string) *Note {
	return &Note{Kind: kindError, Code: "form", Webhook: -1, Field: field, Message: message, place: form.HeadOf(v)}
}

// syntaxNote returns the note on a text that jsonvalue.Parse refuses with err.
func syntaxNote(text string, err error) *Note {
	n := &Note{Kind: kindError, Code: "syntax", Webhook: -1, Message: err.Error()}
	var e *jsonvalue.Error
	if !errors.As(err, &e) {
		return n
	}
	n.place = characterAt(text, e.Offset)
	n.Message, n.Advice = explainSyntax(text, n.place, e)
	return n
}

// characterAt returns the place of the character at an offset. At the end of the text there is
// none, so it returns the place of the last one.
func characterAt(text string, offset int) form.Place {
	if offset == len(text) {
		_, size := utf8.DecodeLastRuneInString(text)
		return form.Place{Start: offset - size, End: offset}
	}
	_, size := utf8.DecodeRuneInString(text[offset:])
	return form.Place{Start: offset, End: offset + size}
}

// explainSyntax returns the message and the advice of a syntax error at a place in text.
func explainSyntax(text string, at form.Place, e *jsonvalue.Error) (message, advice string) {
	message = strings.TrimPrefix(e.Reason, "not JSON: ")
	wrong := text[at.Start:at.End]
	before := strings.TrimRight(text[:at.Start], " \t\r\n")
	switch {
	case e.Syntax == jsonvalue.UnexpectedEnd:
		return "unexpected end of the text", "Was it copied completely? A bracket, a brace or a quote is not closed."
	case strings.HasSuffix(before, ",") && (wrong == "}" || wrong == "]"):
		return "unexpected comma before " + wrong, "Remove the comma."
	case wrong == "'" || wrong == "“" || wrong == "”" || wrong == "‘" || wrong == "’":
		return wrong + " is not a quote in JSON", `Use " around names and values.`
	}
	switch e.Syntax {
	case jsonvalue.ControlChar:
		advice = `Is the " at the end of the string missing? A line break in a string is written \n.`
	case jsonvalue.InvalidEscape:
		advice = `A backslash in a string is written \\.`
	case jsonvalue.WantName:
		advice = `A field's name is written in double quotes: "events".`
	case jsonvalue.WantComma:
		advice = "Is a comma missing before it?"
	case jsonvalue.WantColon:
		advice = "Is a colon missing before it?"
	case jsonvalue.WantEnd:
		advice = `Several webhooks are written as {"results": [{…}, {…}]}.`
	case jsonvalue.WantValue:
		advice = "A string is written in double quotes; otherwise only numbers, true, false, null, [ ] and { } are values."
	case jsonvalue.TooDeep:
		advice = "Was it copied correctly? In a webhook, nothing is nested deeper than a list in an object."
	}
	return message, advice
}
