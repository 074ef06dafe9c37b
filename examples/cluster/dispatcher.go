package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

const (
	// loops is the number of pulls in progress: one is decided while the servers store
	// the deliveries of the other.
	loops = 2
	// staleDelay is the time until the servers redeliver an event that a dispatcher with a
	// stale feed returned to them.
	staleDelay = time.Second
	// firstPause is how long a loop pauses after a round without progress. Each further
	// pause is twice as long, up to longestPause.
	firstPause   = 50 * time.Millisecond
	longestPause = time.Second
)

// dispatcher decides which webhooks an event fires, and stores a delivery for each.
//
// It loses no delivery, because an event is acknowledged only after all its deliveries
// are stored, and the server confirms the acknowledgement. If anything fails before that, the
// event is redelivered to this dispatcher or another, and ids keep its deliveries from
// being stored twice.
//
// Every event ends: it is decided, or it is rejected because it cannot be read, because it
// is too large, or because its revision does not come. An event that waits for its revision
// is not acknowledged, and is redelivered to be looked at again. Waiting events do not hold
// up others as long as there are fewer than maxUnacknowledged of them.
type dispatcher struct {
	*metrics
	name   string // in the log and in DECISIONS
	feed   feed
	queues []eventQueue // one for each loop
	out    *output
}

// run dispatches until ctx is done, and then finishes the events that it has pulled.
func (d *dispatcher) run(ctx context.Context) {
	d.log.Info("started", "dispatcher", d.name, "webhooks", d.feed.Index().Len(), "revision", d.feed.Revision())
	if d.feed.Index().Len() == 0 {
		d.log.Warn("the bucket has no valid webhooks: no event fires until there are some; put them with: cluster put -webhooks DIR")
	}
	logging, stop := context.WithCancel(ctx)
	var all, log sync.WaitGroup
	log.Go(func() { d.logHealth(logging) })
	for _, q := range d.queues {
		all.Go(func() { d.loop(ctx, q) })
	}
	all.Wait()
	stop()
	log.Wait()
	d.log.Info("stopped", "dispatcher", d.name)
}

func (d *dispatcher) loop(ctx context.Context, q eventQueue) {
	failedRounds := 0
	for ctx.Err() == nil {
		if !d.current() {
			pause(ctx, maxAge/20)
			continue
		}
		if failedRounds > 1 {
			d.reopen(ctx, q)
		}
		finished, unfinished := 0, 0
		err := q.fetch(func(group []jetstream.Msg) {
			f, u := d.handle(q, group)
			finished, unfinished = finished+f, unfinished+u
		})
		if d.fetched(err); err != nil {
			d.failed(opFetch, err)
		}
		if err == nil && unfinished == 0 {
			failedRounds = 0
			continue
		}
		if failedRounds++; finished == 0 {
			pause(ctx, delay(firstPause, 2, longestPause, uint64(failedRounds)))
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// reopen opens the streams and the consumer again, in case one was deleted.
func (d *dispatcher) reopen(ctx context.Context, q eventQueue) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	changed, err := q.open(ctx)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			d.failed(opOpen, err)
		}
		return
	}
	for _, name := range changed {
		if _, ok := d.due("opened " + name); ok {
			d.log.Warn("opened the queue again: the "+name+" was deleted", "dispatcher", d.name)
		}
	}
}

// handle decides the events of a group, stores their deliveries and the records of the
// decisions, and acknowledges the events. It returns how many are finished, and how many
// are not because something failed.
func (d *dispatcher) handle(q eventQueue, group []jetstream.Msg) (finished, unfinished int) {
	all := make([]*work, len(group))
	for i, m := range group {
		all[i] = newWork(m)
	}
	d.began(all)
	revision := d.feed.Revision()
	index := d.feed.Index() // at least as new as revision
	l := q.limits()
	for _, w := range all {
		if w.err != nil {
			w.reject(w.err, l)
			continue
		}
		if w.after > revision {
			if reason := w.hopeless(revision); reason != nil {
				w.reject(reason, l)
			}
			continue
		}
		start := time.Now()
		fires := index.AppendMatches(nil, w.organizationID, w.event)
		d.decide.Observe(time.Since(start).Seconds())
		w.decide(fires, revision, l)
	}
	var decided []*work
	for _, w := range all {
		if w.result == "" {
			d.finished(w) // to wait for a revision is no failure of this dispatcher
			_ = w.message.NakWithDelay(w.wait())
		} else {
			decided = append(decided, w)
		}
	}
	d.store(q, decided)
	done := d.record(q, successful(decided))
	confirmed := q.acknowledge(done)
	d.conclude(decided, confirmed)
	return len(confirmed), len(decided) - len(confirmed)
}

func successful(all []*work) (done []*work) {
	for _, w := range all {
		if w.err == nil {
			done = append(done, w)
		}
	}
	return done
}

// conclude counts the events whose acknowledgement was confirmed, and asks the servers to
// redeliver the events that failed.
func (d *dispatcher) conclude(decided, confirmed []*work) {
	d.finished(confirmed...)
	for _, w := range confirmed {
		w.done = true
		d.events.WithLabelValues(w.result).Inc()
		d.out.count(w.result)
		if w.result == rejected {
			d.rejected(w.seq, w.messages[0].Header.Get(reasonHeader))
		}
	}
	for _, w := range decided {
		switch {
		case w.done:
		case w.err == nil: // possibly acknowledged
			d.failed(opAcknowledge, errNotConfirmed)
			d.retried(w, 0)
		case errors.Is(w.err, errStale):
			d.retried(w, staleDelay)
			_ = w.message.NakWithDelay(staleDelay)
		default:
			d.failed(w.failed, w.err)
			d.retried(w, w.retry())
			_ = w.message.NakWithDelay(w.retry())
		}
	}
}
