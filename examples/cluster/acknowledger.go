package main

import (
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

// acknowledger acknowledges many events at once: it requests a confirmation for each,
// and then waits for all of them.
type acknowledger struct {
	nc            *nats.Conn
	inbox         string
	subscription  *nats.Subscription
	confirmations chan *nats.Msg
	n             int
}

func newAcknowledger(nc *nats.Conn) (a *acknowledger, err error) {
	a = &acknowledger{nc: nc, inbox: nc.NewInbox(), confirmations: make(chan *nats.Msg, 2*maxPulled)}
	a.subscription, err = nc.ChanSubscribe(a.inbox+".*", a.confirmations)
	return a, err
}

func (a *acknowledger) close() { _ = a.subscription.Unsubscribe() }

// acknowledge acknowledges events and returns the ones whose acknowledgement was
// confirmed. The others may be redelivered.
func (a *acknowledger) acknowledge(all []*work) (confirmed []*work) {
	waiting := make(map[string]*work, len(all))
	for _, w := range all {
		a.n++
		reply := a.inbox + "." + strconv.Itoa(a.n)
		if a.nc.PublishRequest(w.message.Reply(), reply, []byte("+ACK")) == nil {
			waiting[reply] = w
		}
	}
	timeout := time.After(answerWait)
	for len(waiting) > 0 {
		select {
		case m := <-a.confirmations: // possibly a late answer to an earlier call
			if w, ok := waiting[m.Subject]; ok && len(m.Header) == 0 { // a header means "no responders"
				confirmed = append(confirmed, w)
			}
			delete(waiting, m.Subject)
		case <-timeout:
			return confirmed
		}
	}
	return confirmed
}
