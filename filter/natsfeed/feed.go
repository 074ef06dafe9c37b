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

// Feed is a [filter.Index] that follows a bucket. While the servers or the connection are
// unavailable, the index does not change and [Feed.Age] grows. Afterwards the feed catches up.
//
// A feed applies every change of its bucket: an invalid value replaces the valid version before it,
// and fires for nothing. A value is invalid if it cannot be decoded, if [filter.Check] refuses it, or if its
// key is not the one that [Key] returns. It is reported (see [OnInvalid]) when it is read, and
// again whenever the index is rebuilt. It does not affect other webhooks.
//
// A Feed is safe for concurrent use. The zero Feed is not usable: [Follow] returns Feeds. In
// addition to the index, a feed takes about 100 bytes for each delete marker and each invalid
// value in the bucket. During a rebuild there are two indexes.
type Feed struct {
	bucket  bucket
	cancel  context.CancelFunc
	done    <-chan struct{} // closed by Close
	running sync.WaitGroup
	// announced counts the changes that were published since follow last set it to zero. After
	// each increase, announce makes sure that hints has an element.
	announced atomic.Uint64
	hints     chan struct{}

	mu        sync.Mutex
	index     *filter.Index
	revision  uint64
	invalid   int
	confirmed time.Time
	moved     chan struct{} // closed and replaced when revision or index changes
}

// Follow returns a feed whose index has every change up to the last revision that the stream's
// leader had when Follow was called. Invalid values are reported, and are not in the index.
//
// While the servers are unavailable, have no leader or do not respond, Follow retries until
// ctx is done. The error then contains the last failure, and the connection's status and last
// error. Follow returns at once if there is no such bucket ([ErrBucketNotFound]), its name is
// invalid, or the connection is closed ([ErrRequest]). It returns after one timeout (see
// [WithTimeout]) if only an administrator can help: with [ErrBucketConfig], or with
// [ErrRequest], for example if the account has no JetStream or the user lacks a permission.
//
// ctx applies only to this call: the feed runs until [Feed.Close]. The caller must not close
// the connection of js before then.
func Follow(ctx context.Context, js jetstream.JetStream, bucket string, opts ...Option) (*Feed, error) {
	// Subscribing to an invalid subject could close the connection.
	if err := checkName(bucket); err != nil {
		return nil, err
	}
	o := newOptions(opts)
	s, err := newStream(js, bucket, o.timeout)
	if err != nil {
		return nil, failed(ctx, bucket, err)
	}
	return follow(ctx, s, bucket, o)
}

// bucket holds the fields that a feed and its views share.
type bucket struct {
	source
	options
	name    string
	prefix  string // $KV.<bucket>.
	trouble *trouble
}

// follow is [Follow] with a source. When the feed is closed, it stops listening to the source.
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
		err = failed(ctx, name, err)
		if errors.Is(err, ErrRequest) {
			err = fmt.Errorf("%w; the connection is %s", err, src.status())
		}
		return nil, err
	}
	if reason := src.refused(); reason != nil {
		f.bucket.trouble.logger.Warn("changes are not announced to this user: the feed finds them by polling", "interval", o.interval, "reason", reason)
	}
	f.publish(v, s.at)
	states := make(chan state)
	f.running.Go(func() { f.poll(following, states) })
	f.running.Go(func() { f.follow(following, v, states) })
	return f, nil
}

// maxLoadWait is the maximum wait between two attempts to load. The wait grows, because the
// consumers of failed attempts may stay on the server for a while.
const maxLoadWait = 5 * time.Second

// load retries the function load until it succeeds or ctx is done. It gives up at once if there
// is no such bucket, and after one timeout if all failures in that time are permanent.
func (f *Feed) load(ctx context.Context) (*view, state, error) {
	var reason error
	var start time.Time // of the current run of permanent failures
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
			permanent := permanent(err)
			if !permanent {
				start = time.Time{}
			}
			if !permanent || time.Since(start) < f.bucket.timeout {
				f.bucket.trouble.failed(ctx, err)
				sleep(ctx, wait)
				continue
			}
		}
		return nil, state{}, cmp.Or(reason, err)
	}
}

// announce counts a message that was published to the bucket, and wakes follow.
func (f *Feed) announce() {
	f.announced.Add(1)
	select {
	case f.hints <- struct{}{}:
	default:
	}
}

// follow keeps the index equal to the bucket, starting from v, until ctx is done.
func (f *Feed) follow(ctx context.Context, v *view, states <-chan state) {
	// A change is announced before it can be read, so follow reads at once, and again after
	// 1, 2, 4 … 32 ms, until it reaches due. At the revision due, all announced changes have
	// been applied. due is too high if a change was read before its announcement, or if the
	// servers refused it. It is too low if changes were not announced, as after a reconnect:
	// the feed finds these when it asks the leader the next time.
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

// poll asks the leader for its state once per interval, and sends the state to follow. It has a
// goroutine of its own, so that follow does not wait for a leader that is unavailable.
func (f *Feed) poll(ctx context.Context, states chan<- state) {
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

// publish makes v visible to callers. confirmed is the time for which v is confirmed to be
// complete, or zero.
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

// Index returns the current index. A rebuild replaces it by another one, so call Index for each
// event, and do not keep the result. The index belongs to the feed: do not write to it. Its
// content is never older than a [Feed.Revision] that was returned before.
func (f *Feed) Index() *filter.Index {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index
}

// Revision returns a revision up to which all changes are in the index. Later changes may be in
// the index too. Revision decreases only if the bucket's revision does: if its servers lost
// writes that they had acknowledged, or if it was recreated by other means than [OpenBucket].
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

// Wait waits until [Feed.Revision] is at least revision, and then returns nil. It returns an
// error that wraps the error of ctx when ctx is done, and [ErrClosed] when the feed is closed.
// If the feed cannot follow the bucket when ctx is done, the error also wraps the reason, such
// as [ErrBucketNotFound].
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
				return fmt.Errorf("natsfeed: wait for revision %d: %w: %w", revision, ctx.Err(), failed(context.Background(), f.bucket.name, reason))
			}
			return fmt.Errorf("natsfeed: wait for revision %d: %w", revision, ctx.Err())
		case <-f.done:
			return ErrClosed
		}
	}
}

// Age returns how stale the index may be: it has every change that the stream's leader had
// that long ago. Age is normally about one interval (see [WithInterval]). It grows while the
// leader cannot be asked or the feed is behind, and after Close.
func (f *Feed) Age() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Since(f.confirmed)
}

// Close stops the feed, and returns when all its goroutines have ended. The index stays as it
// is. Further calls do nothing. The error is always nil.
func (f *Feed) Close() error {
	f.cancel()
	f.running.Wait()
	return nil
}
