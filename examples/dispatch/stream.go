package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/webhook"
)

// judge makes output of input. It is safe for concurrent use.
type judge struct {
	hooks  hooks
	source string // the input's name in reports
	why    bool
	append func(dst []byte, v *verdict) []byte // the form of the output
}

// verdict is the output for one event.
type verdict struct {
	line         int
	organization uuid.UUID
	known        bool // the organization has a file
	event        webhook.Event
	fires        []*webhook.Webhook
	why          bool
	held         []held // only with why
}

// block is some lines on their way from input to output.
type block struct {
	events.Block
	judged  chan struct{} // receives when the rest is there
	output  []byte
	reports []byte
	tally   tally
	verdict verdict
}

// stream judges the lines of in, and writes the output of each before it waits
// for another. The blocks are judged side by side, and written in order; there are
// so many and no more, which is all the memory that a stream takes.
func (j *judge) stream(ctx context.Context, in io.Reader, stdout, stderr io.Writer) (total tally, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	blocks := 2 + runtime.GOMAXPROCS(0) // one is read, one is written
	free := make(chan *block, blocks)
	for range blocks {
		free <- &block{judged: make(chan struct{}, 1)}
	}
	queue := make(chan *block, blocks)
	var readErr error
	go func() {
		defer close(queue)
		lines := events.NewReader(in)
		for readErr == nil {
			var b *block
			select {
			case <-ctx.Done():
				return
			case b = <-free:
			}
			readErr = lines.Read(&b.Block)
			queue <- b
			go j.judge(b)
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return total, nil
		case b, more := <-queue:
			if !more {
				var pathError *os.PathError
				switch {
				case readErr == nil, errors.Is(readErr, io.EOF): // interrupted, or at the end
					return total, nil
				case errors.As(readErr, &pathError):
					return total, readErr // it says what could not be read
				}
				return total, fmt.Errorf("%s: %w", j.source, readErr)
			}
			<-b.judged
			total.add(b.tally)
			_, _ = stderr.Write(b.reports)
			if err := write(stdout, b.output); err != nil {
				return total, err
			}
			free <- b
		}
	}
}

// judge fills in what the lines of b come to.
func (j *judge) judge(b *block) {
	b.output, b.reports, b.tally = b.output[:0], b.reports[:0], tally{}
	v := &b.verdict
	v.why = j.why
	for line, err := range b.Lines() {
		if err != nil {
			b.tally.malformed++
			b.reports = fmt.Appendf(b.reports, "%s:%d: %v\n", j.source, line.Number, err)
			continue
		}
		v.line, v.organization, v.event = line.Number, line.OrganizationID, line.Event
		v.known = j.hooks.organizations[v.organization].known
		v.fires = j.hooks.appendFires(v.fires[:0], v.organization, v.event)
		if j.why {
			v.held = j.hooks.appendHeld(v.held[:0], v.organization, v.event)
		}
		b.tally.count(len(v.fires))
		b.output = j.append(b.output, v)
	}
	b.judged <- struct{}{}
}

// errClosed says that nobody reads the output any more.
var errClosed = errors.New("closed pipe")

// write writes p, if there is something to write.
func write(w io.Writer, p []byte) error {
	if len(p) == 0 {
		return nil
	}
	_, err := w.Write(p)
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return errClosed
	}
	return err
}

// unlessClosed returns err, or nil for errClosed: a filter has done its work when
// nobody reads it.
func unlessClosed(err error) error {
	if errors.Is(err, errClosed) {
		return nil
	}
	return err
}
