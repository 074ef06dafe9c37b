package natsfeed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/webhook"
)

// replica is a stream as one server has it.
type replica struct {
	created  time.Time
	messages []jetstream.RawStreamMsg // in the order of their sequences
	last     uint64
}

// upTo returns the replica as it was at a sequence.
func (r replica) upTo(seq uint64) replica {
	r.messages, r.last = slices.Clone(r.messages), seq
	r.messages = slices.DeleteFunc(r.messages, func(m jetstream.RawStreamMsg) bool { return m.Sequence > seq })
	return r
}

// errSilent is returned by a script if no server is to respond, so that the request times out.
var errSilent = errors.New("no response")

// script decides the response to a request: "ask", "batch", "next" or "consume". Given the
// leader's replica, it returns the replica that responds, or an error.
type script func(request string, leader replica) (replica, error)

// byLeader is a script in which the leader responds to every request.
func byLeader(_ string, leader replica) (replica, error) { return leader, nil }

// fake is a source with a stream in memory. It responds at once, unless its script returns
// errSilent.
type fake struct {
	timeout time.Duration
	changes chan struct{} // one element per change to announce

	mu     sync.Mutex
	leader replica
	script script
}

const testBucket = "b"

func newFake() *fake {
	return &fake{changes: make(chan struct{}, 1000), leader: replica{created: time.Now()}, script: byLeader}
}

// play replaces the script for later requests.
func (f *fake) play(s script) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script = s
}

// follow follows the fake until the test ends.
func (f *fake) follow(t *testing.T, opts ...Option) *Feed {
	t.Helper()
	feed, err := f.start(t.Context(), opts...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, feed.Close()) })
	return feed
}

func (f *fake) start(ctx context.Context, opts ...Option) (*Feed, error) {
	o := newOptions(opts)
	f.timeout = o.timeout
	return follow(ctx, f, testBucket, o)
}

// now returns a copy of the leader's replica.
func (f *fake) now() replica {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.leader.upTo(f.leader.last)
}

// become replaces the leader's replica.
func (f *fake) become(r replica) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.leader = r
}

// publish stores a value and announces it.
func (f *fake) publish(id uuid.UUID, header nats.Header, data []byte) (revision uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.leader.last++
	f.leader.messages = append(f.leader.messages, jetstream.RawStreamMsg{Subject: prefixOf(testBucket) + Key(organization, id),
		Sequence: f.leader.last, Header: header, Data: data, Time: time.Now()})
	select {
	case f.changes <- struct{}{}:
	default: // the channel is full, and no feed reads it
	}
	return f.leader.last
}

// put stores a webhook that fires for every event.
func (f *fake) put(t *testing.T, id uuid.UUID) (revision uint64) {
	t.Helper()
	w := &webhook.Webhook{ID: id, Enabled: true, TargetURL: "https://chat.example.com/", Events: webhook.EventTypes()}
	data, err := w.MarshalJSON()
	require.NoError(t, err)
	return f.publish(id, nil, data)
}

func (f *fake) delete(id uuid.UUID) (revision uint64) {
	return f.publish(id, nats.Header{"KV-Operation": {"DEL"}}, nil)
}

// purge removes all messages of a webhook.
func (f *fake) purge(id uuid.UUID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.leader.messages = slices.DeleteFunc(f.leader.messages, func(m jetstream.RawStreamMsg) bool {
		return m.Subject == prefixOf(testBucket)+Key(organization, id)
	})
}

// answer returns the replica that responds to a request, according to the script.
func (f *fake) answer(ctx context.Context, request string) (replica, error) {
	f.mu.Lock()
	script := f.script
	f.mu.Unlock()
	r, err := script(request, f.now())
	if errors.Is(err, errSilent) {
		sleep(ctx, f.timeout)
		err = context.DeadlineExceeded
		if ctx.Err() != nil {
			err = ctx.Err()
		}
	}
	return r, err
}

func (f *fake) ask(ctx context.Context, seen uint64) (state, error) {
	at := time.Now()
	r, err := f.answer(ctx, "ask")
	return state{at: at, seen: seen, created: r.created, last: r.last, subjects: uint64(len(r.lastVersions())), empty: len(r.messages) == 0,
		config: jetstream.StreamConfig{Name: "KV_" + testBucket, AllowDirect: true}}, err
}

func (f *fake) batch(ctx context.Context, from uint64) ([]jetstream.RawStreamMsg, error) {
	r, err := f.answer(ctx, "batch")
	messages := r.from(from)
	return messages[:min(len(messages), maxBatch)], err
}

func (f *fake) next(ctx context.Context, from uint64) (*jetstream.RawStreamMsg, error) {
	r, err := f.answer(ctx, "next")
	if messages := r.from(from); err == nil && len(messages) > 0 {
		return &messages[0], nil
	}
	return nil, err
}

func (f *fake) consume(ctx context.Context, last uint64, apply func(jetstream.RawStreamMsg)) error {
	r, err := f.answer(ctx, "consume")
	for _, m := range r.upTo(last).lastVersions() {
		apply(m)
	}
	return err
}

func (f *fake) listen(ctx context.Context, announced func()) {
	for {
		select {
		case <-f.changes:
			announced()
		case <-ctx.Done():
			return
		}
	}
}

func (*fake) refused() error { return nil }

func (*fake) status() string { return "CONNECTED" }

// from returns the messages from a sequence on.
func (r replica) from(seq uint64) []jetstream.RawStreamMsg {
	i := slices.IndexFunc(r.messages, func(m jetstream.RawStreamMsg) bool { return m.Sequence >= seq })
	if i < 0 {
		return nil
	}
	return r.messages[i:]
}

// lastVersions returns the last message of each key.
func (r replica) lastVersions() (versions []jetstream.RawStreamMsg) {
	for i, m := range r.messages {
		if !slices.ContainsFunc(r.messages[i+1:], func(later jetstream.RawStreamMsg) bool { return later.Subject == m.Subject }) {
			versions = append(versions, m)
		}
	}
	return versions
}

// organization and ids are used by the webhooks of all tests.
var organization, ids = uuid.NewSHA1(uuid.NameSpaceOID, nil), func() (all [4]uuid.UUID) {
	for i := range all {
		all[i] = uuid.NewSHA1(uuid.NameSpaceOID, fmt.Append(nil, i))
	}
	return all
}()

// requireWebhooks requires that the index has exactly the webhooks with the ids.
func requireWebhooks(t *testing.T, f *Feed, want ...uuid.UUID) {
	t.Helper()
	var got []uuid.UUID
	for w := range f.Index().All(organization) {
		got = append(got, w.ID)
	}
	require.ElementsMatch(t, want, got)
	require.Equal(t, len(want), f.Index().Len())
}
