package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/events"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// publish is the command that publishes the events of a file, or of standard input.
func (c *command) publish(ctx context.Context) error {
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	if err := checkReplicas(ctx, js, c.replicas, eventsStream); err != nil {
		return err
	}
	salt := ""
	if c.events == "-" {
		salt = nuid.Next() // two equal lines on standard input are two events
	}
	p, err := c.publishFile(ctx, js, salt, c.after)
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

// publishFile publishes the events of a file, and creates EVENTS if it does not exist. The id
// of an event's message is a hash of the organization and the event's own id if the event has
// one, and otherwise of salt, the revision, and the text of the file up to the end of the event,
// without blank lines. So publishing a file again, after an interrupt or with lines appended,
// adds only the new events, as long as the stream remembers the ids.
func (c *command) publishFile(ctx context.Context, js jetstream.JetStream, salt string, after uint64) (r publishResult, err error) {
	var in io.Reader = c.stdin
	source, size := "stdin", int64(-1)
	if c.events != "-" {
		file, err := os.Open(c.events)
		if err != nil {
			return r, fmt.Errorf("-events: %w", webhookdir.Printable(err))
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil {
			size = info.Size()
		}
		in, source = file, jsonvalue.Printable(c.events)
	}
	if _, err := openEvents(ctx, js, c.replicas); err != nil {
		return r, err
	}
	bar := progress(c.stderr, size, "publish")
	defer bar.Finish()

	position := sha256.New()
	fmt.Fprintln(position, salt, after)
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
	var organizations map[uuid.UUID]*projects.Organization
	if c.webhooks != "" {
		known, invalid, err := projects.Read(c.webhooks)
		if err != nil {
			return r, fmt.Errorf("-webhooks: %w", err)
		}
		for _, report := range invalid {
			r.malformed++
			fmt.Fprintln(c.stderr, report)
		}
		organizations = known
	}
	lines := events.NewReader(in, organizations)
	var block events.Block
	for err == nil && ctx.Err() == nil {
		err = lines.Read(&block)
		for line, invalid := range block.Lines() {
			_ = bar.Add(len(line.Text) + 1)
			position.Write(line.Text)
			position.Write([]byte("\n"))
			if invalid == nil {
				invalid = tooLarge(line, js.Conn().MaxPayload())
			}
			if invalid != nil {
				r.malformed++
				fmt.Fprintf(c.stderr, "%s:%d: %v\n", source, line.Number, invalid)
				continue
			}
			id := position.Sum(nil)
			if line.ID != "" {
				own := sha256.Sum256([]byte(line.OrganizationID.String() + " " + line.ID))
				id = own[:]
			}
			m := &nats.Msg{Subject: "events." + line.OrganizationID.String(), Data: bytes.Clone(line.Text), Header: nats.Header{}}
			m.Header.Set(nats.MsgIdHdr, fmt.Sprintf("%x", id[:16]))
			if after > 0 {
				m.Header.Set(afterHeader, strconv.FormatUint(after, 10))
			}
			future, err := js.PublishMsgAsync(m, jetstream.WithStallWait(maxStall))
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
		return r, fmt.Errorf("-events: %w", webhookdir.Printable(err)) // it names the file
	}
	return r, fmt.Errorf("%s: %w", source, err)
}

// headerRoom is more than the headers of a message take: of an event, of a delivery, or of
// a rejected event with its reason.
const headerRoom = max(deliveryHeaders, rejectedHeaders)

// tooLarge returns an error if the servers would refuse the message of an event, or the
// messages of its deliveries.
func tooLarge(line events.Line, maxPayload int64) error {
	delivered, err := json.Marshal(delivery{math.MaxUint64, line.OrganizationID, uuid.Max, math.MaxUint64, line.Event})
	if err != nil {
		return err
	}
	what, size := "the event", len(line.Text)
	if len(delivered) > size {
		what, size = "its delivery", len(delivered)
	}
	if limit := maxPayload - headerRoom; int64(size) > limit {
		return fmt.Errorf("too large: %s takes %d bytes: want at most %d, which is max_payload of the servers less %d for headers",
			what, size, limit, headerRoom)
	}
	return nil
}

// stored returns the acknowledgement of a message. If it does not come in time, stored
// publishes the message again; its id makes that safe.
func stored(ctx context.Context, js jetstream.JetStream, future jetstream.PubAckFuture) (ack *jetstream.PubAck, err error) {
	select {
	case ack := <-future.Ok():
		return ack, nil
	case <-future.Err():
	}
	err = retry(ctx, func(ctx context.Context) error {
		m := future.Msg()
		m.Reply = ""
		ack, err = js.PublishMsg(ctx, m)
		return err
	})
	return ack, err
}
