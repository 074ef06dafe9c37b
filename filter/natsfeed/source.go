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

// maxBatch and maxBatchBytes bound the answer to one request.
const (
	maxBatch      = 1000
	maxBatchBytes = 8 << 20
)

// source is the stream of a bucket, as the servers that keep it answer. [Feed] is written
// against it, so that tests may script the answers.
type source interface {
	// ask asks the stream's leader, when everything up to the revision seen has been applied.
	ask(ctx context.Context, seen uint64) (state, error)
	// batch returns messages from a sequence on, in order and without a gap, as some server
	// has them. There may be more than it returns, also if there is an error. It returns
	// errGap if next has to be asked for the message that follows.
	batch(ctx context.Context, from uint64) ([]jetstream.RawStreamMsg, error)
	// next asks the leader for the first message from a sequence on, nil if there is none.
	next(ctx context.Context, from uint64) (*jetstream.RawStreamMsg, error)
	// consume calls apply for the last version of each key, in the order of the sequences,
	// until it has reached the sequence last. It may stop before that without an error.
	consume(ctx context.Context, last uint64, apply func(jetstream.RawStreamMsg)) error
	// listen calls announced for each message that is published to the bucket, until ctx is
	// done or there will be no more. It releases what the source has subscribed to.
	listen(ctx context.Context, announced func())
	// refused returns the error if the servers refuse to announce messages. It is known once
	// they have answered a request.
	refused() error
	// status returns the status of the connection to the servers, and its last error.
	status() string
}

// state is what the stream's leader says of it.
type state struct {
	at       time.Time // when it was asked
	seen     uint64    // the revision that had been applied then
	created  time.Time
	last     uint64 // the last sequence given, whether or not its message is still there
	subjects uint64 // keys that have a message, which may be a delete marker
	empty    bool   // there is no message at all
	config   jetstream.StreamConfig
}

// errGap is returned when the next message of a batch was lost on its way, or has headers
// that the client cannot decode.
var errGap = errors.New("a batch has a gap")

// stream is the source of a feed that is not a test's.
type stream struct {
	js      jetstream.JetStream
	nc      *nats.Conn
	name    string // KV_<bucket>
	prefix  string // $KV.<bucket>.
	api     string // of JetStream's requests: $JS.API. unless it is elsewhere
	timeout time.Duration
	changes *nats.Subscription
	before  error // the connection's last error before it subscribed to changes
}

// newStream subscribes to the changes of a bucket: what is published from then on is
// announced.
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
		announced() // also if there is an error: some were dropped, or the message says "Status: 503"
	}
}

// refused returns the error if the servers refused the subscription to changes. Servers
// answer in order: a refusal comes before the answer to a later request.
func (s *stream) refused() error { return s.denied(s.before, s.prefix) }

func (s *stream) status() string {
	if last := s.nc.LastError(); last != nil {
		return fmt.Sprintf("%v, its last error: %v", s.nc.Status(), last)
	}
	return s.nc.Status().String()
}

// ask returns an error if the group of the stream has no leader: a member answers then, with
// what it knows.
func (s *stream) ask(ctx context.Context, seen uint64) (state, error) {
	request, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	before, at := s.nc.LastError(), time.Now()
	stream, err := s.js.Stream(request, s.name)
	if err != nil {
		return state{}, s.explain(err, before)
	}
	info := stream.CachedInfo()
	if info.Cluster != nil && info.Cluster.Leader == "" {
		return state{}, fmt.Errorf("%s has no leader", s.name)
	}
	return state{at, seen, info.Created, info.State.LastSeq, info.State.NumSubjects, info.State.Msgs == 0, info.Config}, nil
}

// explain adds to an error of a request what it means and what can be done. before is the
// connection's last error before the request: a server tells the connection alone that a
// request was not permitted, which then has no answer.
func (s *stream) explain(err, before error) error {
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w: no server with JetStream can be reached from this account", err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		if denied := s.denied(before, s.name, cmp.Or(s.nc.Opts.InboxPrefix, nats.InboxPrefix)); denied != nil {
			return denied
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w: no answer within %v; if the servers are well and the link is slow, use a longer WithTimeout", err, s.timeout)
	}
	return err
}

// denied returns the connection's last error if it is another one than before and says that
// a subject that contains one of parts is not permitted.
func (s *stream) denied(before error, parts ...string) error {
	last := s.nc.LastError()
	if last != before && errors.Is(last, nats.ErrPermissionViolation) &&
		slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(last.Error(), part) }) {
		return last
	}
	return nil
}

// requestMany sends a request and calls each for the messages of the answer, until that
// returns false. An answer has at most size messages; each comes within timeout.
func (s *stream) requestMany(ctx context.Context, subject string, request any, size int, timeout time.Duration, each func(*nats.Msg) (more bool, err error)) error {
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	// A channel of this size drops nothing, and has no opinion on a message that says
	// "Status: 503", as SubscribeSync has.
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
			if more, err := each(m); !more || err != nil {
				return err
			}
			silence.Reset(timeout)
		case <-silence.C:
			return s.explain(context.DeadlineExceeded, before)
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
			// A message may have been stored with headers of these names: the server adds
			// its own after them.
			values := m.Header.Values(name)
			if len(values) == 0 {
				return ""
			}
			return values[len(values)-1]
		}
		if header(jetstream.StreamHeader) != s.name { // not a message of the stream: the end, or a refusal
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
		// Each message names the one before it.
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
		return nil, s.explain(err, before)
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
		return nil, err
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
