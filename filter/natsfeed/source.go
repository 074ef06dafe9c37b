package natsfeed

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
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

// source is the stream of a bucket.
type source struct {
	options
	js      jetstream.JetStream
	nc      *nats.Conn
	bucket  string
	stream  string // KV_<bucket>
	prefix  string // $KV.<bucket>.
	api     string // of JetStream's requests: $JS.API. unless it is elsewhere
	trouble *trouble
}

func newSource(js jetstream.JetStream, bucket string, o options) source {
	api := jetstream.DefaultAPIPrefix
	switch options := js.Options(); {
	case options.Domain != "":
		api = "$JS." + options.Domain + ".API."
	case options.APIPrefix != "":
		api = strings.TrimSuffix(options.APIPrefix, ".") + "."
	}
	return source{
		options: o,
		js:      js,
		nc:      js.Conn(),
		bucket:  bucket,
		stream:  "KV_" + bucket,
		prefix:  prefixOf(bucket),
		api:     api,
		trouble: &trouble{logger: o.logger.With("bucket", bucket), nc: js.Conn()},
	}
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

// ask asks the leader, when everything up to the revision seen has been applied. A member of
// a group without a leader answers too, with what it knows: that is an error.
func (s source) ask(ctx context.Context, seen uint64) (state, error) {
	request, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	at := time.Now()
	stream, err := s.js.Stream(request, s.stream)
	if err != nil {
		return state{}, s.explain(err)
	}
	info := stream.CachedInfo()
	if info.Cluster != nil && info.Cluster.Leader == "" {
		return state{}, fmt.Errorf("%s has no leader", s.stream)
	}
	return state{at, seen, info.Created, info.State.LastSeq, info.State.NumSubjects, info.State.Msgs == 0, info.Config}, nil
}

// explain adds to an error of a request what it means and what can be done.
func (s source) explain(err error) error {
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w: no server with JetStream can be reached from this account", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: no answer within %v; if the servers are well and the link is slow, use a longer WithTimeout", err, s.timeout)
	}
	return err
}

// lasting reports whether err is a failure of the bucket's or the account's configuration,
// which stays until an administrator changes it. before is the connection's last error
// before the request: a server tells the connection alone that a request was not permitted.
func (s source) lasting(err, before error) bool {
	for _, lasting := range []error{ErrBucketConfig, nats.ErrNoResponders, nats.ErrConnectionClosed, jetstream.ErrInvalidStreamName,
		jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount} {
		if errors.Is(err, lasting) {
			return true
		}
	}
	var answer *jetstream.APIError
	if errors.As(err, &answer) {
		return answer.Code >= 400 && answer.Code < 500
	}
	return s.denied(before, s.stream) || s.denied(before, cmp.Or(s.nc.Opts.InboxPrefix, nats.InboxPrefix))
}

// denied reports whether a server has told the connection, since its last error was
// before, that a subject with this in it is not permitted.
func (s source) denied(before error, subject string) bool {
	last := s.nc.LastError()
	return last != before && errors.Is(last, nats.ErrPermissionViolation) && strings.Contains(last.Error(), subject)
}

// requestMany sends a request and calls each for the messages of the answer, until that
// returns false. An answer has at most size messages; each comes within timeout.
func (s source) requestMany(ctx context.Context, subject string, request any, size int, timeout time.Duration, each func(*nats.Msg) (more bool, err error)) error {
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	// A channel of this size drops nothing, and has no opinion on a message that says
	// "Status: 503", as SubscribeSync has.
	messages := make(chan *nats.Msg, size+10)
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
			return s.explain(context.DeadlineExceeded)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// errGap is returned when the next message of a batch was lost on its way, or has headers
// that the client cannot decode.
var errGap = errors.New("a batch has a gap")

// batch returns messages from a sequence on, in order and without a gap, as some server
// has them. There may be more than it returns, also if there is an error.
func (s source) batch(ctx context.Context, from uint64) (messages []*jetstream.RawStreamMsg, err error) {
	request := map[string]any{"seq": from, "next_by_subj": s.prefix + ">", "batch": maxBatch, "max_bytes": maxBatchBytes}
	last := uint64(0)
	err = s.requestMany(ctx, s.api+"DIRECT.GET."+s.stream, request, maxBatch+1, s.timeout, func(m *nats.Msg) (bool, error) {
		header := func(name string) string {
			// A message may have been stored with headers of these names: the server adds
			// its own after them.
			values := m.Header.Values(name)
			if len(values) == 0 {
				return ""
			}
			return values[len(values)-1]
		}
		if header(jetstream.StreamHeader) != s.stream { // not a message of the stream: the end, or a refusal
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
		messages = append(messages, &jetstream.RawStreamMsg{Subject: header(jetstream.SubjectHeader), Sequence: seq, Header: m.Header, Data: m.Data, Time: at})
		last = seq
		return true, nil
	})
	return messages, err
}

// next asks the leader for the first message from a sequence on, nil if there is none.
func (s source) next(ctx context.Context, from uint64) (*jetstream.RawStreamMsg, error) {
	request, err := json.Marshal(map[string]any{"seq": from, "next_by_subj": s.prefix + ">"})
	if err != nil {
		return nil, err
	}
	timeout, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	answer, err := s.nc.RequestWithContext(timeout, s.api+"STREAM.MSG.GET."+s.stream, request)
	if err != nil {
		return nil, s.explain(err)
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
