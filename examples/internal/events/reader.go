package events

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	// MaxLine is the maximum length of a line, in bytes without the newline.
	MaxLine = 1 << 20
	// MaxBlock is about the maximum size of a Block in bytes, unless its first line is longer.
	MaxBlock = 64 << 10
)

// Reader splits a stream into blocks of whole lines. It must not be used by several
// goroutines at once.
type Reader struct {
	r       *bufio.Reader
	next    int  // number of the next line
	tooLong bool // skip the rest of the current line
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, MaxLine+len("\n")), next: 1}
}

// Block is a sequence of lines of a stream. The zero Block is empty.
type Block struct {
	first int // number of the first line
	text  []byte
}

// Line is an event with its line in the stream.
type Line struct {
	Number         int    // from 1
	Text           []byte // without surrounding white space, at most MaxLine+1 bytes; valid until the next Read of the block
	OrganizationID uuid.UUID
	webhook.Event
	ID string // the event's own id; empty if it has none
}

// Read replaces the content of b. It waits for one line, and also reads the whole lines that
// are available without waiting, up to about MaxBlock bytes. The error is io.EOF at the end of
// the stream. The lines in b are valid even if there is an error. If the stream is not one
// object per line, the error names its form and a command that converts it.
func (r *Reader) Read(b *Block) error {
	b.first, b.text = r.next, b.text[:0]
	err := r.appendLines(b)
	r.next += bytes.Count(b.text, []byte("\n"))
	return err
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
	if r.next == 1 {
		var otherForm error
		if line, otherForm = firstLine(line); otherForm != nil {
			return otherForm
		}
	}
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

// firstLine returns the first line of a stream without its byte order mark, or an error
// if the stream does not begin with one object per line.
func firstLine(line []byte) ([]byte, error) {
	line, err := jsonvalue.UTF8(line)
	switch trimmed := trim(line); {
	case err != nil:
		return nil, err
	case bytes.HasPrefix(trimmed, []byte("[")):
		return nil, errors.New("a JSON list: want one object per line, as jq -c '.[]' writes them")
	case bytes.HasPrefix(trimmed, []byte("{")) && bytes.IndexByte([]byte("{[,"), trimmed[len(trimmed)-1]) >= 0:
		return nil, errors.New("a JSON object over several lines: want one object per line, as jq -c . writes them")
	}
	return line, nil
}

func trim(line []byte) []byte { return bytes.Trim(line, " \t\r\n") }

// Lines returns an iterator over the lines of b that are not blank, in order. For a line that
// is too long, or for which [Parse] returns an error, it yields the error and no event.
func (b *Block) Lines() iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		l := Line{Number: b.first - 1}
		for text := range bytes.Lines(b.text) {
			l.Number++
			tooLong := len(bytes.TrimSuffix(text, []byte("\n"))) > MaxLine
			if l.Text = trim(text); len(l.Text) == 0 && !tooLong {
				continue
			}
			var err error
			if tooLong {
				err = fmt.Errorf("longer than %d bytes", MaxLine)
			} else {
				l.OrganizationID, l.Event, l.ID, err = parse(l.Text)
			}
			if !yield(l, err) {
				return
			}
		}
	}
}
