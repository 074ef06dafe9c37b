package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

const (
	// maxPulled limits the events of one pull.
	maxPulled = 500
	// maxStall is how long to wait while maxUnstored messages are not yet acknowledged.
	maxStall = 10 * time.Second
	// floorInterval is how often a loop reads the sequence up to which all events are
	// acknowledged. It is much shorter than the time for which DELIVERIES remembers ids.
	floorInterval = time.Second
)

// eventQueue is JetStream as one loop of a dispatcher uses it. It is an interface so that the
// dispatcher's logic can be tested with failures and times of any kind.
type eventQueue interface {
	// open opens the streams and the consumer, and creates the missing ones. It returns the
	// names of the ones that were deleted since the previous call.
	open(ctx context.Context) (changed []string, err error)
	// limits returns what the streams accept.
	limits() limits
	// fetch waits for events, and calls handle with groups of as many as are available at once.
	fetch(handle func(group []jetstream.Msg)) error
	// send sends a message; the future has the acknowledgement.
	send(m *nats.Msg) (jetstream.PubAckFuture, error)
	// sendBatch stores messages all or none.
	sendBatch(messages []*nats.Msg) error
	// acknowledge acknowledges events, and returns the ones whose acknowledgement was confirmed.
	acknowledge(all []*work) (confirmed []*work)
	close()
}

// limits describes the messages that the streams accept.
type limits struct {
	batches            bool // DELIVERIES accepts atomic batches
	delivery, rejected int  // bytes of a message with its headers
}

// jetStreamQueue is the queue on real servers.
type jetStreamQueue struct {
	js       jetstream.JetStream
	replicas int
	*acknowledger
	opened  *openedQueue
	floorAt time.Time // when opened.floor was last read
}

func newQueue(js jetstream.JetStream, replicas int) (*jetStreamQueue, error) {
	a, err := newAcknowledger(js.Conn())
	return &jetStreamQueue{js: js, replicas: replicas, acknowledger: a}, err
}

func (q *jetStreamQueue) open(ctx context.Context) (changed []string, err error) {
	replicas := q.replicas
	if replicas == 0 && q.opened != nil {
		replicas = q.opened.deliveries.Replicas // for a stream that was deleted
	}
	opened, err := openQueue(ctx, q.js, replicas, q.opened)
	if err != nil {
		return nil, err
	}
	for name, created := range opened.created {
		if q.opened != nil && !q.opened.created[name].Equal(created) {
			changed = append(changed, name)
		}
	}
	q.opened = opened
	slices.Sort(changed)
	return changed, nil
}

func (q *jetStreamQueue) limits() limits {
	most := func(c jetstream.StreamConfig) int {
		n := int(q.js.Conn().MaxPayload())
		if c.MaxMsgSize > 0 {
			n = min(n, int(c.MaxMsgSize))
		}
		return n
	}
	d := q.opened.deliveries
	return limits{d.AllowAtomicPublish, most(d), most(q.opened.rejected)}
}

// fetch does not get a context, so that events in flight are finished when the dispatcher stops.
func (q *jetStreamQueue) fetch(handle func([]jetstream.Msg)) error {
	batch, err := q.opened.consumer.Fetch(maxPulled, jetstream.FetchMaxWait(time.Second), jetstream.FetchHeartbeat(400*time.Millisecond))
	if err != nil {
		return err
	}
	for group := range groups(batch.Messages()) {
		handle(group)
	}
	if err := batch.Error(); err != nil || time.Since(q.floorAt) < floorInterval {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerWait)
	defer cancel()
	info, err := q.opened.consumer.Info(ctx)
	if err == nil {
		q.opened.floor, q.floorAt = info.AckFloor.Stream, time.Now()
	}
	return err
}

// groups yields the messages in groups, each of as many as are available at once.
func groups(messages <-chan jetstream.Msg) func(yield func([]jetstream.Msg) bool) {
	return func(yield func([]jetstream.Msg) bool) {
		for m := range messages {
			group := []jetstream.Msg{m}
			for more := true; more; {
				select {
				case m, ok := <-messages:
					if more = ok; ok {
						group = append(group, m)
					}
				default:
					more = false
				}
			}
			if !yield(group) {
				return
			}
		}
	}
}

func (q *jetStreamQueue) send(m *nats.Msg) (jetstream.PubAckFuture, error) {
	return q.js.PublishMsgAsync(m, jetstream.WithStallWait(maxStall))
}

func (q *jetStreamQueue) sendBatch(messages []*nats.Msg) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerWait)
	defer cancel()
	_, err := jetstreamext.PublishMsgBatch(ctx, q.js, messages, jetstreamext.BatchFlowControl{AckFirst: true, AckTimeout: answerWait})
	if err != nil {
		return fmt.Errorf("a batch of %d deliveries: %w", len(messages), err)
	}
	return nil
}
