package natsfeed_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

func testErrors(t *testing.T, js jetstream.JetStream) {
	_, err := natsfeed.Follow(t.Context(), js, "nothing")
	require.ErrorIs(t, err, natsfeed.ErrBucketNotFound)
	require.EqualError(t, err, "natsfeed: no such bucket: nothing")
	var leaked jetstream.JetStreamError
	require.False(t, errors.As(err, &leaked))

	kv := newBucket(t, js, 1)
	f, _ := follow(t, js, kv)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, f.Wait(ctx, f.Revision()+1), context.DeadlineExceeded)
	require.NoError(t, f.Wait(ctx, f.Revision()))
	waiting := make(chan error)
	go func() { waiting <- f.Wait(context.Background(), f.Revision()+1) }()
	require.NoError(t, f.Close())
	require.ErrorIs(t, <-waiting, natsfeed.ErrClosed)
	require.NoError(t, f.Close())

	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = natsfeed.Follow(done, js, kv.Bucket())
	require.ErrorIs(t, err, context.Canceled)
	revision, err := natsfeed.Put(done, kv, organizations[0], newWebhook(ids[0], "p"))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, natsfeed.ErrRequest)
	require.Zero(t, revision)
	revision, err = natsfeed.Delete(done, kv, organizations[0], ids[0])
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, revision)

	nc, err := nats.Connect(js.Conn().ConnectedUrl())
	require.NoError(t, err)
	closed, err := jetstream.New(nc)
	require.NoError(t, err)
	gone, err := closed.KeyValue(t.Context(), kv.Bucket())
	require.NoError(t, err)
	nc.Close()
	_, err = natsfeed.Put(t.Context(), gone, organizations[0], newWebhook(ids[0], "p"))
	require.ErrorIs(t, err, natsfeed.ErrRequest)
	require.NotErrorIs(t, err, nats.ErrConnectionClosed)
	_, err = natsfeed.OpenBucket(t.Context(), closed, kv.Bucket(), 1)
	require.ErrorIs(t, err, natsfeed.ErrRequest)
}

func testOpenBucket(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	status, err := kv.Status(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 64, status.History())
	require.Zero(t, status.TTL())
	again, err := natsfeed.OpenBucket(t.Context(), js, kv.Bucket(), 1)
	require.NoError(t, err)
	require.Equal(t, kv.Bucket(), again.Bucket())
	_, err = natsfeed.OpenBucket(t.Context(), js, kv.Bucket(), 3)
	require.ErrorIs(t, err, natsfeed.ErrBucketConfig)
	require.ErrorContains(t, err, "1 replicas, not 3")

	// The configuration equals that of a bucket that the NATS client creates, except for the name,
	// the subjects and the first sequence.
	plain, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: uuid.NewString(), History: 64})
	require.NoError(t, err)
	var configs []jetstream.StreamConfig
	for _, bucket := range []string{kv.Bucket(), plain.Bucket()} {
		stream, err := js.Stream(t.Context(), "KV_"+bucket)
		require.NoError(t, err)
		config := stream.CachedInfo().Config
		config.Name, config.Subjects, config.FirstSeq = "", nil, 0
		configs = append(configs, config)
	}
	require.Equal(t, configs[1], configs[0])
	_, err = natsfeed.OpenBucket(t.Context(), js, plain.Bucket(), 1)
	require.NoError(t, err)
}

