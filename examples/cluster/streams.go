package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// Names of the bucket, the streams and the consumer in JetStream.
const (
	bucket           = "webhooks"
	bucketStream     = "KV_" + bucket
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
	// event is redelivered. If a dispatcher died, that is after ackWait, or later if a leader
	// is elected first.
	duplicates = 2 * time.Minute
	// ackWait is the time from the death of a dispatcher until its events are redelivered to another.
	ackWait = 5 * time.Second
	// maxUnacknowledged limits the events that were delivered to dispatchers and not yet
	// acknowledged. Most of them wait for their revision. At the limit, servers deliver no
	// further events.
	maxUnacknowledged = 100_000
	// formerMaxUnacknowledged is the limit of consumers that earlier versions created.
	formerMaxUnacknowledged = 10_000
)

// Headers of our own.
const (
	afterHeader  = "Hookfilter-After"  // of an event: the minimum revision of the webhooks that decide it
	reasonHeader = "Hookfilter-Reason" // of a rejected event
	sizeHeader   = "Hookfilter-Size"   // of a rejected event whose content was cut: its original size
	seqHeader    = "Hookfilter-Event"  // of a rejected event: its sequence in EVENTS
)

// traceHeader is the header of W3C Trace Context. It is copied from an event to its deliveries.
const traceHeader = "traceparent"

// Errors of commands that do not create what is missing.
var (
	errNoBucket = errors.New("there are no webhooks, because the bucket " + bucket + " does not exist: cluster put -webhooks DIR creates it")
	errNoEvents = errors.New("there are no events, because the stream " + eventsStream + " does not exist: cluster publish -events FILE creates it")
)

// openBucket returns the bucket, and creates it if it does not exist.
func openBucket(ctx context.Context, js jetstream.JetStream, replicas int) (kv jetstream.KeyValue, err error) {
	err = retry(ctx, func(ctx context.Context) error {
		if kv, err = js.KeyValue(ctx, bucket); errors.Is(err, jetstream.ErrBucketNotFound) {
			kv, err = natsfeed.OpenBucket(ctx, js, bucket, max(replicas, 1))
		}
		return err
	})
	return kv, err
}

// checkBucket returns errNoBucket if there is no bucket.
func checkBucket(ctx context.Context, js jetstream.JetStream) error {
	s, err := findStream(ctx, js, bucketStream)
	if err == nil && s == nil {
		return errNoBucket
	}
	return err
}

// checkReplicas returns an error if one of the streams exists with another number of
// replicas than the flag says.
func checkReplicas(ctx context.Context, js jetstream.JetStream, replicas int, streams ...string) error {
	for _, name := range streams {
		s, err := findStream(ctx, js, name)
		if err != nil {
			return err
		}
		if s == nil || replicas == 0 || s.CachedInfo().Config.Replicas == replicas {
			continue
		}
		return fmt.Errorf("-replicas %d: the stream %s has %d; omit the flag to use the stream as it is", replicas, name, s.CachedInfo().Config.Replicas)
	}
	return nil
}

// openEvents returns the stream of the events, and creates it if it does not exist.
func openEvents(ctx context.Context, js jetstream.JetStream, replicas int) (jetstream.Stream, error) {
	return openStream(ctx, js, jetstream.StreamConfig{Name: eventsStream, Subjects: []string{"events.>"}, MaxAge: keptFor, Replicas: replicas})
}

// openedQueue holds the consumer and the streams of a dispatcher, as they were when they were
// opened, except for floor, which is read again about once per floorInterval.
type openedQueue struct {
	consumer             jetstream.Consumer // shared by all dispatchers
	deliveries, rejected jetstream.StreamConfig
	created              map[string]time.Time // when the streams and the consumer were created, by name
	floor                uint64               // all events up to this sequence were acknowledged
}

// openQueue opens the streams and the consumer that a dispatcher uses, and creates those
// that do not exist. former is nil, or the queue as it was opened before. If its consumer was
// deleted, the new one delivers only the events after former.floor. It would otherwise deliver
// every stored event again, and the deliveries of events older than the constant duplicates
// would be stored twice.
//
// Atomic batches of deliveries pay off only with replicas: a stream without replicas first
// writes each batch to a file and syncs it, which takes longer than storing the messages
// one by one.
//
// DELIVERIES has no limit. If an administrator sets one, a full stream refuses new deliveries,
// and their events are redelivered. With JetStream's default discard policy, it would drop the
// oldest deliveries.
func openQueue(ctx context.Context, js jetstream.JetStream, replicas int, former *openedQueue) (*openedQueue, error) {
	events, err := openEvents(ctx, js, replicas)
	if err != nil {
		return nil, err
	}
	q := &openedQueue{created: map[string]time.Time{"stream " + eventsStream: events.CachedInfo().Created}}
	for _, config := range []jetstream.StreamConfig{
		{Name: deliveriesStream, Subjects: []string{"deliveries.>"}, Retention: jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew,
			AllowAtomicPublish: replicas > 1, Replicas: replicas},
		{Name: rejectedStream, Subjects: []string{"rejected"}, MaxAge: keptFor, Replicas: replicas},
		{Name: decisionsStream, Subjects: []string{"decisions.*"}, MaxAge: keptFor, Replicas: replicas},
	} {
		stream, err := openStream(ctx, js, config)
		if err != nil {
			return nil, err
		}
		info := stream.CachedInfo()
		q.created["stream "+config.Name] = info.Created
		switch config.Name {
		case deliveriesStream:
			q.deliveries = info.Config
		case rejectedStream:
			q.rejected = info.Config
		}
	}
	err = retry(ctx, func(ctx context.Context) error {
		q.consumer, err = events.Consumer(ctx, consumerName)
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			config := jetstream.ConsumerConfig{Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: maxUnacknowledged}
			if former != nil && former.created["stream "+eventsStream].Equal(q.created["stream "+eventsStream]) {
				config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, former.floor+1
			}
			q.consumer, err = events.CreateConsumer(ctx, config)
		} else if err == nil && q.consumer.CachedInfo().Config.MaxAckPending == formerMaxUnacknowledged {
			config := q.consumer.CachedInfo().Config
			config.MaxAckPending = maxUnacknowledged
			q.consumer, err = events.UpdateConsumer(ctx, config)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	info := q.consumer.CachedInfo()
	q.created["consumer "+consumerName], q.floor = info.Created, info.AckFloor.Stream
	return q, nil
}

func openStream(ctx context.Context, js jetstream.JetStream, config jetstream.StreamConfig) (s jetstream.Stream, err error) {
	config.Duplicates = duplicates
	config.Replicas = max(config.Replicas, 1)
	err = retry(ctx, func(ctx context.Context) error {
		if s, err = js.Stream(ctx, config.Name); errors.Is(err, jetstream.ErrStreamNotFound) {
			s, err = js.CreateStream(ctx, config)
		}
		return err
	})
	return s, err
}

// findStream returns a stream, or nil if it does not exist.
func findStream(ctx context.Context, js jetstream.JetStream, name string) (s jetstream.Stream, err error) {
	err = retry(ctx, func(ctx context.Context) (err error) {
		if s, err = js.Stream(ctx, name); errors.Is(err, jetstream.ErrStreamNotFound) {
			s, err = nil, nil
		}
		return err
	})
	return s, err
}
