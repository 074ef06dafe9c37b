package main

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// read calls do with the messages of a stream that config selects, up to the sequence last.
func read(ctx context.Context, stream jetstream.Stream, config jetstream.OrderedConsumerConfig, last uint64, do func(m jetstream.Msg, seq uint64)) error {
	consumer, err := stream.OrderedConsumer(ctx, config)
	if err != nil {
		return err
	}
	messages, err := consumer.Messages()
	if err != nil {
		return err
	}
	defer func() {
		messages.Stop()
		_ = stream.DeleteConsumer(ctx, consumer.CachedInfo().Name) // otherwise the server keeps it for some minutes
	}()
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		m, err := messages.Next(jetstream.NextMaxWait(attemptTimeout))
		if errors.Is(err, nats.ErrTimeout) {
			// The last message may have been deleted.
			if info, err := consumer.Info(ctx); err != nil || info.NumPending == 0 {
				return err
			}
			continue
		}
		if err != nil {
			return errors.Join(ctx.Err(), err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		do(m, meta.Sequence.Stream)
		if meta.Sequence.Stream >= last {
			return nil
		}
	}
}
