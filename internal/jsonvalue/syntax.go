package jsonvalue

import (
	"fmt"
	"unicode/utf8"
)

// MaxDepth is the maximum depth of nested lists and objects. It bounds the memory for a
// hostile text, and is far above the depth of any API's responses.
const MaxDepth = 1000

// Syntax is the kind of a syntax error.
type Syntax uint8

const (
	NotSyntax     Syntax = iota // no syntax error: the error is about a value
	UnexpectedEnd               // a value, or the end of one, is missing
	WantValue                   // text that is not a value where a value is wanted
	WantName                    // a character other than " where the name of a field is wanted
	WantColon                   // a character other than : after a name
	WantComma                   // a character other than a comma or the closing bracket after a value
	WantEnd                     // a character after the text's one value
	ControlChar                 // a control character in a string, such as a line break
	InvalidEscape               // a backslash in a string that does not begin an escape
	TooDeep                     // more than MaxDepth nested lists and objects
)

// state is the part of a text that validate expects next.
type state uint8

const (
	value      state = iota
	firstValue       // a value, or the end of an empty list
	name             // of a member of an object
	firstName        // a name, or the end of an empty object
	commaOrEnd       // a comma, or the end of the innermost list or object, or of the text
)

// validate returns nil if text is one JSON value. It is used instead of encoding/json,
// whose messages and offsets differ between versions of Go.
func validate(text []byte) *Error {
	closers := make([]byte, 0, 16) // closing brackets of the open lists and objects
	fail := func(at int, syntax Syntax, want string) *Error {
		return &Error{"not JSON: want " + want + ", got " + character(text[at:]), at, syntax}
	}
	for at, next := 0, value; ; {
		at = skipSpace(text, at)
		if at == len(text) {
			if next == commaOrEnd && len(closers) == 0 {
				return nil
			}
			return &Error{"not JSON: unexpected end", at, UnexpectedEnd}
		}
		c := text[at]
		if len(closers) > 0 && c == closers[len(closers)-1] && (next == commaOrEnd || next == firstValue || next == firstName) {
			closers, next = closers[:len(closers)-1], commaOrEnd
			at++
			continue
		}
		switch {
		case next == commaOrEnd && len(closers) == 0:
			return fail(at, WantEnd, "the end of the text")
		case next == commaOrEnd:
			closer := closers[len(closers)-1]
			if c != ',' {
				return fail(at, WantComma, fmt.Sprintf("',' or '%c'", closer))
			}
			at++
			if next = value; closer == '}' {
				next = name
			}
		case next == name || next == firstName:
			if c != '"' {
				return fail(at, WantName, "a name in double quotes")
			}
			end, err := validString(text, at)
			if err != nil {
				return err
			}
			if at = skipSpace(text, end); at < len(text) {
				if text[at] != ':' {
					return fail(at, WantColon, "':' after a name")
				}
				at++
			}
			next = value
		case c == '[' || c == '{':
			if len(closers) == MaxDepth {
				return &Error{fmt.Sprintf("lists and objects nested deeper than %d levels", MaxDepth), at, TooDeep}
			}
			closers, next = append(closers, c+2), firstValue // in ASCII, ] and } are two after [ and {
			if c == '{' {
				next = firstName
			}
			at++
		case c == '"':
			end, err := validString(text, at)
			if err != nil {
				return err
			}
			at, next = end, commaOrEnd
		default:
			end := at
			if c == '-' || '0' <= c && c <= '9' {
				if end += validNumber(text[at:]); end == at {
					return &Error{"not JSON: a digit is missing in the number that begins with " + character(text[at:]), at, WantValue}
				}
			} else {
				for _, literal := range []string{"true", "false", "null"} {
					if len(text)-at >= len(literal) && string(text[at:at+len(literal)]) == literal {
						end += len(literal)
					}
				}
			}
			if end == at {
				return fail(at, WantValue, "a value")
			}
			at, next = end, commaOrEnd
		}
	}
}

// validString returns the offset after the string that starts at offset at, or an error.
func validString(text []byte, at int) (end int, err *Error) {
	for at++; at < len(text); at++ {
		switch c := text[at]; {
		case c == '"':
			return at + 1, nil
		case c < ' ':
			return 0, &Error{"not JSON: control character " + character(text[at:]) + " in a string", at, ControlChar}
		case c == '\\':
			digits := 0
			if at+1 < len(text) {
				switch text[at+1] {
				case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
				case 'u':
					digits = 4
				default:
					return 0, &Error{"not JSON: backslash before " + character(text[at+1:]) + " in a string", at, InvalidEscape}
				}
			}
			for i := at + 2; i < at+2+digits && i < len(text); i++ {
				if c := text[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
					return 0, &Error{`not JSON: \u without four hexadecimal digits in a string`, at, InvalidEscape}
				}
			}
			at += 1 + digits
		}
	}
	return 0, &Error{"not JSON: unexpected end", len(text), UnexpectedEnd}
}

// validNumber returns the length of the number at the start of text, or 0 if there is none.
func validNumber(text []byte) int {
	at := 0
	digits := func() bool {
		start := at
		for at < len(text) && '0' <= text[at] && text[at] <= '9' {
			at++
		}
		return at > start
	}
	has := func(chars string) bool {
		for i := range len(chars) {
			if at < len(text) && text[at] == chars[i] {
				at++
				return true
			}
		}
		return false
	}
	has("-")
	if !has("0") && !digits() {
		return 0
	}
	if has(".") && !digits() {
		return 0
	}
	if has("eE") {
		has("+-")
		if !digits() {
			return 0
		}
	}
	return at
}

// character returns the first character of text as a Go literal, as in '\n'.
func character(text []byte) string {
	r, size := utf8.DecodeRune(text)
	if r == utf8.RuneError && size == 1 {
		return fmt.Sprintf(`'\x%02x'`, text[0])
	}
	return fmt.Sprintf("%q", r)
}
