package natsfeed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter"
)

// Feed is a [filter.Index] that follows a bucket. It survives the loss of servers and
// connections: meanwhile the index stays as it was, Age grows, and afterwards the feed
// catches up.
//
// A feed is a mirror: an invalid value replaces the valid version before it and fires
// for nothing. A value is invalid if it is not a webhook, if [filter.Check] refuses it,
// or if its key is that of another webhook. It is reported (see [OnInvalid]), and
// again whenever the index is rebuilt. It does not affect other webhooks.
//
// A Feed may be used by many goroutines at once. The zero Feed is not usable: [Follow]
// makes one. Beside the index it keeps some 100 bytes for each delete marker that the
// bucket has, and nothing for a webhook.
type Feed struct {
	bucket  bucket
	cancel  context.CancelFunc
	done    <-chan struct{} // closed when the feed is to end
	running sync.WaitGroup
	// announced is how many changes were published since follow last looked; hints has one
	// element if there are some.
	announced atomic.Uint64
	hints     chan struct{}

	mu        sync.Mutex
	index     *filter.Index
	revision  uint64
	invalid   int
	confirmed time.Time
	moved     chan struct{} // closed and replaced when revision or index changes
}

// Follow returns when every webhook that the bucket had when it was called is in the
// index: the index has reached the last revision that the stream's leader had then. An
// invalid value is not in the index: it is reported and fires for nothing.
//
// Follow retries while the servers are away, have no leader or do not answer, until ctx is
// done; the error then has the last reason, and the connection's status and last error. It returns
// [ErrBucketNotFound] and an error for an invalid bucket name at once, and other failures that only an administrator can end if they
// last for one timeout (see [WithTimeout]): [ErrBucketConfig], and [ErrRequest] if the account
// has no JetStream, the user lacks a permission or the connection is closed.
//
// ctx is for this call alone: the feed goes on until [Feed.Close]. The caller keeps js open
// until the feed is closed.
func Follow(ctx context.Context, js jetstream.JetStream, bucket string, opts ...Option) (*Feed, error) {
	// Subscribing to an invalid subject would end the connection.
	if err := checkName(bucket); err != nil {
		return nil, err
	}
	o := newOptions(opts)
	s, err := newStream(js, bucket, o.timeout)
	if err != nil {
		return nil, failed(ctx, err)
	}
	return follow(ctx, s, bucket, o)
}

// bucket is a bucket that is followed.
type bucket struct {
	source
	options
	name    string
	prefix  string // $KV.<bucket>.
	trouble *trouble
}

// follow is [Follow] of a bucket that a source answers for. Its feed ends the source.
func follow(ctx context.Context, src source, name string, o options) (*Feed, error) {
	following, cancel := context.WithCancel(context.Background())
	f := &Feed{
		bucket: bucket{src, o, name, prefixOf(name), &trouble{logger: o.logger.With("bucket", name), status: src.status}},
		cancel: cancel,
		done:   following.Done(),
		hints:  make(chan struct{}, 1),
		moved:  make(chan struct{}),
	}
	f.running.Go(func() { src.listen(following, f.announce) })
	v, s, err := f.load(ctx)
	if err != nil {
		_ = f.Close()
		err = failed(ctx, err)
		if errors.Is(err, ErrRequest) {
			err = fmt.Errorf("%w; the connection is %s", err, src.status())
		}
		return nil, err
	}
	if reason := src.refused(); reason != nil {
		f.bucket.trouble.logger.Warn("changes are not announced to this user: the feed asks for them", "interval", o.interval, "reason", reason)
	}
	f.publish(v, s.at)
	states := make(chan state)
	f.running.Go(func() { f.askAll(following, states) })
	f.running.Go(func() { f.follow(following, v, states) })
	return f, nil
}

// maxLoadWait is the longest time between two attempts to load. Consumers of failed
// attempts stay for a while, so it takes more and more time between them.
const maxLoadWait = 5 * time.Second

// load calls load until it succeeds, the bucket is not there, a failure lasts, or ctx is
// done.
func (f *Feed) load(ctx context.Context) (*view, state, error) {
	var reason error
	var start time.Time // since when all failures were lasting ones
	for wait := f.bucket.interval; ; wait = min(2*wait, maxLoadWait) {
		if start.IsZero() {
			start = time.Now()
		}
		v, s, err := load(ctx, f.bucket)
		if err == nil {
			return v, s, nil
		}
		if ctx.Err() == nil {
			reason = err
		}
		if ctx.Err() == nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			lasting := lasting(err)
			if !lasting {
				start = time.Time{}
			}
			if !lasting || time.Since(start) < f.bucket.timeout {
				f.bucket.trouble.failed(ctx, err)
				sleep(ctx, wait)
				continue
			}
		}
		return nil, state{}, cmp.Or(reason, err)
	}
}