// testBucketConfig changes one property of a bucket at a time. OpenBucket reports a property that
// Put or Follow cannot work with, and accepts any other.
func testBucketConfig(t *testing.T, js jetstream.JetStream) {
	origin := newBucket(t, js, 1)
	type config = jetstream.StreamConfig
	sealed := func(c *config) { c.Sealed = true }
	for name, tc := range map[string]struct {
		change func(c *config)
		want   string // part of the error; empty if OpenBucket accepts the bucket
	}{
		"nothing":               {func(*config) {}, ""},
		"other subjects":        {func(c *config) { c.Subjects = []string{c.Name + ".>"} }, "subjects KV_"},
		"more subjects":         {func(c *config) { c.Subjects = append(c.Subjects, c.Name) }, ", KV_"},
		"fewer subjects":        {func(c *config) { c.Subjects = []string{strings.TrimSuffix(c.Subjects[0], ">") + "x.>"} }, "not all keys"},
		"retention":             {func(c *config) { c.Retention = jetstream.InterestPolicy }, "retention Interest"},
		"one consumer":          {func(c *config) { c.MaxConsumers = 1 }, "at most 1 consumers"},
		"messages, discard old": {func(c *config) { c.MaxMsgs, c.Discard = 1000, jetstream.DiscardOld }, "discard old"},
		"bytes, discard old":    {func(c *config) { c.MaxBytes, c.Discard = 1<<20, jetstream.DiscardOld }, "discard old"},
		"discard per subject":   {func(c *config) { c.DiscardNewPerSubject = true }, "discard new per subject"},
		"age":                   {func(c *config) { c.MaxAge = time.Hour }, "expire after 1h"},
		"history":               {func(c *config) { c.MaxMsgsPerSubject = -1 }, "unlimited history"},
		"memory":                {func(c *config) { c.Storage = jetstream.MemoryStorage }, "storage Memory"},
		"persist mode":          {func(c *config) { c.PersistMode = jetstream.AsyncPersistMode }, "persist mode Async"},
		"no acknowledgements":   {func(c *config) { c.NoAck = true }, "not acknowledged"},
		"mirror": {func(c *config) {
			c.Subjects, c.Mirror, c.FirstSeq = nil, &jetstream.StreamSource{Name: "KV_" + origin.Bucket()}, 0
		}, "a mirror of KV_"},
		"mirror of the same name": {func(c *config) {
			c.Subjects, c.Mirror, c.FirstSeq = nil, &jetstream.StreamSource{Name: c.Name, Domain: "hub"}, 0
		}, ": a mirror"},
		"sources": {func(c *config) { c.Sources = []*jetstream.StreamSource{{Name: "KV_" + origin.Bucket()}} }, "sources"},
		"sealed":  {sealed, "sealed"},
		"deletes": {func(c *config) { c.DenyDelete = false }, "deletes are not denied"},
		"transform": {func(c *config) {
			c.SubjectTransform = &jetstream.SubjectTransformConfig{Source: c.Subjects[0], Destination: strings.Replace(c.Subjects[0], ">", "x.>", 1)}
		}, "a subject transform"},
		"no direct access":    {func(c *config) { c.AllowDirect = false }, "no direct access"},
		"inactive consumers":  {func(c *config) { c.ConsumerLimits.InactiveThreshold = time.Second }, "limited to 1s without activity"},
		"message TTL":         {func(c *config) { c.AllowMsgTTL = true }, "message TTLs"},
		"delete markers' TTL": {func(c *config) { c.AllowMsgTTL, c.SubjectDeleteMarkerTTL = true, time.Hour }, "delete markers expire after 1h"},
		"counters":            {func(c *config) { c.AllowMsgCounter, c.Discard = true, jetstream.DiscardOld }, "counters"},

		"history of 1":         {func(c *config) { c.MaxMsgsPerSubject = 1 }, ""},
		"first sequence":       {func(c *config) { c.FirstSeq = 0 }, ""},
		"messages":             {func(c *config) { c.MaxMsgs = 1000 }, ""},
		"bytes":                {func(c *config) { c.MaxBytes = 1 << 20 }, ""},
		"discard old":          {func(c *config) { c.Discard = jetstream.DiscardOld }, ""},
		"size":                 {func(c *config) { c.MaxMsgSize = 10_000 }, ""},
		"duplicates":           {func(c *config) { c.Duplicates = time.Hour }, ""},
		"no purges":            {func(c *config) { c.DenyPurge, c.AllowRollup = true, false }, ""},
		"no rollups":           {func(c *config) { c.AllowRollup = false }, ""},
		"compression":          {func(c *config) { c.Compression = jetstream.S2Compression }, ""},
		"republish":            {func(c *config) { c.RePublish = &jetstream.RePublish{Source: ">", Destination: c.Name + ".>"} }, ""},
		"max ack pending":      {func(c *config) { c.ConsumerLimits.MaxAckPending = 1 }, ""},
		"long-lived consumers": {func(c *config) { c.ConsumerLimits.InactiveThreshold = time.Hour }, ""},
		"metadata":             {func(c *config) { c.Metadata = map[string]string{"x": "y"} }, ""},
		"atomic publishing":    {func(c *config) { c.AllowAtomicPublish = true }, ""},
		"fast publishing":      {func(c *config) { c.AllowBatchPublish = true }, ""},
		"scheduled publishing": {func(c *config) { c.AllowMsgSchedules, c.Discard = true, jetstream.DiscardOld }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			made := newBucket(t, js, 1)
			stream, err := js.Stream(t.Context(), "KV_"+made.Bucket())
			require.NoError(t, err)
			config := stream.CachedInfo().Config
			require.NoError(t, js.DeleteStream(t.Context(), config.Name))
			tc.change(&config)
			isSealed := config.Sealed
			config.Sealed = false
			_, err = js.CreateStream(t.Context(), config)
			require.NoError(t, err)
			if isSealed {
				config.Sealed = true
				_, err = js.UpdateStream(t.Context(), config)
				require.NoError(t, err)
			}
			kv, err := natsfeed.OpenBucket(t.Context(), js, made.Bucket(), 1)
			if tc.want != "" {
				require.ErrorIs(t, err, natsfeed.ErrBucketConfig)
				require.ErrorContains(t, err, tc.want)
				require.Nil(t, kv)
				return
			}
			require.NoError(t, err)
			f, _ := follow(t, js, kv)
			wait(t, f, put(t, kv, organizations[0], newWebhook(ids[0], "p")))
			wait(t, f, del(t, kv, organizations[0], ids[0]))
			require.Zero(t, f.Index().Len())
		})
	}
}

