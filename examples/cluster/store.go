package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// maxStored is the servers' limit for the messages of one batch.
const maxStored = 1000

// errStale is the error of an event that was decided by a feed that has become stale since.
var errStale = errors.New(feedStale)

// store stores the messages of events, and leaves an error in each event whose messages are
// not all stored.
//
// If DELIVERIES accepts atomic batches, the deliveries of many events are stored with one
// request, all or none. The servers refuse a batch with a delivery that is already stored;
// its events are redelivered. The deliveries of a redelivered event, and of an event with
// more than maxStored deliveries, are sent one by one, as are all deliveries without batches.
//
// A dispatcher that was stopped after it decided, as by SIGSTOP, must not publish what it
// decided then. So the age of the feed is checked again before an event's messages are sent.
func (d *dispatcher) store(q eventQueue, works []*work) {
	batches := q.limits().batches
	var inBatches []*work
	for _, w := range works {
		w.failed = opPublish
		if w.result == rejected {
			w.failed = opReject
		} else if batches && w.delivered <= 1 && len(w.messages) > 0 && len(w.messages) <= maxStored {
			inBatches = append(inBatches, w)
			continue
		}
		d.send(q, w)
	}
	d.sendBatches(q, inBatches)
	var stored []delivery
	for _, w := range works {
		for i, future := range w.futures {
			ack, err := answer(future)
			if err != nil {
				w.err = err
			} else if w.result == fired && !ack.Duplicate {
				d.deliveries.Inc()
				stored = append(stored, w.deliveries[i])
			}
		}
		if w.futures == nil && w.err == nil { // stored in a batch, or without deliveries
			d.deliveries.Add(float64(len(w.deliveries)))
			stored = append(stored, w.deliveries...)
		}
	}
	d.out.print(stored)
}

// send sends the messages of an event one by one.
func (d *dispatcher) send(q eventQueue, w *work) {
	if !d.current() {
		w.err = errStale
		return
	}
	for _, m := range w.messages {
		future, err := q.send(m)
		if err != nil {
			w.err = err
			return
		}
		w.futures = append(w.futures, future)
	}
}

// sendBatches stores the messages of events in batches of at most maxStored. It does not
// split an event between two batches, so that its deliveries are stored all or none.
func (d *dispatcher) sendBatches(q eventQueue, works []*work) {
	for len(works) > 0 {
		n := 0
		var messages []*nats.Msg
		for n < len(works) && len(messages)+len(works[n].messages) <= maxStored {
			messages = append(messages, works[n].messages...)
			n++
		}
		err := errStale
		if d.current() {
			err = q.sendBatch(messages)
		}
		for _, w := range works[:n] {
			w.err = err
		}
		works = works[n:]
	}
}

// answer waits for the acknowledgement of a message.
func answer(future jetstream.PubAckFuture) (*jetstream.PubAck, error) {
	select {
	case ack := <-future.Ok():
		return ack, nil
	case err := <-future.Err():
		return nil, err
	}
}

// record stores records of the decisions on events, and returns the events that have one.
// It leaves an error in the others.
func (d *dispatcher) record(q eventQueue, works []*work) (recorded []*work) {
	type sent struct {
		works  []*work
		future jetstream.PubAckFuture
	}
	var all []sent
	for _, group := range byRecord(works) {
		future, err := q.send(newRecord(group, d.name))
		for _, w := range group {
			w.failed, w.err = opDecision, err
		}
		if err == nil {
			all = append(all, sent{group, future})
		}
	}
	for _, s := range all {
		if _, err := answer(s.future); err != nil {
			for _, w := range s.works {
				w.err = err
			}
		} else {
			recorded = append(recorded, s.works...)
		}
	}
	return recorded
}

// byRecord splits events into groups that share a record, each in the order of sequences.
func byRecord(works []*work) (groups [][]*work) {
	order := func(a, b *work) int {
		return cmp.Or(cmp.Compare(a.seq/eventsPerSubject, b.seq/eventsPerSubject), cmp.Compare(a.outcome(), b.outcome()), cmp.Compare(a.revision, b.revision))
	}
	works = slices.SortedFunc(slices.Values(works), func(a, b *work) int { return cmp.Or(order(a, b), cmp.Compare(a.seq, b.seq)) })
	for len(works) > 0 {
		n := slices.IndexFunc(works, func(w *work) bool { return order(works[0], w) != 0 })
		if n < 0 {
			n = len(works)
		}
		groups, works = append(groups, works[:n]), works[n:]
	}
	return groups
}

// newRecord returns the record of the decisions on events, in the order of their sequences.
func newRecord(works []*work, dispatcher string) *nats.Msg {
	r := decision{First: works[0].time, Last: works[0].time, Result: works[0].outcome(), Revision: works[0].revision,
		At: time.Now().UTC(), Dispatcher: dispatcher}
	for _, w := range works {
		if n := len(r.Events); n > 0 && r.Events[n-1][1]+1 == w.seq {
			r.Events[n-1][1] = w.seq
		} else {
			r.Events = append(r.Events, [2]uint64{w.seq, w.seq})
		}
		if w.time.Before(r.First) {
			r.First = w.time
		}
		if w.time.After(r.Last) {
			r.Last = w.time
		}
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // not expected: every time in the years 0 to 9999 can be encoded
	}
	return &nats.Msg{Subject: decisionSubject(works[0].seq), Data: data}
}
