package natsfeed

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// load returns a view of the whole bucket, and the leader's state that confirms it.
//
// A consumer delivers the last version of each key, in the order of the revisions. It may
// stop early, as long as the messages that it delivered are a prefix: catchUp reads the rest,
// and check reports whether the view is complete.
func load(ctx context.Context, b bucket) (*view, state, error) {
	s, err := b.ask(ctx, 0)
	if err != nil {
		return nil, state{}, err
	}
	if err := configError(b.name, followProblems(s.config)); err != nil {
		return nil, state{}, err
	}
	v := newView(b, s.created)
	if !s.empty {
		loaded := bulk{}
		v.webhooks = loaded
		if err := v.consume(ctx, s.last, v.apply); err != nil {
			return nil, state{}, err
		}
		loaded.moveTo(v.index)
		v.webhooks = v.index
	}
	// Following needs direct gets, so return an error if they are not permitted. Ignore other
	// errors: check can do without direct gets.
	if err := v.catchUp(ctx); errors.Is(err, nats.ErrPermissionViolation) {
		return nil, state{}, err
	}
	for {
		if s, err = b.ask(ctx, v.revision); err != nil {
			return nil, state{}, err
		}
		confirmed, err := v.check(ctx, s)
		if err != nil && v.revision == s.last && v.keys() < s.subjects {
			err = configError(b.name, []string{"messages whose subjects do not begin with " + b.prefix})
		}
		if confirmed || err != nil {
			return v, s, err
		}
		sleep(ctx, b.interval/10)
	}
}

// bulk holds webhooks by organization and id until they are moved to an Index, because
// [filter.Index.Replace] is faster than a Put of each webhook.
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

// moveTo moves all webhooks to x, one organization after the other, and releases their memory
// on the way.
func (b bulk) moveTo(x *filter.Index) {
	for organizationID, webhooks := range b {
		_ = x.Replace(organizationID, slices.Collect(maps.Values(webhooks))) // Put has checked them
		delete(b, organizationID)
	}
}
