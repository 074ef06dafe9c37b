package events

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	// MaxLine is the maximum length of a line, in bytes without the newline, and of an
	// element of a document.
	MaxLine = 1 << 20
	// MaxBlock is about the maximum size of a Block in bytes, unless its first line is longer.
	MaxBlock = 64 << 10
)

// Reader splits a stream into blocks of whole lines or, if the stream is one JSON document,
// of elements of its list. It must not be used by several goroutines at once.
type Reader struct {
	r             *bufio.Reader
	organizations map[uuid.UUID]*projects.Organization
	started       bool
	document      *document // nil if the stream is lines
	next          int       // number of the next line
	tooLong       bool      // skip the rest of the current line
}

// NewReader returns a Reader of r. The organizations supply the names of projects and the
// modes of environments of which an event has only the id. They may be nil.
func NewReader(r io.Reader, organizations map[uuid.UUID]*projects.Organization) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, MaxLine+len("\n")), organizations: organizations, next: 1}
}

// Block is a sequence of lines of a stream, or an element of a document. The zero Block is
// empty.
type Block struct {
	organizations map[uuid.UUID]*projects.Organization
	first         int // number of the first line
	text          []byte
	element       bool            // the text is an element
	value         jsonvalue.Value // of an element that is not too long
}

// Line is an event with its line in the stream.
type Line struct {
	Number int // from 1; of an element of a document, the number of its first line
	// Text is the line as it is, without surrounding white space, if it is an event in our
	// form. If an event has another form or is in a document, Text is the event in our form.
	// If the event is invalid, Text is Original. It is valid until the next Read.
	Text []byte
	// Original is the line or the element as it is in the stream, without surrounding white
	// space, and truncated after MaxLine+1 bytes. In an object that is the whole document, the
	// white space between names and values may differ. It is valid until the next Read.
	Original       []byte
	OrganizationID uuid.UUID
	webhook.Event
	ID string // the event's own id; empty if it has none
	// LookedUp is true if the event has only the id of its project or environment, and the
	// name or the mode is the current one of that id.
	LookedUp bool
}

// ErrMissing is the error of an event without the name of its project or the mode of its
// environment, if they cannot be looked up either and the event is valid otherwise. The Line of
// such an event has its OrganizationID.
var ErrMissing = errors.New("missing")

// Read replaces the content of b. It waits for one line or element, and also reads the lines
// that are available without waiting, up to about MaxBlock bytes. Even if it returns an
// error, the content of b is valid. The error is io.EOF at the end. A syntax error ends a document,
// but not lines.
//
// The first value decides whether the stream is lines or one document. The stream is a document if
// the value is a list or an object with a list in results, if the value is null and nothing
// follows, or if the value is an object that continues on the next line. An object does not continue
// if its first line ends within a string, or if the next line is an object that cannot continue it:
// the first line is then cut off.
func (r *Reader) Read(b *Block) error {
	b.organizations, b.first, b.text, b.element = r.organizations, r.next, b.text[:0], false
	if !r.started {
		if err := r.start(); err != nil {
			return err
		}
		b.first = r.next
	}
	if r.document != nil {
		return r.document.read(b)
	}
	err := r.appendLines(b)
	r.next += bytes.Count(b.text, []byte("\n"))
	return err
}

// start skips blank lines and decides whether the stream is lines or one document. It returns
// io.EOF for a stream without a value, and an error for a stream that is not JSON at all.
func (r *Reader) start() error {
	for {
		line, err := r.peekLine(0)
		if r.next == 1 {
			text, otherForm := jsonvalue.UTF8(line)
			if otherForm != nil {
				return otherForm
			}
			_, _ = r.r.Discard(len(line) - len(text)) // a byte order mark
			line = text
		}
		line = bytes.Clone(line) // another Peek invalidates the slice
		if trimmed := trim(line); len(trimmed) > 0 || err == bufio.ErrBufferFull {
			if notJSON := form.NotJSON(trimmed); len(trimmed) > 0 && notJSON != nil && (form.IsHTML(trimmed) || !r.objectFollows(line)) {
				return notJSON
			}
			r.started = true
			if r.isDocument(line, err) {
				r.document = &document{r: r.r, line: r.next}
			} else if string(trimmed) == "null" { // the CLI's list of no deliveries
				if _, err := r.r.Peek(len(line) + 1); err == io.EOF {
					_, _ = r.r.Discard(len(line))
					r.document = &document{r: r.r, line: r.next, state: end}
				}
			}
			return nil
		}
		if err != nil {
			return err
		}
		_, _ = r.r.Discard(len(line))
		r.next++
	}
}