// announce counts a message that was published to the bucket.
func (f *Feed) announce() {
	f.announced.Add(1)
	select {
	case f.hints <- struct{}{}:
	default:
	}
}

// follow keeps the index equal to the bucket, starting from v, until ctx is done.
func (f *Feed) follow(ctx context.Context, v *view, states <-chan state) {
	// A change is announced before it is there: it is looked for at once, and again after
	// 1, 2, 4 … 32 ms. due is the revision at which all that was announced is there, or
	// above: a change may be read before its announcement, or be refused by the servers. It
	// is too low if others were not announced, as after a reconnect: what is missed then
	// is found when the leader is asked the next time.
	var due uint64
	var wait time.Duration
	var again <-chan time.Time
	for {
		var err error
		confirmed := time.Time{}
		select {
		case <-ctx.Done():
			return
		case <-f.hints:
			due, wait = max(due, v.revision)+f.announced.Swap(0), time.Millisecond
			again = time.After(wait)
			err = v.catchUp(ctx)
		case <-again:
			wait *= 2
			again = time.After(wait)
			err = v.catchUp(ctx)
		case s := <-states:
			var ok bool
			if ok, err = v.check(ctx, s); ok {
				confirmed = s.at
			}
		}
		if errors.Is(err, errRebuild) {
			var rebuilt *view
			var s state
			if rebuilt, s, err = f.load(ctx); err == nil {
				v, confirmed = rebuilt, s.at
			}
		}
		if err != nil {
			f.bucket.trouble.failed(ctx, err)
		}
		if !confirmed.IsZero() {
			f.bucket.trouble.recovered(ctx)
		}
		f.publish(v, confirmed)
		if v.revision >= due || wait >= maxWait {
			due, again = 0, nil
		}
	}
}

// askAll sends what the leader says, every interval. It has a goroutine of its own, so
// that follow does not wait for a leader that is away.
func (f *Feed) askAll(ctx context.Context, states chan<- state) {
	for ctx.Err() == nil {
		if s, err := f.bucket.ask(ctx, f.Revision()); err != nil {
			f.bucket.trouble.failed(ctx, err)
		} else {
			select {
			case states <- s:
			case <-ctx.Done():
			}
		}
		sleep(ctx, f.bucket.interval)
	}
}

// publish shows v to the callers; confirmed is zero if nothing was confirmed.
func (f *Feed) publish(v *view, confirmed time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	moved := f.revision != v.revision || f.index != v.index
	f.index, f.revision, f.invalid = v.index, v.revision, len(v.invalid)
	if confirmed.After(f.confirmed) {
		f.confirmed = confirmed
	}
	if moved {
		close(f.moved)
		f.moved = make(chan struct{})
	}
}

// Index returns the present index. It is another one after a rebuild, so do not keep it; it
// belongs to the feed and must only be read. Its content is never older than a
// [Feed.Revision] that was returned before.
func (f *Feed) Index() *filter.Index {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index
}

// Revision returns a revision up to which all changes are in the index. Some later ones
// may be there as well. It goes back only if the bucket does: when its servers lost
// what they had acknowledged, or it was recreated by other means than [OpenBucket].
func (f *Feed) Revision() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.revision
}

// Invalid returns the number of invalid values in the bucket, which fire for nothing.
func (f *Feed) Invalid() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.invalid
}

// Wait returns nil as soon as [Feed.Revision] is at least revision, the error of ctx when
// that is done, and [ErrClosed] when the feed is closed. If the feed cannot follow the bucket
// when ctx is done, the error wraps the reason too, such as [ErrBucketNotFound].
func (f *Feed) Wait(ctx context.Context, revision uint64) error {
	for {
		f.mu.Lock()
		reached, moved := f.revision >= revision, f.moved
		f.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			if reason := f.bucket.trouble.last(); reason != nil {
				return fmt.Errorf("natsfeed: revision %d: %w: %w", revision, ctx.Err(), failed(context.Background(), reason))
			}
			return fmt.Errorf("natsfeed: revision %d: %w", revision, ctx.Err())
		case <-f.done:
			return ErrClosed
		}
	}
}

// Age returns the time since the stream's leader was last asked for what there is, and
// all of it was in the index then, or soon after. It is about the interval while all is
// well, and grows while nothing is confirmed, also after Close.
func (f *Feed) Age() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Since(f.confirmed)
}

// Close ends the feed, and returns when all its goroutines have ended. The index stays as
// it is. A second call does nothing.
func (f *Feed) Close() error {
	f.cancel()
	f.running.Wait()
	return nil
}
