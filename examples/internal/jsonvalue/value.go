// Package jsonvalue takes JSON apart for the example programs, and is stricter than
// encoding/json: a field has its exact name and is there once, null is no string
// and no list, and an error says what was wanted, what is there, and where.
package jsonvalue

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Value is a value in a JSON text, or the place in an object of a field that is
// not there.
type Value struct {
	text   []byte // all of the text, which is valid
	offset int    // of the value's first byte in it; of the object's if it is not there
	path   string // as in events[2].must_fire[0]; empty for the whole
	absent bool
}

// Error is what is wrong in a text.
type Error struct {
	Reason string // one line of printable characters
	Offset int    // in the text, of the first byte that it is about
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Parse returns the value that a text is, or an [*Error]. It keeps the text.
func Parse(text []byte) (Value, error) {
	if json.Valid(text) {
		return Value{text: text, offset: skipSpace(text, 0)}, nil
	}
	var syntax *json.SyntaxError
	errors.As(json.Unmarshal(text, new(any)), &syntax) // as it is, for a text that is not valid
	return Value{}, &Error{"not JSON: " + syntax.Error(), max(0, int(syntax.Offset)-1)}
}

// Errorf returns an error about v.
func (v Value) Errorf(format string, args ...any) *Error {
	reason := fmt.Sprintf(format, args...)
	if v.path != "" {
		reason = v.path + ": " + reason
	}
	return &Error{reason, v.offset}
}

// Absent says whether v is not there.
func (v Value) Absent() bool { return v.absent }

// Text returns the string that v is, with U+FFFD for what is not valid UTF-8.
func (v Value) Text() (string, error) {
	if v.absent || v.text[v.offset] != '"' {
		return "", v.wanted("a string")
	}
	return v.unquoted(), nil
}

// Elements returns those of the list that v is.
func (v Value) Elements() (elements []Value, err error) {
	if v.absent || v.text[v.offset] != '[' {
		return nil, v.wanted("a list")
	}
	for at := skipSpace(v.text, v.offset+1); v.text[at] != ']'; {
		e := Value{text: v.text, offset: at, path: fmt.Sprintf("%s[%d]", v.path, len(elements))}
		elements = append(elements, e)
		at = e.next()
	}
	return elements, nil
}

// Fields returns the fields of the object that v is in the order of names. One
// that is there twice is an error. Each other field is given to unknown, if that is
// not nil, and its error is one about the field.
func (v Value) Fields(names []string, unknown func(name string) error) ([]Value, error) {
	if v.absent || v.text[v.offset] != '{' {
		return nil, v.wanted("an object")
	}
	prefix := v.path
	if prefix != "" {
		prefix += "."
	}
	fields := make([]Value, len(names))
	for i, name := range names {
		fields[i] = Value{v.text, v.offset, prefix + name, true}
	}
	for at := skipSpace(v.text, v.offset+1); v.text[at] != '}'; {
		key := Value{text: v.text, offset: at, path: v.path}
		value := skipSpace(v.text, skipSpace(v.text, key.end())+len(":"))
		at = Value{text: v.text, offset: value}.next()
		name := key.unquoted()
		switch i := slices.Index(names, name); {
		case i >= 0 && fields[i].absent:
			fields[i].offset, fields[i].absent = value, false
		case i >= 0:
			return nil, key.Errorf("%s is there twice", Quote(name))
		case unknown != nil:
			if err := unknown(name); err != nil {
				return nil, key.Errorf("%v", err)
			}
		}
	}
	return fields, nil
}

// wanted returns the error that v is not what was wanted.
func (v Value) wanted(what string) *Error {
	if v.absent {
		return v.Errorf("required")
	}
	return v.Errorf("want %s, got %s", what, v.describe())
}

func (v Value) describe() string {
	switch v.text[v.offset] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "the string " + Quote(v.unquoted())
	case 't', 'f', 'n':
		return string(v.text[v.offset:v.end()])
	}
	return "the number " + Short(string(v.text[v.offset:v.end()]))
}

// unquoted returns the string that v is.
func (v Value) unquoted() string {
	quoted := v.text[v.offset:v.end()]
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // a valid string has no error
	return s
}

// end returns the offset behind v.
func (v Value) end() int {
	depth := 0
	for at := v.offset; at < len(v.text); at++ {
		switch v.text[at] {
		case '"':
			for at++; v.text[at] != '"'; at++ {
				if v.text[at] == '\\' {
					at++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return at
			}
			depth--
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return at
			}
		}
	}
	return len(v.text)
}

// next returns the offset of what follows v in its list or object: another element
// or field, or the bracket.
func (v Value) next() int {
	at := skipSpace(v.text, v.end())
	if v.text[at] == ',' {
		at = skipSpace(v.text, at+1)
	}
	return at
}

func skipSpace(text []byte, at int) int {
	for at < len(text) && bytes.IndexByte([]byte(" \t\r\n"), text[at]) >= 0 {
		at++
	}
	return at
}
