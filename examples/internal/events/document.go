package events

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// document reads the elements of one JSON document of any length: the elements of a list, or of
// the list in the member results of an object. An object without such a list is the only element.
type document struct {
	r     *bufio.Reader
	line  int // of the next byte
	state state
	// root is nil if the document is a list. If the document is an object, root is the part that
	// has been read so far, with 0 in place of the list in results, and with one space before each
	// name and value: {"page":1,"results":[…]} becomes { "page": 1, "results":0}. Other white space
	// between names and values is left out, except the line breaks until the list begins, so that a
	// syntax error has its line. root may be truncated after MaxLine bytes.
	root     []byte
	rootLine int  // line of the end of root; not used after the list begins
	inRoot   bool // the list is a member of the root, and has begun
	started  int  // line of the root
}

type state uint8

const (
	begin        state = iota
	firstElement       // or the end of an empty list
	nextElement        // after a comma, or the end of the list
	end
)

// read sets b to the next element. The error is io.EOF at the end of the document.
func (d *document) read(b *Block) (err error) {
	if b.text, b.first, err = d.next(b.text); err != nil {
		b.text = b.text[:0]
		return err
	}
	b.element = true
	if len(b.text) > MaxLine {
		return nil // Lines reports it
	}
	if b.value, err = jsonvalue.Parse(b.text); err != nil {
		line := b.first
		var at *jsonvalue.Error
		if errors.As(err, &at) {
			line += bytes.Count(b.text[:at.Offset], []byte("\n"))
		}
		b.text, b.element = b.text[:0], false
		err = fmt.Errorf("line %d: %w", line, err)
		if d.root != nil && !d.inRoot {
			err = fmt.Errorf("%w: line %d begins a document, because it is not a complete object", err, d.started)
		}
		return err
	}
	return nil
}

// next appends the next element to text, at most MaxLine+1 bytes, and returns its line.
func (d *document) next(text []byte) ([]byte, int, error) {
	switch d.state {
	case begin:
		c, err := d.peek()
		if err != nil {
			return text, 0, err
		}
		d.started = d.line
		d.skip(1)
		if c == '{' {
			d.root, d.rootLine = []byte{'{'}, d.line
			return d.members(text)
		}
		d.state = firstElement
	case end:
		switch c, err := d.peek(); {
		case err == io.EOF:
			return text, 0, io.EOF
		case err != nil:
			return text, 0, err
		default:
			return text, 0, d.errorf("not JSON: want the end of the document, got %q: events are either one document, or one object per line as jq -c . writes them", c)
		}
	}
	return d.elements(text)
}

// elements does the work of next inside the list.
func (d *document) elements(text []byte) ([]byte, int, error) {
	c, err := d.mustPeek()
	if err != nil {
		return text, 0, err
	}
	if c == ']' {
		d.skip(1)
		if !d.inRoot {
			d.state = end
			return d.next(text)
		}
		d.root = append(d.root, '0')
		return d.members(text)
	}
	if d.state == nextElement {
		if c != ',' {
			return text, 0, d.errorf("not JSON: want ',' or ']', got %q", c)
		}
		d.skip(1)
		if _, err := d.mustPeek(); err != nil {
			return text, 0, err
		}
	}
	d.state = nextElement
	line := d.line
	text, err = d.value(text)
	return text, line, err
}

