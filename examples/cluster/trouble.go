package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
)

// Operations that may fail: the label of hookfilter_errors_total.
const (
	opOpen        = "open"        // the streams and the consumer
	opFetch       = "fetch"       // events
	opPublish     = "publish"     // deliveries
	opReject      = "reject"      // an event, to REJECTED
	opDecision    = "decision"    // records, to DECISIONS
	opAcknowledge = "acknowledge" // events
	opConnection  = "connection"  // errors that servers report outside of a request
)

var operations = []string{opOpen, opFetch, opPublish, opReject, opDecision, opAcknowledge, opConnection}

// consequences say what a failure means for the events.
var consequences = map[string]string{
	opOpen:        "cannot open the queue; retrying",
	opFetch:       "cannot fetch events; retrying",
	opPublish:     "cannot store deliveries; their events are not acknowledged and are redelivered",
	opReject:      "cannot store rejected events; they are not acknowledged and are redelivered",
	opDecision:    "cannot store the records of decisions; their events are not acknowledged and are redelivered",
	opAcknowledge: "acknowledgements of events are not confirmed; the events may be redelivered",
	opConnection:  "the server reports an error",
}

// kind is a kind of failure, and what an operator can do about it.
type kind struct {
	name   string
	codes  []jetstream.ErrorCode
	errs   []error
	advice string
}

var kinds = []kind{
	{"full", []jetstream.ErrorCode{10002, 10023, 10047, 10077}, nil, // of an account, of a server, of a disk, of a stream
		"JetStream's store is full: consume DELIVERIES, or raise max_file_store or the limits of the account or the stream"},
	{"gone", []jetstream.ErrorCode{10014, 10059}, []error{jetstream.ErrStreamNotFound, jetstream.ErrConsumerNotFound, jetstream.ErrConsumerDeleted,
		jetstream.ErrNoStreamResponse, nats.ErrNoResponders},
		"a stream or the consumer was deleted, or has no leader: check the servers and their disks; the dispatcher creates what does not exist"},
	{"too large", []jetstream.ErrorCode{10054, 10097}, []error{nats.ErrMaxPayload},
		"raise the stream's max_msg_size, or remove it"},
	{"not permitted", nil, []error{nats.ErrPermissionViolation, nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked},
		"the user lacks a permission, or is not valid any more: the error says which"},
	{"duplicate", []jetstream.ErrorCode{10201}, nil,
		"nothing to do: deliveries that may be stored already are sent one by one when their event is redelivered"},
	{"no answer", nil, []error{nats.ErrTimeout, context.DeadlineExceeded, jetstream.ErrAsyncPublishTimeout, jetstream.ErrNoHeartbeat,
		jetstream.ErrTooManyStalledMsgs, nats.ErrDisconnected, nats.ErrConnectionReconnecting,
		nats.ErrReconnectBufExceeded, errNotConfirmed},
		"the servers do not answer: check that they run, that the streams have leaders, and the user's permissions"},
}

var otherKind = kind{name: "other", advice: "see the error"}

// errNotConfirmed is the error of acknowledgements without a confirmation.
var errNotConfirmed = errors.New("no confirmation from the servers")

func kindOf(err error) kind {
	var api *jetstream.APIError
	for _, k := range kinds {
		if errors.As(err, &api) && slices.Contains(k.codes, api.ErrorCode) || slices.ContainsFunc(k.errs, func(e error) bool { return errors.Is(err, e) }) {
			return k
		}
	}
	return otherKind
}

// logInterval is the shortest time between two lines about the same kind of failure of the
// same operation.
const logInterval = time.Minute

// trouble counts failures, and logs each kind of failure at once and then at most once in
// each logInterval. It is safe for concurrent use.
type trouble struct {
	log    *slog.Logger
	errors *prometheus.CounterVec

	mu   sync.Mutex
	seen map[string]*occurrences
}

// occurrences is how often something happened since it was last logged.
type occurrences struct {
	logged time.Time
	n      int
}

func newTrouble(log *slog.Logger) *trouble {
	t := &trouble{log: log, seen: make(map[string]*occurrences), errors: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hookfilter_errors_total", Help: "Failures, by operation. Each is retried."}, []string{"operation"})}
	for _, operation := range operations {
		t.errors.WithLabelValues(operation)
	}
	return t
}

// failed is called when an operation failed.
func (t *trouble) failed(operation string, err error) {
	t.errors.WithLabelValues(operation).Inc()
	k := kindOf(err)
	if n, ok := t.due(operation + " " + k.name); ok {
		t.log.Error(consequences[operation], "operation", operation, "error", err, "failures", n, "advice", k.advice)
	}
}

// rejected is called when an event was rejected.
func (t *trouble) rejected(seq uint64, reason string) {
	if n, ok := t.due("rejected"); ok {
		t.log.Warn("event rejected: REJECTED has it, with the reason", "event", seq, "reason", reason, "rejected", n)
	}
}

// due reports whether to log something that happened now, and how often it happened since
// it was last logged.
func (t *trouble) due(what string) (n int, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.seen[what]
	if o == nil {
		o = new(occurrences)
		t.seen[what] = o
	}
	o.n++
	if !o.logged.IsZero() && time.Since(o.logged) < logInterval {
		return 0, false
	}
	n, o.n, o.logged = o.n, 0, time.Now()
	return n, true
}

// connectionOptions log what happens to a dispatcher's connection. While it is reconnecting,
// publishing fails: the client would otherwise keep deliveries, and publish them after an
// outage of any length, although the webhooks may have changed since they were decided.
func (t *trouble) connectionOptions() []nats.Option {
	return []nats.Option{
		nats.ReconnectBufSize(-1),
		nats.ConnectHandler(func(nc *nats.Conn) { t.log.Info("connected", "server", nc.ConnectedUrlRedacted()) }),
		nats.DisconnectErrHandler(func(nc *nats.Conn, err error) {
			if !nc.IsClosed() {
				t.log.Warn("disconnected, reconnecting", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { t.log.Info("reconnected", "server", nc.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { t.failed(opConnection, err) }),
	}
}
