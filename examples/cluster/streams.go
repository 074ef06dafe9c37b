package main

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// What is kept in JetStream.
const (
	bucket           = "webhooks"
	eventsStream     = "EVENTS"     // events.<organizationId>: kept, so that they can be asked about
	deliveriesStream = "DELIVERIES" // deliveries.<organizationId>.<webhookId>: a queue
	rejectedStream   = "REJECTED"   // rejected: events that nobody can read, with the reason
	consumerName     = "dispatch"   // of all dispatchers together
)

const (
	// keptFor is how long an event can be asked about.
	keptFor = 7 * 24 * time.Hour
	// duplicates is how long the streams remember ids. A delivery comes a second time
	// when its event does: that is ackWait after a dispatcher died, and an election more.
	duplicates = 2 * time.Minute
	// ackWait is when the events of a dispatcher that died go to another.
	ackWait = 5 * time.Second
)

// Headers of our own.
const (
	afterHeader  = "Hookfilter-After"  // of an event: the revision that it must not be decided before
	reasonHeader = "Hookfilter-Reason" // of a rejected event
	seqHeader    = "Hookfilter-Event"  // of a rejected event: its sequence in EVENTS
)

// openBucket returns the bucket, made if it is not there. One that is there may have
// any number of replicas.
func openBucket(ctx context.Context, js jetstream.JetStream, replicas int) (kv jetstream.KeyValue, err error) {
	err = again(ctx, func(ctx context.Context) error {
		if kv, err = js.KeyValue(ctx, bucket); errors.Is(err, jetstream.ErrBucketNotFound) {
			kv, err = natsfeed.OpenBucket(ctx, js, bucket, replicas)
		}
		return err
	})
	return kv, err
}

// openEvents returns the stream of the events, made if it is not there.
func openEvents(ctx context.Context, js jetstream.JetStream, replicas int) (jetstream.Stream, error) {
	return openStream(ctx, js, jetstream.StreamConfig{Name: eventsStream, Subjects: []string{"events.>"}, MaxAge: keptFor, Replicas: replicas})
}

// openQueue makes the streams that a dispatcher writes, if they are not there, and
// returns the consumer that all dispatchers share, and whether deliveries may be stored
// in batches.
//
// Batches are for replicas: a stream without them keeps each batch in a file of its own
// first, and syncs that, which takes longer than its messages one by one.
func openQueue(ctx context.Context, js jetstream.JetStream, replicas int) (consumer jetstream.Consumer, batches bool, err error) {
	events, err := openEvents(ctx, js, replicas)
	if err != nil {
		return nil, false, err
	}
	deliveries, err := openStream(ctx, js, jetstream.StreamConfig{Name: deliveriesStream, Subjects: []string{"deliveries.>"},
		Retention: jetstream.WorkQueuePolicy, AllowAtomicPublish: replicas > 1, Replicas: replicas})
	if err != nil {
		return nil, false, err
	}
	_, err = openStream(ctx, js, jetstream.StreamConfig{Name: rejectedStream, Subjects: []string{"rejected"}, MaxAge: keptFor, Replicas: replicas})
	if err != nil {
		return nil, false, err
	}
	err = again(ctx, func(ctx context.Context) error {
		if consumer, err = events.Consumer(ctx, consumerName); errors.Is(err, jetstream.ErrConsumerNotFound) {
			consumer, err = events.CreateConsumer(ctx, jetstream.ConsumerConfig{
				Durable:       consumerName,
				AckPolicy:     jetstream.AckExplicitPolicy,
				AckWait:       ackWait,
				MaxAckPending: 10_000,
			})
		}
		return err
	})
	return consumer, deliveries.CachedInfo().Config.AllowAtomicPublish, err
}

func openStream(ctx context.Context, js jetstream.JetStream, config jetstream.StreamConfig) (s jetstream.Stream, err error) {
	config.Duplicates = duplicates
	err = again(ctx, func(ctx context.Context) error {
		if s, err = js.Stream(ctx, config.Name); errors.Is(err, jetstream.ErrStreamNotFound) {
			s, err = js.CreateStream(ctx, config)
		}
		return err
	})
	return s, err
}