// members reads the members of the root up to its list, or after it. If the root has no list,
// the root is the element.
func (d *document) members(text []byte) ([]byte, int, error) {
	for {
		if d.inRoot && len(d.root) > MaxLine {
			return text, 0, d.errorf("the members beside results are longer than %d bytes", MaxLine)
		}
		if _, err := d.peek(); err == io.EOF && !d.inRoot && len(d.root) <= MaxLine {
			return append(text, d.root...), d.started, nil // Parse finds the error, which may be on an earlier line
		}
		c, err := d.mustPeek()
		if err != nil {
			return text, 0, err
		}
		switch {
		case c == '[' && bytes.HasSuffix(d.root, []byte(` "results":`)): // the space excludes names such as "a\"results"
			if d.inRoot {
				return text, 0, d.errorf(`"results" is repeated`)
			}
			d.skip(1)
			d.inRoot, d.state = true, firstElement
			return d.elements(text)
		case c != '}' && c != ',' && c != ':':
			if len(d.root) <= MaxLine {
				if !d.inRoot {
					d.root = append(d.root, bytes.Repeat([]byte("\n"), min(d.line-d.rootLine, MaxLine))...)
				}
				d.root = append(d.root, ' ') // otherwise 1 2 becomes 12
			}
			if d.root, err = d.value(d.root); err != nil {
				return text, 0, err
			}
			d.rootLine = d.line
			continue
		}
		d.skip(1)
		if len(d.root) <= MaxLine {
			d.root = append(d.root, c)
		}
		if c != '}' {
			continue
		}
		d.state = end
		if !d.inRoot {
			return append(text, d.root...), d.started, nil
		}
		if err := checkRoot(d.root); err != nil {
			return text, 0, d.errorf("%w", err)
		}
		return d.next(text)
	}
}

// checkRoot returns an error if root is not JSON or has two members named results.
func checkRoot(root []byte) error {
	v, err := jsonvalue.Parse(root)
	if err == nil {
		_, err = v.Fields([]string{"results"}, nil)
	}
	return err
}

// value appends the text of the next value to text, at most up to MaxLine+1 bytes, and skips
// the rest. It matches brackets and quotes only; the caller parses the text.
func (d *document) value(text []byte) ([]byte, error) {
	depth, inString, escaped := 0, false, false
	for length := 0; ; {
		chunk, err := d.buffered()
		if err == io.EOF {
			return text, nil // jsonvalue.Parse reports an unexpected end
		} else if err != nil {
			return text, err
		}
		n, done := 0, false
		for n < len(chunk) && !done {
			c := chunk[n]
			switch {
			case escaped:
				escaped = false
			case inString:
				escaped = c == '\\'
				inString = c != '"'
				done = !inString && depth == 0 || c == '\n' // a line break is an error, which Parse reports
			case c == '"':
				inString = true
			case c == '{' || c == '[':
				depth++
			case depth > 0:
				if c == '}' || c == ']' {
					depth--
					done = depth == 0
				}
			case bytes.IndexByte([]byte(",:}] \t\r\n"), c) >= 0:
				if length+n == 0 {
					return text, d.errorf("not JSON: want a value, got %q", c)
				}
				done = true
				continue // it is not part of the value
			}
			n++
		}
		if room := MaxLine + 1 - len(text); room > 0 {
			text = append(text, chunk[:min(n, room)]...)
		}
		length += n
		d.skip(n)
		if done {
			return text, nil
		}
	}
}

// peek skips white space and returns the next byte.
func (d *document) peek() (byte, error) {
	for {
		chunk, err := d.buffered()
		if err != nil {
			return 0, err
		}
		rest := bytes.TrimLeft(chunk, " \t\r\n")
		d.skip(len(chunk) - len(rest))
		if len(rest) > 0 {
			return rest[0], nil
		}
	}
}

// mustPeek is like peek, but returns a syntax error at the end of the input.
func (d *document) mustPeek() (byte, error) {
	c, err := d.peek()
	if err == io.EOF {
		err = d.errorf("not JSON: unexpected end")
	}
	return c, err
}

// buffered waits for at least one byte and returns the bytes that are available.
func (d *document) buffered() ([]byte, error) {
	if _, err := d.r.Peek(1); err != nil {
		return nil, err
	}
	return d.r.Peek(d.r.Buffered())
}

// skip skips n bytes, which are available.
func (d *document) skip(n int) {
	skipped, _ := d.r.Peek(n)
	d.line += bytes.Count(skipped, []byte("\n"))
	_, _ = d.r.Discard(n)
}

func (d *document) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d: "+format, append([]any{d.line}, args...)...)
}
