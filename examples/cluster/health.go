package main

import (
	"context"
	"sync"
	"time"

	"github.com/hookfilter/hookfilter/filter"
)

const (
	// maxAge is the age of a feed above which it is stale and no event is decided. The age
	// is normally about 0.1 s.
	maxAge = 2 * time.Second
	// maxUnfinished is how long events may stay unfinished, or fetching may fail, until the
	// dispatcher is unhealthy. It is longer than an election takes.
	maxUnfinished = 10 * time.Second
	// healthInterval is how often the health is checked, to log a change.
	healthInterval = time.Second
)

// Reasons why a dispatcher is unhealthy: the body of /healthz, and a line of the log.
const (
	feedNotReady     = "the feed of the webhooks is not ready: no event is decided"
	feedStale        = "the feed of the webhooks is stale: no event is decided"
	eventsUnfinished = "events stay unfinished: their deliveries, records or acknowledgements are not stored"
	cannotFetch      = "events cannot be fetched"
)

// feed is a natsfeed.Feed.
type feed interface {
	Index() *filter.Index
	Revision() uint64
	Invalid() int
	Age() time.Duration
	Close() error
}

// health knows whether a dispatcher makes progress. It is safe for concurrent use.
type health struct {
	mu         sync.Mutex
	feed       feed                // nil until it is ready
	unfinished map[uint64]*attempt // by the event's sequence
	failing    time.Time           // since when fetching fails; zero if it works
}

// attempt is the state of an event that this dispatcher fetched and has not finished.
type attempt struct {
	first    time.Time // when the event was first fetched
	until    time.Time // another dispatcher has it from then on; zero while it is handled
	failures int
}

// setFeed is called when the feed is ready.
func (h *health) setFeed(f feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.feed = f
}

// getFeed returns nil until the feed is ready.
func (h *health) getFeed() feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.feed
}

// fetched is called with the result of a pull.
func (h *health) fetched(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.failing = time.Time{}
	} else if h.failing.IsZero() {
		h.failing = time.Now()
	}
}

// began is called with the events that were fetched.
func (h *health) began(all []*work) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.unfinished == nil {
		h.unfinished = make(map[uint64]*attempt)
	}
	now := time.Now()
	for _, w := range all {
		if a := h.unfinished[w.seq]; a != nil && (a.until.IsZero() || now.Before(a.until)) {
			a.until = time.Time{}
		} else {
			h.unfinished[w.seq] = &attempt{first: now}
		}
	}
}

// finished is called with the events that are finished, or wait for their revision.
func (h *health) finished(all ...*work) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range all {
		delete(h.unfinished, w.seq)
	}
}

// retried is called with an event that is redelivered after a delay. If this dispatcher does
// not get it then, another one has it.
func (h *health) retried(w *work, delay time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if a := h.unfinished[w.seq]; a != nil {
		a.failures++
		a.until = time.Now().Add(delay + 2*ackWait)
	}
}

// current reports whether the feed is ready and not stale.
func (h *health) current() bool {
	f := h.getFeed()
	return f != nil && f.Age() <= maxAge
}

// problem returns why the dispatcher is unhealthy, "" if it is healthy.
func (h *health) problem() string {
	f := h.getFeed()
	if f == nil {
		return feedNotReady
	}
	if f.Age() > maxAge {
		return feedStale
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	for seq, a := range h.unfinished {
		if !a.until.IsZero() && now.After(a.until) {
			delete(h.unfinished, seq)
		} else if now.Sub(a.first) > maxUnfinished && (a.until.IsZero() || a.failures > 1) { // after one failure, another dispatcher may have finished it
			return eventsUnfinished
		}
	}
	if !h.failing.IsZero() && now.Sub(h.failing) > maxUnfinished {
		return cannotFetch
	}
	return ""
}

// logHealth logs when the dispatcher becomes unhealthy, and when it is healthy again, until
// ctx is done.
func (d *dispatcher) logHealth(ctx context.Context) {
	ticker := time.NewTicker(healthInterval)
	defer ticker.Stop()
	var problem string
	var since time.Time
	for {
		if now := d.problem(); now != problem {
			if problem == "" {
				since = time.Now()
			}
			if problem = now; problem == "" {
				d.log.Info("healthy again", "after", time.Since(since).Round(time.Millisecond))
			} else {
				d.log.Error("unhealthy: " + problem)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
