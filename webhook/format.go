package webhook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// formatError is an [ErrInvalidFormat] with the wanted format and the value found.
type formatError struct{ want, got string }

func (e formatError) Error() string { return "want " + e.want + ", got " + e.got }
func (formatError) Unwrap() error   { return ErrInvalidFormat }

// describe returns the Value of a FieldError for a JSON value, and the value in words. A
// list or an object may hold a whole webhook, so its content is not shown.
func describe(v jsonvalue.Value) (value, got string) {
	switch v.Kind() {
	case '{':
		return "", "an object"
	case '[':
		return "", "a list"
	case '"':
		value = redactValue(v.String())
		return value, fmt.Sprintf("the string %q", short(value))
	case 'n', 't', 'f':
		return v.String(), v.String()
	}
	return v.String(), "the number " + short(v.String())
}

// redactValue redacts a value that may be a target URL in the wrong field. A value
// without a slash is not a URL with a token in its path.
func redactValue(value string) string {
	if strings.Contains(value, "/") {
		return redactURL(value)
	}
	return value
}

// syntaxError returns an error of jsonvalue.Parse with its line and column in data.
// Both start at 1; a column counts characters.
func syntaxError(data []byte, err error) error {
	var syntax *jsonvalue.Error
	if !errors.As(err, &syntax) {
		return err
	}
	at := jsonvalue.NewPositions(data).At(syntax.Offset)
	return fmt.Errorf("%w: line %d, column %d: %v", ErrInvalidFormat, at.Line, at.Column, err)
}
