package main

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// Names of the bucket, the streams and the consumer in JetStream.
const (
	bucket           = "webhooks"
	eventsStream     = "EVENTS"     // events.<organizationId>: kept for why and try
	deliveriesStream = "DELIVERIES" // deliveries.<organizationId>.<webhookId>: a queue
	rejectedStream   = "REJECTED"   // rejected: events without a decision, with the reason
	decisionsStream  = "DECISIONS"  // decisions.<seq/10000>: at which revision events were decided
	consumerName     = "dispatch"   // shared by all dispatchers
)

const (
	// keptFor is how long events are kept, for why and try.
	keptFor = 7 * 24 * time.Hour
	// duplicates is how long the streams remember ids. A delivery is sent again when its
	// event is redelivered: ackWait, and possibly an election, after a dispatcher died.
	duplicates = 2 * time.Minute
	// ackWait is how long after a dispatcher died its events are redelivered to another.
	ackWait = 5 * time.Second
)

// Headers of our own.
const (
	afterHeader  = "Hookfilter-After"  // of an event: the minimum revision of the webhooks that decide it
	reasonHeader = "Hookfilter-Reason" // of a rejected event
	seqHeader    = "Hookfilter-Event"  // of a rejected event: its sequence in EVENTS
)

// openBucket returns the bucket, and creates it if it does not exist. An existing bucket
// may have any number of replicas.
func openBucket(ctx context.Context, js jetstream.JetStream, replicas int) (kv jetstream.KeyValue, err error) {
	err = again(ctx, func(ctx context.Context) error {
		if kv, err = js.KeyValue(ctx, bucket); errors.Is(err, jetstream.ErrBucketNotFound) {
			kv, err = natsfeed.OpenBucket(ctx, js, bucket, replicas)
		}
		return err
	})
	return kv, err
}

// openEvents returns the stream of the events, and creates it if it does not exist.
func openEvents(ctx context.Context, js jetstream.JetStream, replicas int) (jetstream.Stream, error) {
	return openStream(ctx, js, jetstream.StreamConfig{Name: eventsStream, Subjects: []string{"events.>"}, MaxAge: keptFor, Replicas: replicas})
}

// openQueue creates the streams that a dispatcher writes, if they do not exist. It
// returns the consumer that all dispatchers share, and whether deliveries may be stored
// in batches.
//
// Batches pay off only with replicas: a stream without replicas first writes each batch
// to a file and syncs it, which takes longer than storing the messages one by one.
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
	_, err = openStream(ctx, js, jetstream.StreamConfig{Name: decisionsStream, Subjects: []string{"decisions.*"}, MaxAge: keptFor, Replicas: replicas})
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
