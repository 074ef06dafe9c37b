package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"syscall"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/webhook"
)

// dispatcher finds the webhooks that the events of an input fire, and writes the output.
type dispatcher struct {
	hooks  hooks
	source string // the input's name in reports
	why    bool
	print  func(out *bufio.Writer, v *verdict) // printText or printJSON

	verdict verdict // of the current event; its memory is reused for the next event
}

// verdict is the output for one event.
type verdict struct {
	line         int
	organization uuid.UUID
	known        bool // the organization has a file
	event        webhook.Event
	fires        []*webhook.Webhook
	why          bool
	hooks        []hook.Hook // all webhooks of the organization, including invalid ones
	notCreated   map[uuid.UUID]bool
}

// skipped returns an iterator over the webhooks that the event does not fire, in the order
// of their file, each with the reason. It is empty without -why.
func (v *verdict) skipped() iter.Seq2[hook.Hook, hook.Verdict] {
	return func(yield func(hook.Hook, hook.Verdict) bool) {
		if !v.why {
			return
		}
		for _, h := range v.hooks {
			if reason := h.Explain(v.event); !reason.Fires && !yield(h, reason) {
				return
			}
		}
	}
}

// stream writes the output for the lines of in, and flushes it before it waits for more input.
// It reads at most two blocks of lines ahead and retains no output, so a stream of any length
// takes constant memory.
func (d *dispatcher) stream(ctx context.Context, in io.Reader, stdout, stderr io.Writer) (total tally, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	const ahead = 2
	blocks, free := make(chan *events.Block, ahead), make(chan *events.Block, ahead)
	for range ahead {
		free <- new(events.Block)
	}
	var readErr error
	go func() {
		defer close(blocks)
		lines := events.NewReader(in, d.hooks.projects)
		for readErr == nil {
			select {
			case <-ctx.Done():
				return
			case b := <-free:
				readErr = lines.Read(b)
				blocks <- b
			}
		}
	}()
	out := bufio.NewWriterSize(stdout, 64<<10)
	for {
		select {
		case <-ctx.Done():
			return total, nil
		case b, more := <-blocks:
			if !more {
				switch {
				case readErr == nil, errors.Is(readErr, io.EOF): // interrupted, or at the end
					return total, nil
				case errors.As(readErr, new(*os.PathError)):
					return total, webhookdir.Printable(readErr) // it names the input
				}
				return total, fmt.Errorf("%s: %w", d.source, readErr)
			}
			d.writeBlock(b, &total, out, stderr)
			if err := out.Flush(); err != nil {
				return total, closedOr(err)
			}
			free <- b
		}
	}
}

// writeBlock writes the output for the lines of b. It leaves write errors to out.Flush.
func (d *dispatcher) writeBlock(b *events.Block, total *tally, out *bufio.Writer, stderr io.Writer) {
	for line, err := range b.Lines() {
		if err != nil {
			total.malformed++
			fmt.Fprintf(stderr, "%s:%d: %v\n", d.source, line.Number, err)
			continue
		}
		d.write(line.Number, line.OrganizationID, line.Event, total, out)
	}
}

// write writes the output for an event. It leaves write errors to out.Flush.
func (d *dispatcher) write(line int, organization uuid.UUID, e webhook.Event, total *tally, out *bufio.Writer) {
	o := d.hooks.organizations[organization]
	d.verdict = verdict{line, organization, o.known, e,
		d.hooks.appendFires(d.verdict.fires[:0], organization, e), d.why, o.all, o.notCreated}
	total.count(len(d.verdict.fires))
	d.print(out, &d.verdict)
}

// errClosed is returned for a write to a pipe whose reader has closed it.
var errClosed = errors.New("closed pipe")

func write(w io.Writer, p []byte) error {
	_, err := w.Write(p)
	return closedOr(err)
}

func closedOr(err error) error {
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe) {
		return errClosed
	}
	return err
}

// unlessClosed returns err, or nil for errClosed: a later program of a pipeline, such as head,
// may close its input early.
func unlessClosed(err error) error {
	if errors.Is(err, errClosed) {
		return nil
	}
	return err
}
