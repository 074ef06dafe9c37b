package natsfeed_test

import (
	"context"
	"encoding/json"
	"errors"
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
	_, err = natsfeed.CreateBucket(t.Context(), closed, kv.Bucket(), 1)
	require.ErrorIs(t, err, natsfeed.ErrRequest)
}

func testCreateBucket(t *testing.T, js jetstream.JetStream) {
	_, err := natsfeed.CreateBucket(t.Context(), js, "not a name", 1)
	require.ErrorIs(t, err, natsfeed.ErrRequest)

	kv := newBucket(t, js, 1)
	status, err := kv.Status(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 64, status.History())
	require.Zero(t, status.TTL())
	again, err := natsfeed.CreateBucket(t.Context(), js, kv.Bucket(), 1)
	require.NoError(t, err)
	require.Equal(t, kv.Bucket(), again.Bucket())
	_, err = natsfeed.CreateBucket(t.Context(), js, kv.Bucket(), 3)
	require.ErrorIs(t, err, natsfeed.ErrBucketConfig)
	require.ErrorContains(t, err, "1 replicas, not 3")

	// It is what the client makes, but for the first sequence.
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
	_, err = natsfeed.CreateBucket(t.Context(), js, plain.Bucket(), 1)
	require.NoError(t, err)

	expiring, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: uuid.NewString(), TTL: time.Hour})
	require.NoError(t, err)
	_, err = natsfeed.CreateBucket(t.Context(), js, expiring.Bucket(), 1)
	require.ErrorContains(t, err, "expire after 1h")
	mirror, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: uuid.NewString(), Mirror: &jetstream.StreamSource{Name: kv.Bucket()}})
	require.NoError(t, err)
	_, err = natsfeed.CreateBucket(t.Context(), js, mirror.Bucket(), 1)
	require.ErrorContains(t, err, "a mirror")
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "KV_slow", Subjects: []string{"$KV.slow.>"}, MaxMsgsPerSubject: 1})
	require.NoError(t, err)
	_, err = natsfeed.CreateBucket(t.Context(), js, "slow", 1)
	require.ErrorContains(t, err, "no direct access")
}

func testPutRefuses(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	w := newWebhook(ids[0], "p")
	w.ProjectNamesFilter = []string{"p", ""}
	revision, err := natsfeed.Put(t.Context(), kv, organizations[0], w)
	require.Zero(t, revision)
	var fault *webhook.FieldError
	require.ErrorAs(t, err, &fault)
	require.Equal(t, "project_names_filter[1]", fault.Field)
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
	w.CreatedAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) // JSON has no such time
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
	require.Equal(t, first+2, del(t, kv, organizations[0], ids[0]), "of what is not there")
	_, err = kv.Get(t.Context(), entry.Key())
	require.ErrorIs(t, err, jetstream.ErrKeyNotFound)
	require.Equal(t, first+3, put(t, kv, organizations[0], w))
	history, err := kv.History(t.Context(), entry.Key())
	require.NoError(t, err)
	require.Len(t, history, 4)
}
