package main

import (
	"bufio"
	"bytes"
	"io"
)

const (
	// maxLine is the longest line that is read, in bytes without its end.
	maxLine = 1 << 20
	// maxBlock is how much is read ahead of the output, unless a line is longer.
	maxBlock = 64 << 10
)

// lineReader cuts a stream into blocks of whole lines.
type lineReader struct {
	r       *bufio.Reader
	tooLong bool // the rest of a line is to be skipped
}

func newLineReader(r io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, maxLine+len("\n"))}
}

// appendBlock waits for a line, and appends to dst this one and those that can be
// had without waiting, about maxBlock bytes. Of a line longer than maxLine it
// appends the first maxLine+1 bytes and a newline. The last line may have no
// newline. What comes with an error is to be used too.
func (l *lineReader) appendBlock(dst []byte) ([]byte, error) {
	for l.tooLong {
		_, err := l.r.ReadSlice('\n')
		if l.tooLong = err == bufio.ErrBufferFull; !l.tooLong && err != nil {
			return dst, err
		}
	}
	line, err := l.r.ReadSlice('\n')
	dst = append(dst, line...)
	if err == bufio.ErrBufferFull {
		l.tooLong = true
		return append(dst, '\n'), nil
	}
	if err != nil {
		return dst, err
	}
	ready, _ := l.r.Peek(min(l.r.Buffered(), maxBlock))
	ready = ready[:bytes.LastIndexByte(ready, '\n')+1]
	dst = append(dst, ready...)
	_, err = l.r.Discard(len(ready))
	return dst, err
}
