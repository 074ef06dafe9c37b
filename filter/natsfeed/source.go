package natsfeed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// maxBatch and maxBatchBytes limit the response to one request.
const (
	maxBatch      = 1000
	maxBatchBytes = 8 << 20
)

// source reads the stream of a bucket from the servers. It is an interface so that tests can
// script the responses.
type source interface {
	// ask returns the state of the stream's leader. seen is the revision up to which all
	// changes have been applied.
	ask(ctx context.Context, seen uint64) (state, error)
	// batch returns messages from any server with the stream, in order and without a gap,
	// beginning with the first one whose sequence is at least from. There may be more
	// messages. If there is an error, the messages are valid nevertheless. After errGap, the
	// next message must be read with next.
	batch(ctx context.Context, from uint64) ([]jetstream.RawStreamMsg, error)
	// next returns the leader's first message whose sequence is at least from, or nil if there
	// is no such message.
	next(ctx context.Context, from uint64) (*jetstream.RawStreamMsg, error)
	// consume calls apply for the last version of each key, in the order of the sequences,
	// until it has reached the sequence last. It may stop earlier without an error.
	consume(ctx context.Context, last uint64, apply func(jetstream.RawStreamMsg)) error
	// listen calls announced for each message that is published to the bucket, until ctx is
	// done or the subscription has ended. It then unsubscribes.
	listen(ctx context.Context, announced func())
	// refused returns an error if the servers have refused the subscription to announcements,
	// and nil otherwise. It must be called after a request was answered.
	refused() error
	// status returns the status of the connection to the servers, and its last error.
	status() string
}

// state is the state of a stream according to its leader.
type state struct {
	at       time.Time // when the leader was asked
	seen     uint64    // the revision that had been applied at that time
	created  time.Time
	last     uint64 // the highest sequence so far, even if its message was removed
	subjects uint64 // number of keys that have a message, including delete markers
	empty    bool   // the stream has no messages
	config   jetstream.StreamConfig
}

// errGap is returned when the next message of a batch was lost in transit, or has headers that
// the client cannot decode.
var errGap = errors.New("a batch has a gap")

// stream is a source that sends requests to NATS servers.
type stream struct {
	js      jetstream.JetStream
	nc      *nats.Conn
	name    string // KV_<bucket>
	prefix  string // $KV.<bucket>.
	api     string // prefix of JetStream requests, by default $JS.API.
	timeout time.Duration
	changes *nats.Subscription
	before  error // the connection's last error before it subscribed to changes
}

// newStream returns the stream of a bucket. It subscribes to the bucket's changes, which
// listen then announces.
func newStream(js jetstream.JetStream, bucket string, timeout time.Duration) (*stream, error) {
	s := &stream{
		js:      js,
		nc:      js.Conn(),
		name:    "KV_" + bucket,
		prefix:  prefixOf(bucket),
		api:     jetstream.DefaultAPIPrefix,
		timeout: timeout,
		before:  js.Conn().LastError(),
	}
	switch options := js.Options(); {
	case options.Domain != "":
		s.api = "$JS." + options.Domain + ".API."
	case options.APIPrefix != "":
		s.api = strings.TrimSuffix(options.APIPrefix, ".") + "."
	}
	var err error
	s.changes, err = s.nc.SubscribeSync(s.prefix + ">")
	return s, err
}

func (s *stream) listen(ctx context.Context, announced func()) {
	defer func() { _ = s.changes.Unsubscribe() }() // fails if the connection was closed
	for {
		_, err := s.changes.NextMsgWithContext(ctx)
		if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrBadSubscription) || ctx.Err() != nil {
			return
		}
		announced() // even for an error: messages were dropped, or one has the header Status: 503
	}
}

// refused relies on the order of responses: a server reports that it refuses a subscription
// before it responds to a later request.
func (s *stream) refused() error { return s.denied(s.before, s.prefix) }

func (s *stream) status() string {
	if last := s.nc.LastError(); last != nil {
		return fmt.Sprintf("%v, its last error: %v", s.nc.Status(), last)
	}
	return s.nc.Status().String()
}

// ask returns an error if the stream has no leader: a follower responds then, with the state
// that it knows.
func (s *stream) ask(ctx context.Context, seen uint64) (state, error) {
	request, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	before, at := s.nc.LastError(), time.Now()
	stream, err := s.js.Stream(request, s.name)
	if err != nil {
		return state{}, s.explain(err, before, s.timeout)
	}
	info := stream.CachedInfo()
	if info.Cluster != nil && info.Cluster.Leader == "" {
		return state{}, fmt.Errorf("%s has no leader", s.name)
	}
	return state{at, seen, info.Created, info.State.LastSeq, info.State.NumSubjects, info.State.Msgs == 0, info.Config}, nil
}

// explain adds the probable cause and a remedy to the error of a request. before is the
// connection's last error before the request: a server does not respond to a request without
// permission, but reports it as an error of the connection. timeout is the time that the
// request was given.
func (s *stream) explain(err, before error, timeout time.Duration) error {
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w: no server with JetStream can be reached from this account", err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		if denied := s.denied(before, s.name, cmp.Or(s.nc.Opts.InboxPrefix, nats.InboxPrefix)); denied != nil {
			return denied
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: no answer within %v; if the servers are well and the link is slow, use a longer WithTimeout", err, timeout)
	}
	return err
}

