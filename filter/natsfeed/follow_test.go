package natsfeed

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"
)

// requireConfirmed lets two intervals pass, and requires that the feed was confirmed
// during the second interval.
func requireConfirmed(t *testing.T, f *Feed) {
	t.Helper()
	time.Sleep(2 * defaultInterval)
	synctest.Wait()
	require.LessOrEqual(t, f.Age(), defaultInterval)
}

// wait waits for a revision.
func wait(t *testing.T, f *Feed, revision uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, f.Wait(ctx, revision))
}

// Given a feed that knows of a purge at the end of the stream, when a replica that does not know
// of it yet returns a deleted webhook, then the feed ignores that webhook.
func TestLaggingPurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		first := f.put(t, ids[0])
		f.put(t, ids[1])
		behind := f.now()
		deleted := f.delete(ids[1])
		f.purge(ids[1])
		f.play(func(request string, leader replica) (replica, error) {
			if request == "batch" { // returns nothing after the first webhook
				leader = leader.upTo(first)
			}
			return leader, nil
		})
		feed := f.follow(t)
		require.Equal(t, deleted, feed.Revision())
		index := feed.Index()

		f.play(func(request string, leader replica) (replica, error) {
			if request == "batch" {
				leader.messages = append(slices.Clone(behind.messages), leader.from(deleted+1)...)
			}
			return leader, nil
		})
		wait(t, feed, f.put(t, ids[2]))
		requireConfirmed(t, feed)
		requireWebhooks(t, feed, ids[0], ids[2])
		require.Same(t, index, feed.Index(), "the index was rebuilt without need")
	})
}

// When two changes are announced together and can be read only one after the other, the feed reads
// until it has both. Nothing else wakes the feed, since the leader does not respond.
func TestAnnouncedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		before := f.put(t, ids[0])
		feed := f.follow(t)
		requireConfirmed(t, feed)
		var answers uint64
		announced := make(chan struct{})
		f.play(func(request string, leader replica) (replica, error) {
			if request != "batch" {
				return replica{}, errSilent
			}
			// The first response has neither change, and the second has one of them.
			<-announced
			answers++
			return leader.upTo(before + answers - 1), nil
		})
		f.put(t, ids[1])
		synctest.Wait() // until the feed waits for the first response
		last := f.put(t, ids[2])
		synctest.Wait()
		close(announced)
		wait(t, feed, last)
		requireWebhooks(t, feed, ids[0], ids[1], ids[2])
	})
}

// While the stream has no leader, a feed applies the changes that it can read, but is not
// confirmed.
func TestNoLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.put(t, ids[0])
		feed := f.follow(t)
		synctest.Wait()
		f.play(func(request string, leader replica) (replica, error) {
			if request == "batch" {
				return leader, nil
			}
			return replica{}, errors.New("no leader")
		})
		time.Sleep(time.Minute)
		last := f.put(t, ids[1])
		wait(t, feed, last)
		requireWebhooks(t, feed, ids[0], ids[1])
		require.Equal(t, time.Minute, feed.Age())
		done, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorContains(t, feed.Wait(done, last+1), "no leader")
		f.play(byLeader)
		requireConfirmed(t, feed)
		require.NotContains(t, feed.Wait(done, last+1).Error(), "no leader")
	})
}

// Requests without a response time out and are repeated, and the index does not change.
func TestSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.put(t, ids[0])
		var log bytes.Buffer
		feed := f.follow(t, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		synctest.Wait()
		lost := map[string]int{}
		f.play(func(request string, _ replica) (replica, error) {
			f.mu.Lock()
			defer f.mu.Unlock()
			lost[request]++
			return replica{}, errSilent
		})
		last := f.put(t, ids[1])
		time.Sleep(30 * time.Second)
		synctest.Wait()
		require.Greater(t, lost["ask"], 20)
		require.NotZero(t, lost["batch"])
		require.Equal(t, 30*time.Second, feed.Age())
		require.Less(t, feed.Revision(), last)
		requireWebhooks(t, feed, ids[0])
		f.play(byLeader)
		wait(t, feed, last)
		requireConfirmed(t, feed)
		requireWebhooks(t, feed, ids[0], ids[1])
		require.Equal(t, 1, strings.Count(log.String(), "cannot follow the bucket"), log.String())
		require.Equal(t, 1, strings.Count(log.String(), "following the bucket again"), log.String())
	})
}

// A leader that is briefly behind the feed causes no rebuild. A leader that stays behind has lost
// acknowledged changes, and causes one.
func TestLeaderBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		first := f.put(t, ids[0])
		f.put(t, ids[1])
		feed := f.follow(t)
		requireConfirmed(t, feed)
		index, all := feed.Index(), f.now()
		for range 3 {
			f.become(all.upTo(first))
			time.Sleep(maxAhead - defaultInterval)
			f.become(all)
			requireConfirmed(t, feed)
			require.Same(t, index, feed.Index())
		}
		f.become(all.upTo(first))
		time.Sleep(maxAhead)
		synctest.Wait()
		require.Same(t, index, feed.Index())
		require.GreaterOrEqual(t, feed.Age(), maxAhead)
		time.Sleep(defaultInterval)
		requireConfirmed(t, feed)
		require.NotSame(t, index, feed.Index())
		require.Equal(t, first, feed.Revision())
		requireWebhooks(t, feed, ids[0])
	})
}

// A new leader may say at first that the stream is empty. If batches also get no response, the feed
// reads the webhooks one by one.
func TestLeaderEmptyAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		for _, id := range ids {
			f.put(t, id)
		}
		var asked atomic.Bool
		f.play(func(request string, leader replica) (replica, error) {
			switch {
			case request == "batch":
				return replica{}, errSilent
			case asked.CompareAndSwap(false, true):
				leader.messages = nil
			}
			return leader, nil
		})
		requireWebhooks(t, f.follow(t), ids[:]...)
	})
}

// Follow retries after a request without a response, and after a single response that there is no
// JetStream.
func TestFollowRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.put(t, ids[0])
		var requests atomic.Int64
		f.play(func(_ string, leader replica) (replica, error) {
			switch requests.Add(1) {
			case 1:
				return replica{}, errSilent
			case 2:
				return replica{}, nats.ErrNoResponders
			}
			return leader, nil
		})
		requireWebhooks(t, f.follow(t), ids[0])
	})
}

// If the context of Follow ends while a request waits for its response, the error contains the
// previous failure.
func TestFollowErrorContainsLastFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		ctx, cancel := context.WithCancel(t.Context())
		requests := 0
		f.play(func(string, replica) (replica, error) {
			if requests++; requests == 1 {
				return replica{}, errors.New("temporarily unavailable")
			}
			cancel()
			return replica{}, errSilent
		})
		_, err := f.start(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, ErrRequest)
		require.ErrorContains(t, err, "temporarily unavailable; the connection is CONNECTED")
	})
}
