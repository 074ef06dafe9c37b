package natsfeed

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	// maxPull is how many messages a load asks its consumer for at once.
	maxPull = 5000
	// startTimeouts is how many timeouts creating the consumer may take: the server looks
	// up the last version of every key, which is seconds if there are a million.
	startTimeouts = 20
	// pullTimeouts is how many timeouts the next message may take.
	pullTimeouts = 5
	// inactiveThreshold is when a server removes a consumer whose deletion was lost.
	inactiveThreshold = 30 * time.Second
)

// load returns a view of the whole bucket, confirmed by the state that it returns too.
//
// A consumer delivers the last version of each key, in the order of the revisions. All
// that matters is that the messages it delivered are a prefix of that: catchUp reads the
// rest, and check finds out whether that is the end, and complete.
func load(ctx context.Context, src source) (*view, state, error) {
	s, err := src.ask(ctx, 0)
	if err != nil {
		return nil, state{}, err
	}
	if err := configError(src.bucket, followProblems(s.config)); err != nil {
		return nil, state{}, err
	}
	v := newView(src, s.created)
	if !s.empty {
		loaded := bulk{}
		v.webhooks = loaded
		if err := v.consume(ctx, s); err != nil {
			return nil, state{}, err
		}
		loaded.moveTo(v.index)
		v.webhooks = v.index
	}
	// Following needs direct gets, so find out whether they are permitted. Their failure is
	// no reason to wait: check can do without.
	before := src.nc.LastError()
	if err := v.catchUp(ctx); err != nil && src.denied(before, src.stream) {
		return nil, state{}, err
	}
	for {
		if s, err = src.ask(ctx, v.revision); err != nil {
			return nil, state{}, err
		}
		confirmed, err := v.check(ctx, s)
		if err != nil && v.revision == s.last && v.keys() < s.subjects {
			err = configError(src.bucket, []string{"messages whose subjects do not begin with " + src.prefix})
		}
		if confirmed || err != nil {
			return v, s, err
		}
		sleep(ctx, src.interval/10)
	}
}

// bulk has webhooks by organization and id. An Index takes less time for all webhooks of an
// organization at once than for one after the other.
type bulk map[uuid.UUID]map[uuid.UUID]*webhook.Webhook

func (b bulk) Put(organizationID uuid.UUID, w *webhook.Webhook) error {
	if err := filter.Check(organizationID, w); err != nil {
		return err
	}
	if b[organizationID] == nil {
		b[organizationID] = make(map[uuid.UUID]*webhook.Webhook)
	}
	b[organizationID][w.ID] = w
	return nil
}

func (b bulk) Delete(organizationID, webhookID uuid.UUID) bool {
	_, ok := b[organizationID][webhookID]
	delete(b[organizationID], webhookID)
	return ok
}

// moveTo moves all webhooks to x, and releases those of each organization at once.
func (b bulk) moveTo(x *filter.Index) {
	for organizationID, webhooks := range b {
		_ = x.Replace(organizationID, slices.Collect(maps.Values(webhooks))) // Put has checked them
		delete(b, organizationID)
	}
}

// consume applies the last version of each key up to s.last, or fewer.
func (v *view) consume(ctx context.Context, s state) error {
	create, cancel := context.WithTimeout(ctx, startTimeouts*v.timeout)
	defer cancel()
	// A request that is not permitted is not answered.
	before := v.nc.LastError()
	defer time.AfterFunc(v.timeout, func() {
		if v.denied(before, v.stream) {
			cancel()
		}
	}).Stop()
	consumer, err := v.js.CreateConsumer(create, v.stream, jetstream.ConsumerConfig{
		DeliverPolicy:     jetstream.DeliverLastPerSubjectPolicy,
		FilterSubject:     v.prefix + ">",
		AckPolicy:         jetstream.AckNonePolicy,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: inactiveThreshold,
	})
	if err != nil {
		return fmt.Errorf("creating a consumer: %w", v.explain(err))
	}
	name := consumer.CachedInfo().Name
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), v.timeout)
		defer cancel()
		_ = v.js.DeleteConsumer(ctx, v.stream, name)
	}()
	delivered, pulled, done := uint64(0), 0, false
	for first := true; (first || pulled > 0) && !done; first = false {
		pulled = 0
		request := map[string]any{"batch": maxPull, "max_bytes": maxBatchBytes, "no_wait": true}
		err := v.requestMany(ctx, v.api+"CONSUMER.MSG.NEXT."+v.stream+"."+name, request, maxPull+1, pullTimeouts*v.timeout, func(m *nats.Msg) (bool, error) {
			meta, err := m.Metadata()
			if err != nil {
				return false, nil // not a message of the stream: the end of this answer
			}
			if delivered++; meta.Sequence.Consumer != delivered {
				done = true // a message was lost on its way
				return false, nil
			}
			v.apply(m.Subject, m.Header, m.Data, meta.Sequence.Stream, meta.Timestamp)
			pulled++
			done = meta.NumPending == 0 || meta.Sequence.Stream >= s.last
			return !done && pulled < maxPull, nil
		})
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}