// denied returns the connection's last error if the error is newer than before and is about a
// missing permission for a subject that contains one of parts. Otherwise it returns nil.
func (s *stream) denied(before error, parts ...string) error {
	last := s.nc.LastError()
	if last != before && errors.Is(last, nats.ErrPermissionViolation) &&
		slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(last.Error(), part) }) {
		return last
	}
	return nil
}

// requestMany sends a request and calls receive for every message of the response, until
// receive returns false or an error. A response has at most size messages. requestMany returns
// an error if the next message takes longer than timeout.
func (s *stream) requestMany(ctx context.Context, subject string, request any, size int, timeout time.Duration, receive func(*nats.Msg) (more bool, err error)) error {
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	// A channel of this size drops no message. SubscribeSync would turn a message with the
	// header Status: 503 into an error.
	messages := make(chan *nats.Msg, size+10)
	before := s.nc.LastError()
	inbox := s.nc.NewInbox()
	subscription, err := s.nc.ChanSubscribe(inbox, messages)
	if err != nil {
		return err
	}
	defer func() { _ = subscription.Unsubscribe() }() // fails if the connection was closed
	if err := s.nc.PublishRequest(subject, inbox, data); err != nil {
		return err
	}
	silence := time.NewTimer(timeout)
	defer silence.Stop()
	for {
		select {
		case m := <-messages:
			if more, err := receive(m); !more || err != nil {
				return err
			}
			silence.Reset(timeout)
		case <-silence.C:
			return s.explain(context.DeadlineExceeded, before, timeout)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// batch sends a batched direct get, which any server with the stream answers.
func (s *stream) batch(ctx context.Context, from uint64) (messages []jetstream.RawStreamMsg, err error) {
	request := map[string]any{"seq": from, "next_by_subj": s.prefix + ">", "batch": maxBatch, "max_bytes": maxBatchBytes}
	last := uint64(0)
	err = s.requestMany(ctx, s.api+"DIRECT.GET."+s.name, request, maxBatch+1, s.timeout, func(m *nats.Msg) (bool, error) {
		header := func(name string) string {
			// The stored message may itself have headers with these names: the server appends
			// its own.
			values := m.Header.Values(name)
			if len(values) == 0 {
				return ""
			}
			return values[len(values)-1]
		}
		if header(jetstream.StreamHeader) != s.name { // not a message of the stream: the end, or an error
			switch m.Header.Get("Status") {
			case "204", "404":
				return false, nil
			case "503":
				return false, fmt.Errorf("direct get: %w", nats.ErrNoResponders)
			case "":
				return false, errGap
			}
			return false, fmt.Errorf("direct get: %s %s", m.Header.Get("Status"), m.Header.Get("Description"))
		}
		seq, err1 := strconv.ParseUint(header(jetstream.SequenceHeader), 10, 64)
		at, err2 := time.Parse(time.RFC3339Nano, header(jetstream.TimeStampHeaer))
		// Each message has the sequence of the previous one in a header.
		if err1 != nil || err2 != nil || header(jetstream.LastSequenceHeader) != strconv.FormatUint(last, 10) {
			return false, errGap
		}
		messages = append(messages, jetstream.RawStreamMsg{Subject: header(jetstream.SubjectHeader), Sequence: seq, Header: m.Header, Data: m.Data, Time: at})
		last = seq
		return true, nil
	})
	return messages, err
}

func (s *stream) next(ctx context.Context, from uint64) (*jetstream.RawStreamMsg, error) {
	request, err := json.Marshal(map[string]any{"seq": from, "next_by_subj": s.prefix + ">"})
	if err != nil {
		return nil, err
	}
	timeout, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	before := s.nc.LastError()
	answer, err := s.nc.RequestWithContext(timeout, s.api+"STREAM.MSG.GET."+s.name, request)
	if err != nil {
		return nil, s.explain(err, before, s.timeout)
	}
	var response struct {
		Error   *jetstream.APIError
		Message struct {
			Subject string
			Seq     uint64
			Hdrs    []byte
			Data    []byte
			Time    time.Time
		}
	}
	if err := json.Unmarshal(answer.Data, &response); err != nil {
		return nil, fmt.Errorf("response to STREAM.MSG.GET: %w", err)
	}
	if e := response.Error; e != nil {
		if e.Code == http.StatusNotFound && e.ErrorCode == jetstream.JSErrCodeMessageNotFound {
			return nil, nil
		}
		return nil, e
	}
	m := response.Message
	header := nats.Header{}
	if len(m.Hdrs) > 0 {
		if header, err = nats.DecodeHeadersMsg(m.Hdrs); err != nil {
			header = nats.Header{}
		}
	}
	return &jetstream.RawStreamMsg{Subject: m.Subject, Sequence: m.Seq, Header: header, Data: m.Data, Time: m.Time}, nil
}
