package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/events"
)

// publish is the command that publishes the events of a file.
func (c *command) publish(ctx context.Context) error {
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	if _, err := openEvents(ctx, js, c.replicas); err != nil {
		return err
	}
	p, err := c.publishFile(ctx, js, "", c.after)
	fmt.Fprintf(c.stdout, "published %d, duplicates %d, malformed lines %d, last sequence %d\n", p.published, p.duplicates, p.malformed, p.last)
	if err == nil && p.malformed > 0 {
		err = cli.ErrReported
	}
	return err
}

type publishResult struct {
	published, duplicates, malformed int
	last                             uint64 // sequence of the last one
}

// publishFile publishes the events of a file. An event's id is a hash of salt, the
// revision, and the file up to the event without blank lines. So publishing a file again,
// after an interrupt or with lines appended, adds only the new events, as long as the
// stream remembers the ids.
func (c *command) publishFile(ctx context.Context, js jetstream.JetStream, salt string, after uint64) (r publishResult, err error) {
	var in io.Reader = c.stdin
	source, size := "stdin", int64(-1)
	if c.events != "-" {
		file, err := os.Open(c.events)
		if err != nil {
			return r, err
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil {
			size = info.Size()
		}
		in, source = file, c.events
	}
	bar := progress(c.stderr, size, "publish")
	defer bar.Finish()

	id := sha256.New()
	fmt.Fprintln(id, salt, after)
	var pending []jetstream.PubAckFuture
	flush := func() error {
		for _, future := range pending {
			ack, err := stored(ctx, js, future)
			if err != nil {
				return err
			}
			if r.last = max(r.last, ack.Sequence); ack.Duplicate {
				r.duplicates++
			} else {
				r.published++
			}
		}
		pending = pending[:0]
		return nil
	}
	lines := events.NewReader(in)
	var block events.Block
	for err == nil && ctx.Err() == nil {
		err = lines.Read(&block)
		for line, invalid := range block.Lines() {
			_ = bar.Add(len(line.Text) + 1)
			id.Write(line.Text)
			id.Write([]byte("\n"))
			if invalid != nil {
				r.malformed++
				fmt.Fprintf(c.stderr, "%s:%d: %v\n", source, line.Number, invalid)
				continue
			}
			m := &nats.Msg{Subject: "events." + line.OrganizationID.String(), Data: bytes.Clone(line.Text), Header: nats.Header{}}
			if after > 0 {
				m.Header.Set(afterHeader, strconv.FormatUint(after, 10))
			}
			future, err := js.PublishMsgAsync(m, jetstream.WithMsgID(fmt.Sprintf("%x", id.Sum(nil)[:16])), jetstream.WithStallWait(maxStall))
			if err == nil {
				if pending = append(pending, future); len(pending) < maxUnstored/2 {
					continue
				}
			}
			if flushed := flush(); err != nil || flushed != nil {
				return r, cmp.Or(err, flushed)
			}
		}
	}
	if flushed := flush(); flushed != nil {
		return r, flushed
	}
	var pathError *os.PathError
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return r, ctx.Err()
	case errors.As(err, &pathError):
		return r, err // it names the file
	}
	return r, fmt.Errorf("%s: %w", source, err)
}

// stored returns the acknowledgement of a message. If it does not come in time, stored
// publishes the message again; its id makes that safe.
func stored(ctx context.Context, js jetstream.JetStream, future jetstream.PubAckFuture) (ack *jetstream.PubAck, err error) {
	select {
	case ack := <-future.Ok():
		return ack, nil
	case <-future.Err():
	}
	err = again(ctx, func(ctx context.Context) error {
		m := future.Msg()
		m.Reply = ""
		ack, err = js.PublishMsg(ctx, m)
		return err
	})
	return ack, err
}