// wrapped is a KeyValue of another type, for example one that measures calls.
type wrapped struct{ jetstream.KeyValue }

// opaque is a KeyValue whose status is of another type, too.
type opaque struct{ jetstream.KeyValue }

type opaqueStatus struct{ jetstream.KeyValueStatus }

func (o opaque) Status(ctx context.Context) (jetstream.KeyValueStatus, error) {
	status, err := o.KeyValue.Status(ctx)
	return opaqueStatus{status}, err
}

// A Delete that cannot return a revision deletes nothing.
func testDeleteRefuses(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	revision := put(t, kv, organizations[0], newWebhook(ids[0], "p"))
	mirror, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: uuid.NewString(), Mirror: &jetstream.StreamSource{Name: kv.Bucket()}})
	require.NoError(t, err)
	_, err = natsfeed.Delete(t.Context(), opaque{kv}, organizations[0], ids[0])
	require.ErrorContains(t, err, "the status of type natsfeed_test.opaqueStatus has no method StreamInfo")
	_, err = natsfeed.Delete(t.Context(), mirror, organizations[0], ids[0])
	require.ErrorIs(t, err, natsfeed.ErrBucketConfig)
	require.ErrorContains(t, err, "a mirror")
	_, err = kv.Get(t.Context(), natsfeed.Key(organizations[0], ids[0]))
	require.NoError(t, err)
	require.Equal(t, revision+1, del(t, wrapped{kv}, organizations[0], ids[0]))
}

func testPutRefuses(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	w := newWebhook(ids[0], "p")
	w.ProjectNamesFilter = []string{"p", ""}
	revision, err := natsfeed.Put(t.Context(), kv, organizations[0], w)
	require.Zero(t, revision)
	var fieldErr *webhook.FieldError
	require.ErrorAs(t, err, &fieldErr)
	require.Equal(t, "project_names_filter[1]", fieldErr.Field)
	w.ID = uuid.Nil
	_, err = natsfeed.Put(t.Context(), kv, uuid.Nil, w)
	require.EqualError(t, err, "organization_id: required; id: required; project_names_filter[1]: empty")
	_, err = natsfeed.Put(t.Context(), kv, organizations[0], nil)
	require.EqualError(t, err, "webhook: required")
	w = newWebhook(ids[0], "p")
	w.TargetURL, w.Events = "https://chat.example.com/\xff"+secret, []webhook.EventType{"\xff"}
	_, err = natsfeed.Put(t.Context(), kv, organizations[0], w)
	require.EqualError(t, err, `target_url: not valid UTF-8; events[0] "\xff": not valid UTF-8`)
	w = newWebhook(ids[0], "p")
	w.CreatedAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) // RFC 3339 cannot represent this time
	revision, err = natsfeed.Put(t.Context(), kv, organizations[0], w)
	require.ErrorContains(t, err, "natsfeed: ")
	require.Zero(t, revision)
	status, err := kv.Status(t.Context())
	require.NoError(t, err)
	require.Zero(t, status.Values())
}

func testRevisions(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	w := newWebhook(ids[0], "p")
	first := put(t, kv, organizations[0], w)
	entry, err := kv.Get(t.Context(), organizations[0].String()+"."+ids[0].String())
	require.NoError(t, err)
	require.Equal(t, first, entry.Revision())
	want, err := json.Marshal(w)
	require.NoError(t, err)
	require.Equal(t, string(want), string(entry.Value()))
	require.Equal(t, first+1, del(t, kv, organizations[0], ids[0]))
	require.Equal(t, first+2, del(t, kv, organizations[0], ids[0]), "Delete of a webhook that does not exist")
	_, err = kv.Get(t.Context(), entry.Key())
	require.ErrorIs(t, err, jetstream.ErrKeyNotFound)
	require.Equal(t, first+3, put(t, kv, organizations[0], w))
	history, err := kv.History(t.Context(), entry.Key())
	require.NoError(t, err)
	require.Len(t, history, 4)
}
