package webhook

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// formatError is an [ErrInvalidFormat] that says what was wanted and what is there.
type formatError struct{ want, got string }

func (e formatError) Error() string { return "want " + e.want + ", got " + e.got }
func (formatError) Unwrap() error   { return ErrInvalidFormat }

// format is the form of a field: what it is in words, a value that decodes it alone,
// and whether a string in its place is hidden.
type format struct {
	want   string
	into   func() any
	hidden bool
}

var (
	idFormat     = format{"a UUID of 36 characters", func() any { return new(documentID) }, false}
	timeFormat   = format{"an RFC 3339 time", func() any { return new(documentTime) }, false}
	stringFormat = format{"a string", func() any { return new(string) }, false}
	// Somebody may have put the secret into target_secret_set.
	boolFormat = format{"true or false", func() any { return new(bool) }, true}
	listFormat = format{"a list of strings", func() any { return new([]string) }, false}
)

// formats has the fields of a document.
var formats = map[string]format{
	"id": idFormat, "created_at": timeFormat, "updated_at": timeFormat, "kind": stringFormat,
	"target_url": stringFormat, "target_secret_set": boolFormat, "description": stringFormat, "enabled": boolFormat,
	"events": listFormat, "project_names_filter": listFormat, "environment_types_filter": listFormat,
}

// faults returns what is wrong with raw, the value of field.
func (f format) faults(field string, raw json.RawMessage) (faults []*FieldError) {
	if json.Unmarshal(raw, f.into()) == nil {
		return nil
	}
	var elements []json.RawMessage
	if f.want == listFormat.want && json.Unmarshal(raw, &elements) == nil {
		for i, raw := range elements {
			faults = append(faults, stringFormat.faults(element(field, i), raw)...)
		}
		return faults
	}
	value, got := describe(raw)
	if f.hidden && raw[0] == '"' {
		value, got = "", "a string"
	}
	return []*FieldError{{Field: field, Value: value, Err: formatError{f.want, got}}}
}

// describe returns a JSON value as the Value of a FieldError, and in words. A list or
// an object may hold a whole webhook: of them nothing is shown.
func describe(raw json.RawMessage) (value, got string) {
	switch raw[0] {
	case '{':
		return "", "an object"
	case '[':
		return "", "a list"
	case '"':
		_ = json.Unmarshal(raw, &value)
		value = redactValue(value)
		return value, fmt.Sprintf("the string %q", short(value))
	case 'n', 't', 'f':
		return string(raw), string(raw)
	}
	return string(raw), "the number " + short(string(raw))
}

// redactValue returns what may be shown of a value that may be a target URL in the
// wrong place: what has no slash is none with a token in it.
func redactValue(value string) string {
	if strings.Contains(value, "/") {
		return redactURL(value)
	}
	return value
}

// decodingError says in our words why data could not be decoded as a document, which
// failed with err.
func decodingError(data []byte, err error) error {
	if errors.As(err, new(*json.SyntaxError)) {
		return syntaxError(data, err)
	}
	data = bytes.TrimLeft(data, " \t\r\n")
	if data[0] != '{' {
		_, got := describe(data)
		return fmt.Errorf("webhook: %w", formatError{"an object", got})
	}
	// Member by member, since a name may be there twice, in any case.
	var faults []*FieldError
	decoder := json.NewDecoder(bytes.NewReader(data))
	_, _ = decoder.Token() // {
	for decoder.More() {
		name, _ := decoder.Token()
		var raw json.RawMessage
		_ = decoder.Decode(&raw) // it was valid JSON before
		for field, format := range formats {
			if strings.EqualFold(field, name.(string)) {
				faults = append(faults, format.faults(field, raw)...)
			}
		}
	}
	// That there is none is not known to happen. It would be no error.
	return cmp.Or[error](join(faults), &FieldError{Field: "webhook", Err: ErrInvalidFormat})
}

// syntaxError says where in data the error is, if it is one of syntax, with lines and
// columns of bytes that begin at 1.
func syntaxError(data []byte, err error) error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	before := data[:max(0, syntax.Offset-1)]
	line, column := 1+bytes.Count(before, []byte("\n")), len(before)-bytes.LastIndexByte(before, '\n')
	return fmt.Errorf("%w: line %d, column %d: %v", ErrInvalidFormat, line, column, err)
}
