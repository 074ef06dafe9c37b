package natsfeed

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

const (
	// patience is how long one request may take. A server that dies takes the requests
	// that it had with it, and nobody says so.
	patience = 250 * time.Millisecond
	// maxBatch and maxBatchBytes bound one direct get; the latter is less than what a
	// subscription of the client holds.
	maxBatch      = 1000
	maxBatchBytes = 8 << 20
)

// source is the stream of a bucket.
type source struct {
	js     jetstream.JetStream
	stream string // KV_<bucket>
	prefix string // $KV.<bucket>.
	api    string // of JetStream's requests, $JS.API unless it is elsewhere
}

func newSource(js jetstream.JetStream, bucket string) (source, error) {
	options, api := js.Options(), jetstream.DefaultAPIPrefix
	var err error
	if options.Domain != "" {
		// jetstreamext asks at another address than jetstream if there is a domain.
		api = "$JS." + options.Domain + ".API"
		js, err = jetstream.NewWithAPIPrefix(js.Conn(), api)
	} else if options.APIPrefix != "" {
		api = options.APIPrefix
	}
	return source{js, "KV_" + bucket, prefixOf(bucket), strings.TrimSuffix(api, ".")}, err
}

// state is what the stream's leader says of it.
type state struct {
	at          time.Time // when it was asked
	seen        uint64    // the revision that had been applied then
	created     time.Time
	last        uint64 // the last sequence given, whether or not its message is still there
	subjects    uint64 // keys that have a message, be it a delete marker
	subjectless bool   // no message at all
	handle      jetstream.Stream
}

// ask asks the leader, when all up to the revision seen has been applied. A member of a
// group that has none answers too, with what it knows: that is an error.
func (s source) ask(ctx context.Context, seen uint64) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	at := time.Now()
	handle, err := s.js.Stream(ctx, s.stream)
	if err != nil {
		return state{}, err
	}
	info := handle.CachedInfo()
	if info.Cluster != nil && info.Cluster.Leader == "" {
		return state{}, fmt.Errorf("%s has no leader", s.stream)
	}
	return state{at, seen, info.Created, info.State.LastSeq, info.State.NumSubjects, info.State.Msgs == 0, handle}, nil
}

// batch returns messages from a sequence on, in order and without a gap, as some
// server has them. There may be more than it returns.
func (s source) batch(ctx context.Context, from uint64) (messages []*jetstream.RawStreamMsg, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	all, err := jetstreamext.GetBatch(ctx, s.js, s.stream, maxBatch, jetstreamext.GetBatchSeq(from),
		jetstreamext.GetBatchSubject(s.prefix+">"), jetstreamext.GetBatchMaxBytes(maxBatchBytes))
	if err != nil {
		return nil, err
	}
	last := uint64(0)
	for m, err := range all {
		if err != nil || !follows(m, last) {
			return messages, err
		}
		messages, last = append(messages, m), m.Sequence
	}
	return messages, nil
}

// follows reports whether m is the message after last in a batch. A slow client drops
// messages, so each names the one before it. A message that was published with headers
// of the same names would say what it likes: the server's come after them.
func follows(m *jetstream.RawStreamMsg, last uint64) bool {
	for _, name := range []string{jetstream.SubjectHeader, jetstream.SequenceHeader, jetstream.TimeStampHeaer, jetstream.LastSequenceHeader} {
		if len(m.Header.Values(name)) != 1 {
			return false
		}
	}
	return m.Header.Get(jetstream.LastSequenceHeader) == strconv.FormatUint(last, 10)
}

// next asks the leader for the first message from a sequence on, nil if there is none.
func (s source) next(ctx context.Context, from uint64) (*jetstream.RawStreamMsg, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	request, err := json.Marshal(map[string]any{"seq": from, "next_by_subj": s.prefix + ">"})
	if err != nil {
		return nil, err
	}
	answer, err := s.js.Conn().RequestWithContext(ctx, s.api+".STREAM.MSG.GET."+s.stream, request)
	if err != nil {
		return nil, err
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
