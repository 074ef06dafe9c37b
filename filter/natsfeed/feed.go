package natsfeed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter"
)

// interval is how often the leader is asked for what there is.
const interval = 100 * time.Millisecond

// Feed is a [filter.Index] that follows a bucket. It survives the loss of servers and
// connections: meanwhile the index stays as it was, Age grows, and afterwards the feed
// catches up.
//
// A feed is a mirror: an invalid value replaces the valid version before it and fires
// for nothing. A value is invalid if it is not a webhook, if [filter.Check] refuses it,
// or if its key is that of another webhook. It is reported (see [WithInvalid]), and
// again whenever the index is rebuilt. It does not affect other webhooks.
//
// A Feed may be used by many goroutines at once. The zero Feed is not usable: [Follow]
// makes one. Beside the index it keeps some 100 bytes for each delete marker that the
// bucket has, and nothing for a webhook.
type Feed struct {
	source source
	report func(Invalid)
	close  context.CancelFunc
	closed chan struct{}      // closed when the follower has ended
	hinted *nats.Subscription // to what is published to the bucket
	// announced is how many changes were published since the follower last looked; hints
	// has one when there are some.
	announced atomic.Uint64
	hints     chan struct{}

	mu        sync.Mutex
	index     *filter.Index
	revision  uint64
	invalid   int
	confirmed time.Time
	moved     chan struct{} // closed, and made anew, when revision or index changes
}

// Invalid is a value of the bucket that fires for nothing.
type Invalid struct {
	Key      string // as it is in the bucket
	Revision uint64 // the one that the value came with
	Err      error  // why: [*webhook.FieldError] values where fields are to blame
}

// Option is an option of [Follow].
type Option func(*options)

type options struct{ report func(Invalid) }

// WithInvalid is where the feed reports values that fire for nothing, one call at a
// time; it should return soon, since the feed waits for it. Without it they are warnings
// of [slog.Default], with key, revision and reason.
func WithInvalid(report func(Invalid)) Option { return func(o *options) { o.report = report } }

func logInvalid(i Invalid) {
	slog.Warn("webhook is unusable and fires for nothing", "key", i.Key, "revision", i.Revision, "reason", i.Err)
}

// Follow returns when every webhook that the bucket had when it was called is in the
// index: the index has reached the last revision that the stream's leader had then. An
// invalid value is not in the index: it is reported and fires for nothing. Follow retries
// while the servers cannot be reached, until ctx is done, and returns [ErrBucketNotFound]
// at once. ctx is for this call alone: the feed goes on until [Feed.Close]. The caller
// keeps js open until the feed is closed.
func Follow(ctx context.Context, js jetstream.JetStream, bucket string, opts ...Option) (*Feed, error) {
	o := options{report: logInvalid}
	for _, opt := range opts {
		opt(&o)
	}
	src, err := newSource(js, bucket)
	if err != nil {
		return nil, failed(ctx, err)
	}
	f := &Feed{
		source: src,
		report: o.report,
		closed: make(chan struct{}),
		hints:  make(chan struct{}, 1),
		moved:  make(chan struct{}),
	}
	v, s, err := f.load(ctx)
	if err != nil {
		return nil, failed(ctx, err)
	}
	f.hinted, err = js.Conn().Subscribe(f.source.prefix+">", func(*nats.Msg) {
		f.announced.Add(1)
		select {
		case f.hints <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return nil, failed(ctx, err)
	}
	f.publish(v, s.at)
	following, cancel := context.WithCancel(context.Background())
	f.close = cancel
	go f.follow(following, v)
	return f, nil
}

// load is load, again and again until it succeeds, the bucket is not there, or ctx is
// done. Consumers that are made in a hurry stay for a while: it takes more and more time
// between.
func (f *Feed) load(ctx context.Context) (*view, state, error) {
	for wait := interval; ; wait = min(2*wait, 5*time.Second) {
		v, s, err := load(ctx, f.source, f.report)
		if err == nil || ctx.Err() != nil || errors.Is(err, jetstream.ErrStreamNotFound) {
			return v, s, err
		}
		sleep(ctx, wait)
		if ctx.Err() != nil {
			return nil, state{}, err
		}
	}
}

// follow keeps the index equal to the bucket, starting from v, until ctx is done.
func (f *Feed) follow(ctx context.Context, v *view) {
	defer close(f.closed)
	states := make(chan state)
	go f.askAll(ctx, states)
	// A change is announced before it is there: it is looked for at once, and again after
	// 1, 2, 4 … 32 ms. due is the revision at which all that was announced is there, or
	// above: a change may be read before its announcement, or be refused by the servers. It
	// is too low where others were not announced, as after a reconnect: what is missed then
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
			rebuilt, s, err := f.load(ctx)
			if err != nil {
				continue // what has changed is noticed again
			}
			v, confirmed = rebuilt, s.at
		}
		f.publish(v, confirmed)
		if v.revision >= due || wait >= maxWait {
			due, again = 0, nil
		}
	}
}

// askAll sends what the leader says, every interval. It has a goroutine of its own, so
// that nothing waits for a leader that is not there.
func (f *Feed) askAll(ctx context.Context, states chan<- state) {
	for ctx.Err() == nil {
		if s, err := f.source.ask(ctx, f.Revision()); err == nil {
			select {
			case states <- s:
			case <-ctx.Done():
			}
		}
		sleep(ctx, interval)
	}
}

// publish shows v to the callers; confirmed is zero if nothing was.
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

// Index returns the present index: another one after a rebuild, so do not keep it. It is
// the feed's, and only to be read. What it has is never older than a [Feed.Revision]
// that was asked for before.
func (f *Feed) Index() *filter.Index {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index
}

// Revision returns a revision up to which all changes are in the index. Some later ones
// may be there as well. It goes back only if the bucket does: when its servers lost
// what they had acknowledged, or it was made again by other means than [CreateBucket].
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
// that is done, and [ErrClosed] when the feed is closed.
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
			return fmt.Errorf("natsfeed: revision %d: %w", revision, ctx.Err())
		case <-f.closed:
			return ErrClosed
		}
	}
}

// Age returns the time since the stream's leader was last asked for what there is, and
// all of it was in the index then, or soon after. It is some 0.1 s while all is well,
// and grows while nothing is confirmed; a closed feed's goes on growing.
func (f *Feed) Age() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return time.Since(f.confirmed)
}

// Close ends the feed, and returns when it has ended. The index stays as it is. A second
// call does nothing.
func (f *Feed) Close() error {
	f.close()
	<-f.closed
	_ = f.hinted.Unsubscribe() // fails when the connection is closed, or it was done before
	return nil
}
