package jsonvalue

import (
	"bytes"
	"unicode/utf8"
)

// Position is a position in a text. Both numbers start at 1, and Column counts characters.
type Position struct {
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// Positions finds the positions of offsets in a text. The time of a call grows with the distance
// from the offset of the previous call and, if it goes back to an earlier line, with the column.
type Positions struct {
	text   []byte
	offset int
	at     Position
}

// NewPositions returns the Positions of text.
func NewPositions(text []byte) *Positions {
	return &Positions{text: text, at: Position{1, 1}}
}

// At returns the position of an offset.
func (p *Positions) At(offset int) Position {
	passed, sign := p.text[min(offset, p.offset):max(offset, p.offset)], 1
	if offset < p.offset {
		sign = -1
	}
	p.offset = offset
	if newlines := bytes.Count(passed, []byte("\n")); newlines > 0 {
		p.at = Position{p.at.Line + sign*newlines, 1}
		passed, sign = p.text[bytes.LastIndexByte(p.text[:offset], '\n')+1:offset], 1
	}
	p.at.Column += sign * utf8.RuneCount(passed)
	return p.at
}
