package natsfeed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// errRebuild: the view cannot become what the bucket is by going on.
var errRebuild = errors.New("the bucket is not what was followed")

// view is a bucket as it was at one revision, and the way to later ones. One goroutine
// changes it; its index may be read meanwhile.
type view struct {
	bucket
	created  time.Time // of the stream: a recreated one has another
	index    *filter.Index
	webhooks writer // where apply writes: the index, or what becomes its content after a load
	revision uint64 // all changes up to it are in the index
	// anchor is the last message that was applied.
	anchor struct {
		seq uint64
		at  time.Time
	}
	// gone and invalid are the keys that are not in the index: keys with a delete marker,
	// and keys with an invalid value.
	gone, invalid map[string]struct{}
	aheadSince    time.Time // since when the leader has had less than what was applied
}

type writer interface {
	Put(organizationID uuid.UUID, w *webhook.Webhook) error
	Delete(organizationID, webhookID uuid.UUID) bool
}

func newView(b bucket, created time.Time) *view {
	index := filter.NewIndex()
	return &view{bucket: b, created: created, index: index, webhooks: index,
		gone: make(map[string]struct{}), invalid: make(map[string]struct{})}
}

// apply makes the change of one message, which comes after all that were applied.
func (v *view) apply(m jetstream.RawStreamMsg) {
	v.revision, v.anchor.seq, v.anchor.at = m.Sequence, m.Sequence, m.Time
	key := strings.TrimPrefix(m.Subject, v.prefix)
	delete(v.gone, key)
	delete(v.invalid, key)
	organizationID, webhookID, err := parseKey(key)
	switch operation := m.Header.Get("KV-Operation"); {
	case operation == "DEL", operation == "PURGE", m.Header.Get(jetstream.MarkerReasonHeader) != "":
		v.gone[key] = struct{}{}
		if err == nil {
			v.webhooks.Delete(organizationID, webhookID)
		}
		return
	}
	var w webhook.Webhook
	if err == nil {
		if err = w.UnmarshalJSON(m.Data); err == nil && w.ID != webhookID {
			err = fmt.Errorf("the webhook's id is %s", w.ID)
		}
		if err == nil {
			err = v.webhooks.Put(organizationID, &w)
		}
		if err != nil {
			v.webhooks.Delete(organizationID, webhookID)
		}
	}
	if err != nil {
		v.invalid[key] = struct{}{}
		v.onInvalid(Invalid{Key: key, Revision: m.Sequence, Err: err})
	}
}

// keys is how many keys the view knows.
func (v *view) keys() uint64 {
	return uint64(v.index.Len() + len(v.gone) + len(v.invalid))
}

// catchUp applies what some server has beyond the view.
func (v *view) catchUp(ctx context.Context) error {
	for {
		messages, err := v.batch(ctx, max(v.anchor.seq, 1))
		full := len(messages) == maxBatch
		if len(messages) > 0 {
			if m := messages[0]; m.Sequence == v.anchor.seq && m.Time.Equal(v.anchor.at) {
				messages = messages[1:]
			} else if err := v.checkCreated(ctx); err != nil {
				return err
			}
		}
		for _, m := range messages {
			// A server that is behind may still have what was purged at the end.
			if m.Sequence > v.revision {
				v.apply(m)
			}
		}
		more := full && err == nil
		if errors.Is(err, errGap) {
			more, err = v.step(ctx)
		}
		if !more {
			return err
		}
	}
}

// step applies the next message, which the leader is asked for, and reports whether there is
// one.
func (v *view) step(ctx context.Context) (bool, error) {
	m, err := v.next(ctx, v.revision+1)
	if err == nil {
		err = v.checkCreated(ctx)
	}
	if err != nil || m == nil {
		return false, err
	}
	v.apply(*m)
	return true, nil
}

// checkCreated returns errRebuild unless the stream is still the one that was followed.
// Messages that were read before the call are of that stream then.
func (v *view) checkCreated(ctx context.Context) error {
	s, err := v.ask(ctx, 0)
	if err == nil && !s.created.Equal(v.created) {
		err = errRebuild
	}
	return err
}

// maxAhead is how long the leader's last sequence may be below what was applied before it
// was asked. A new leader is behind for a moment; a stream that lost its end stays so.
const maxAhead = 5 * time.Second

// check brings the view to what the leader said, and reports whether it is all there.
func (v *view) check(ctx context.Context, s state) (confirmed bool, err error) {
	if !s.created.Equal(v.created) {
		return false, errRebuild
	}
	if s.last < s.seen {
		if v.aheadSince.IsZero() {
			v.aheadSince = time.Now()
		}
		if time.Since(v.aheadSince) > maxAhead {
			err = errRebuild
		}
		return false, err
	}
	v.aheadSince = time.Time{}
	for wait := time.Millisecond; v.revision < s.last && wait < maxWait; wait *= 2 {
		if err := v.catchUp(ctx); errors.Is(err, errRebuild) {
			return false, err
		} else if err != nil {
			v.trouble.failed(ctx, err)
			break
		}
		if v.revision < s.last {
			sleep(ctx, wait)
		}
	}
	if v.revision < s.last {
		// The servers that were asked are behind or do not answer, or there is no next
		// message: the end of the stream was purged.
		if more, err := v.step(ctx); more || err != nil {
			return false, err
		}
		v.revision = s.last
	}
	// At one revision the view knows every key that the stream has. If it knows others,
	// they went without a message.
	if v.revision == s.last && v.keys() != s.subjects {
		return false, errRebuild
	}
	return true, nil
}

// maxWait is when to stop asking for what is not there yet: the waits before are 1,
// 2, 4 … 32 ms.
const maxWait = 64 * time.Millisecond

// sleep waits, or less if ctx is done.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
