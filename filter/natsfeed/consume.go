package natsfeed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// maxPull is the number of messages that a load requests from its consumer at once.
	maxPull = 5000
	// startTimeouts is the number of timeouts that creating the consumer may take: the server
	// looks up the last version of every key, which takes seconds for a million keys.
	startTimeouts = 20
	// pullTimeouts is the number of timeouts that the next message may take.
	pullTimeouts = 5
	// inactiveThreshold is the time after which a server removes a consumer that was not
	// deleted because the request was lost.
	inactiveThreshold = 30 * time.Second
)

// consume creates a consumer that delivers the messages, and deletes it afterwards. If a
// message or the end of a response is lost, it returns nil: the messages so far are a prefix
// of all messages.
func (s *stream) consume(ctx context.Context, last uint64, apply func(jetstream.RawStreamMsg)) error {
	create, cancel := context.WithTimeout(ctx, startTimeouts*s.timeout)
	defer cancel()
	// A server does not respond to a request without permission.
	before := s.nc.LastError()
	defer time.AfterFunc(s.timeout, func() {
		if s.denied(before, s.name) != nil {
			cancel()
		}
	}).Stop()
	consumer, err := s.js.CreateConsumer(create, s.name, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverLastPerSubjectPolicy,
		FilterSubject:     s.prefix + ">",
		AckPolicy:         jetstream.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: inactiveThreshold,
	})
	if err != nil {
		return fmt.Errorf("creating a consumer: %w", s.explain(err, before, startTimeouts*s.timeout))
	}
	name := consumer.CachedInfo().Name
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
		defer cancel()
		_ = s.js.DeleteConsumer(ctx, s.name, name)
	}()
	delivered, pulled, done := uint64(0), 0, false
	for first := true; (first || pulled > 0) && !done; first = false {
		pulled = 0
		request := map[string]any{"batch": maxPull, "max_bytes": maxBatchBytes, "no_wait": true}
		err := s.requestMany(ctx, s.api+"CONSUMER.MSG.NEXT."+s.name+"."+name, request, maxPull+1, pullTimeouts*s.timeout, func(m *nats.Msg) (bool, error) {
			meta, err := m.Metadata()
			if err != nil {
				return false, nil // not a message of the stream: the end of this response
			}
			if delivered++; meta.Sequence.Consumer != delivered {
				done = true // a message was lost in transit
				return false, nil
			}
			apply(jetstream.RawStreamMsg{Subject: m.Subject, Sequence: meta.Sequence.Stream, Header: m.Header, Data: m.Data, Time: meta.Timestamp})
			pulled++
			done = meta.NumPending == 0 || meta.Sequence.Stream >= last
			return !done && pulled < maxPull, nil
		})
		if (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrPermissionViolation)) && ctx.Err() == nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