// peekLine returns the input up to the end of the line that contains the byte at offset from,
// without consuming it. If the input begins a list, peekLine may return only its beginning, because
// a list may be long. If the line does not fit in the buffer, the error is bufio.ErrBufferFull.
func (r *Reader) peekLine(from int) (line []byte, err error) {
	for searched := from; ; {
		_, err := r.r.Peek(searched + 1)
		line, _ := r.r.Peek(r.r.Buffered())
		if i := bytes.IndexByte(line[searched:], '\n'); i >= 0 {
			return line[:searched+i+1], nil
		}
		// One byte may be half of a character in UTF-16. 512 bytes show whether a list begins.
		if err != nil || len(line) > 1 && searched < 512 && listBegins.Match(line) {
			return line, err
		}
		searched = len(line)
	}
}

// listBegins matches the beginning of a list, or of a response of a list call.
var listBegins = regexp.MustCompile(`^(\x{feff})?\s*(\[|\{\s*"results"\s*:\s*\[)`)

// isDocument reports whether a stream is one document, by its first line that is not blank,
// and the error of peekLine.
func (r *Reader) isDocument(line []byte, err error) bool {
	if listBegins.Match(line) {
		return true
	}
	if !bytes.HasPrefix(trim(line), []byte("{")) {
		return false
	}
	v, syntax := jsonvalue.Parse(line)
	if syntax == nil {
		_, isList := form.List(v)
		return isList
	}
	// A line that is cut off in a string does not begin a document: its syntax error is the newline in
	// the string, not an unexpected end.
	var at *jsonvalue.Error
	return err == nil && errors.As(syntax, &at) && at.Syntax == jsonvalue.UnexpectedEnd && !r.objectFollows(line)
}

// objectFollows reports whether the line after first is an object that cannot continue first. If so,
// the stream is lines, and first, its first line, is cut off or not JSON.
func (r *Reader) objectFollows(first []byte) bool {
	two, _ := r.peekLine(len(first))
	second, err := jsonvalue.Parse(two[len(first):])
	if err != nil || second.Kind() != '{' {
		return false
	}
	_, err = jsonvalue.Parse(two)
	var at *jsonvalue.Error
	return errors.As(err, &at) && at.Syntax != jsonvalue.UnexpectedEnd
}

// List reports whether the stream is one document with a list, such as a response of a list
// call. It is valid after the first Read.
func (r *Reader) List() bool {
	return r.document != nil && (r.document.root == nil || r.document.inRoot)
}

// appendLines appends lines to b.text. It truncates a line longer than MaxLine to MaxLine+1
// bytes and a newline. The last line may have no newline.
func (r *Reader) appendLines(b *Block) error {
	for r.tooLong {
		_, err := r.r.ReadSlice('\n')
		if r.tooLong = err == bufio.ErrBufferFull; !r.tooLong && err != nil {
			return err
		}
	}
	line, err := r.r.ReadSlice('\n')
	b.text = append(b.text, line...)
	if err == bufio.ErrBufferFull {
		r.tooLong = true
		b.text = append(b.text, '\n')
		return nil
	}
	if err != nil {
		return err
	}
	ready, _ := r.r.Peek(min(r.r.Buffered(), MaxBlock))
	ready = ready[:bytes.LastIndexByte(ready, '\n')+1]
	b.text = append(b.text, ready...)
	_, err = r.r.Discard(len(ready))
	return err
}

func trim(line []byte) []byte { return bytes.Trim(line, " \t\r\n") }

// Lines returns an iterator over the events of b, in order. It skips blank lines. For a line
// or an element that is too long or is not an event, it yields the error and no event.
func (b *Block) Lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		if b.element {
			l := Line{Number: b.first, Text: b.text}
			err := l.decode(b, len(b.text) > MaxLine)
			yield(l, err)
			return
		}
		number := b.first - 1
		for text := range bytes.Lines(b.text) {
			number++
			tooLong := len(bytes.TrimSuffix(text, []byte("\n"))) > MaxLine
			l := Line{Number: number, Text: trim(text)}
			if len(l.Text) == 0 && !tooLong {
				continue
			}
			err := l.decode(b, tooLong)
			if !yield(l, err) {
				return
			}
		}
	}
}

// decode sets the event of l, whose text is in b.
func (l *Line) decode(b *Block, tooLong bool) (err error) {
	l.Original = l.Text
	if tooLong {
		return fmt.Errorf("longer than %d bytes", MaxLine)
	}
	v := b.value
	if !b.element {
		if v, err = jsonvalue.Parse(l.Text); err != nil {
			return err
		}
	}
	d := decoder{b.organizations}
	e, ours, err := d.event(v)
	l.OrganizationID = e.OrganizationID
	if err != nil {
		return err
	}
	l.Event, l.ID, l.LookedUp = e.Event, e.ID, e.lookedUp
	if !ours || b.element {
		l.Text, err = json.Marshal(e)
	}
	return err
}
