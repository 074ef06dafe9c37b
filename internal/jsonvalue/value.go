// Package jsonvalue parses JSON more strictly than encoding/json: [Value.Fields] compares
// field names exactly and rejects a field that is repeated. Each error has a position, and most
// errors name the expected form and the value found. No error depends on the version of Go.
package jsonvalue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Value is a value in a JSON text, or a missing field of an object, which only the methods
// Absent, Text, Elements, Fields and Errorf accept.
type Value struct {
	text   []byte // the whole text, which is valid JSON
	offset int    // of the value's first byte; of the object if the field is missing
	path   string // as in events[2].must_fire[0]; empty for the root
	absent bool   // the field is missing
}

// Error is a problem in a text.
type Error struct {
	Reason string // one line of printable characters
	// Offset is where the invalid character, escape or number begins, or the value that the error
	// is about. It is the length of the text for UnexpectedEnd.
	Offset int
	Syntax Syntax // NotSyntax if Parse accepts the text
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Parse returns the value of text, or an [*Error]. The Value refers to text, which the
// caller must not change.
func Parse(text []byte) (Value, error) {
	if err := validate(text); err != nil {
		return Value{}, err
	}
	return Value{text: text, offset: skipSpace(text, 0)}, nil
}

// Errorf returns an error about v.
func (v Value) Errorf(format string, args ...any) *Error {
	reason := fmt.Sprintf(format, args...)
	if v.path != "" {
		reason = v.path + ": " + reason
	}
	return &Error{Reason: reason, Offset: v.offset}
}

// Absent reports whether v is a missing field.
func (v Value) Absent() bool { return v.absent }

// Text returns the string of v, with U+FFFD for each invalid byte, or an error if v is
// not a string.
func (v Value) Text() (string, error) {
	if v.absent || v.Kind() != '"' {
		return "", v.wanted("a string")
	}
	return v.String(), nil
}

// Kind returns the first byte of v: one of { [ " t f n, or - or a digit for a number.
func (v Value) Kind() byte { return v.text[v.offset] }

// Raw returns v as it is in the text. The caller must not change it.
func (v Value) Raw() []byte { return v.text[v.offset:v.end()] }

// Offset returns the offset of v in the text.
func (v Value) Offset() int { return v.offset }

// Values returns an iterator over the elements of v, which must be a list. The elements have
// no path, so errors about them do not name one.
func (v Value) Values() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for at := skipSpace(v.text, v.offset+1); v.text[at] != ']'; {
			e := Value{text: v.text, offset: at}
			if !yield(e) {
				return
			}
			at = e.next()
		}
	}
}

// Members returns an iterator over the members of v, which must be an object: the name
// of each, which is a string, and its value. Neither has a path, as in Values.
func (v Value) Members() iter.Seq2[Value, Value] {
	return func(yield func(name, value Value) bool) {
		for at := skipSpace(v.text, v.offset+1); v.text[at] != '}'; {
			name := Value{text: v.text, offset: at}
			value := Value{text: v.text, offset: skipSpace(v.text, skipSpace(v.text, name.end())+len(":"))}
			if !yield(name, value) {
				return
			}
			at = value.next()
		}
	}
}

// Elements returns the elements of v, or an error if it is not a list.
func (v Value) Elements() (elements []Value, err error) {
	if v.absent || v.Kind() != '[' {
		return nil, v.wanted("a list")
	}
	for e := range v.Values() {
		e.path = fmt.Sprintf("%s[%d]", v.path, len(elements))
		elements = append(elements, e)
	}
	return elements, nil
}

// Fields returns the fields of the object v that have the given names, in the order of
// names. It is an error if one of them is repeated. If unknown is not nil, Fields calls it with
// the name of every other field, and returns its error as an error about that field.
func (v Value) Fields(names []string, unknown func(name string) error) ([]Value, error) {
	if v.absent || v.Kind() != '{' {
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
	for key, value := range v.Members() {
		key.path = v.path
		name := key.String()
		switch i := slices.Index(names, name); {
		case i >= 0 && fields[i].absent:
			fields[i].offset, fields[i].absent = value.offset, false
		case i >= 0:
			return nil, key.Errorf("%s is repeated", Quote(name))
		case unknown != nil:
			if err := unknown(name); err != nil {
				return nil, key.Errorf("%v", err)
			}
		}
	}
	return fields, nil
}

// wanted returns the error for v, which is missing or has another type than want.
func (v Value) wanted(want string) *Error {
	if v.absent {
		return v.Errorf("required")
	}
	return v.Errorf("want %s, got %s", want, v.describe())
}

func (v Value) describe() string {
	switch v.text[v.offset] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "the string " + Quote(v.String())
	case 't', 'f', 'n':
		return v.String()
	}
	return "the number " + Short(v.String())
}

// String returns the string of v, or the text of any other value.
func (v Value) String() string {
	quoted := v.Raw()
	if quoted[0] != '"' {
		return string(quoted)
	}
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	var s string
	_ = json.Unmarshal(quoted, &s) // cannot fail for a valid string
	return s
}

// IsUnicode reports whether the string v is valid Unicode: its bytes are valid UTF-8, and
// each surrogate among its escapes is half of a pair. String replaces anything else with
// U+FFFD.
func (v Value) IsUnicode() bool {
	raw := v.Raw()
	if !utf8.Valid(raw) {
		return false
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++ // the escaped character
		if raw[i] != 'u' || !utf16.IsSurrogate(escaped(raw[i+1:])) {
			continue
		}
		low := raw[i+5:]
		if low[0] != '\\' || low[1] != 'u' || utf16.DecodeRune(escaped(raw[i+1:]), escaped(low[2:])) == utf8.RuneError {
			return false
		}
		i += len(`XXXX\uXXXX`)
	}
	return true
}

// escaped returns the value of the four hexadecimal digits at the start of text.
func escaped(text []byte) rune {
	n, _ := strconv.ParseUint(string(text[:4]), 16, 32) // the syntax is valid
	return rune(n)
}

// end returns the offset after v.
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

// next returns the offset of the element or field after v in the list or object that contains
// v, or of the closing bracket if v is the last one.
func (v Value) next() int {
	at := skipSpace(v.text, v.end())
	if v.text[at] == ',' {
		at = skipSpace(v.text, at+1)
	}
	return at
}

func skipSpace(text []byte, at int) int {
	for ; at < len(text); at++ {
		if c := text[at]; c > ' ' || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			break
		}
	}
	return at
}
