package natsfeed

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// loadAhead and loadAheadBytes bound what a load has in flight.
	loadAhead      = 5000
	loadAheadBytes = 8 << 20
	// loadSilence is how long a load waits for the next message.
	loadSilence = 5 * time.Second
	// loadStart is how long making its consumer may take: the server looks up the last
	// version of every key, which is seconds where they are a million.
	loadStart = 20 * time.Second
)

// load returns a view of the whole bucket, confirmed by the state that it returns too.
//
// A consumer delivers the last version of each key, in the order of the revisions. All
// that matters of it is that what came is a prefix of that: the end is reached with
// catchUp, and that it is the end, and complete, is for check to say.
func load(ctx context.Context, src source, report func(Invalid)) (*view, state, error) {
	s, err := src.ask(ctx, 0)
	if err != nil {
		return nil, state{}, err
	}
	v := newView(src, s.created, report)
	if !s.subjectless {
		if err := v.consume(ctx, s); err != nil {
			return nil, state{}, err
		}
	}
	for {
		if s, err = src.ask(ctx, v.revision); err != nil {
			return nil, state{}, err
		}
		confirmed, err := v.check(ctx, s)
		if confirmed || err != nil {
			return v, s, err
		}
		sleep(ctx, interval/10)
	}
}

// consume applies the last version of each key up to s.last, or fewer.
func (v *view) consume(ctx context.Context, s state) error {
	create, cancel := context.WithTimeout(ctx, loadStart)
	consumer, err := s.handle.CreateConsumer(create, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverLastPerSubjectPolicy,
		FilterSubject:     v.prefix + ">",
		AckPolicy:         jetstream.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: 6 * loadSilence,
	})
	cancel()
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		_ = s.handle.DeleteConsumer(ctx, consumer.CachedInfo().Name) // else it goes when inactive
	}()
	messages, err := consumer.Messages(jetstream.PullMaxMessagesWithBytesLimit(loadAhead, loadAheadBytes),
		jetstream.PullHeartbeat(loadSilence/2))
	if err != nil {
		return err
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)()
	for {
		m, err := messages.Next(jetstream.NextMaxWait(loadSilence))
		if errors.Is(err, nats.ErrTimeout) {
			return nil // what there was is gone
		}
		if err != nil {
			return err
		}
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		v.apply(m.Subject(), m.Headers(), m.Data(), meta.Sequence.Stream, meta.Timestamp)
		if meta.NumPending == 0 || meta.Sequence.Stream >= s.last {
			return nil
		}
	}
}
