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

// errRebuild means that the view cannot catch up with the bucket: a new view has to be loaded.
var errRebuild = errors.New("the bucket was recreated, purged or rolled back")

// view is the state of a bucket at one revision, and applies later changes. Only one goroutine
// may change it, but its index may be read at the same time.
type view struct {
	bucket
	created  time.Time // creation time of the stream, by which a recreated one is recognized
	index    *filter.Index
	webhooks writer // the target of apply: the index or, during a load, a bulk
	revision uint64 // all changes up to it have been applied
	// anchor is the last message that was applied.
	anchor struct {
		seq uint64
		at  time.Time
	}
	// The keys that are not in the index: gone has the keys with a delete marker, and invalid
	// the keys with an invalid value.
	gone, invalid map[string]struct{}
	aheadSince    time.Time // when the leader was first found behind the view; zero if it is not behind
}

// writer is a [filter.Index] or a [bulk].
type writer interface {
	Put(organizationID uuid.UUID, w *webhook.Webhook) error
	Delete(organizationID, webhookID uuid.UUID) bool
}

func newView(b bucket, created time.Time) *view {
	index := filter.NewIndex()
	return &view{bucket: b, created: created, index: index, webhooks: index,
		gone: make(map[string]struct{}), invalid: make(map[string]struct{})}
}

// apply applies the change of one message, which must come after all applied ones.
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
			err = fmt.Errorf("the webhook's id is %s, but the id in the key is %s", w.ID, webhookID)
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

// keys returns the number of keys that the view knows.
func (v *view) keys() uint64 {
	return uint64(v.index.Len() + len(v.gone) + len(v.invalid))
}

// catchUp applies the changes after the view's revision, which any server may return.
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
			// A server that lags may still have messages that were purged from the end of the
			// stream. They are not newer than the view's revision.
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

// step reads the next message from the leader and applies it. It reports whether there is one.
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

// checkCreated returns errRebuild if the stream was recreated. If it returns nil, messages that
// were read before the call belong to the stream of the view.
func (v *view) checkCreated(ctx context.Context) error {
	s, err := v.ask(ctx, 0)
	if err == nil && !s.created.Equal(v.created) {
		err = errRebuild
	}
	return err
}

// maxAhead is how long the leader may be behind the view before the index is rebuilt. A new
// leader may be behind briefly, and a stream that lost its last messages stays behind.
const maxAhead = 5 * time.Second

// check catches up with the leader's state s, and reports whether the view is then complete.
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
		// The servers lag or do not respond, or there is no next message because the end of
		// the stream was purged.
		if more, err := v.step(ctx); more || err != nil {
			return false, err
		}
		v.revision = s.last
	}
	// At the leader's revision, the view must know as many keys as the stream has. Otherwise
	// keys have disappeared without a message.
	if v.revision == s.last && v.keys() != s.subjects {
		return false, errRebuild
	}
	return true, nil
}

// maxWait ends the retries for changes that cannot be read yet: the waits before it are 1, 2,
// 4 … 32 ms.
const maxWait = 64 * time.Millisecond

// sleep waits for d, or until ctx is done.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
