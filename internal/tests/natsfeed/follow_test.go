package natsfeed_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
)

// TestOneServer runs the tests that can share one server.
func TestOneServer(t *testing.T) {
	t.Parallel()
	js := natstest.Start(t, 1).Connect()
	for name, test := range map[string]func(*testing.T, jetstream.JetStream){
		"OpenBucket":                      testOpenBucket,
		"bucket config":                   testBucketConfig,
		"Delete cannot return a revision": testDeleteRefuses,
		"Put of an invalid webhook":       testPutRefuses,
		"revisions":                       testRevisions,
		"follow":                          testFollow,
		"follow during writes":            testFollowDuringWrites,
		"purged end":                      testPurgedEnd,
		"purged keys":                     testPurgedKeys,
		"invalid values":                  testInvalid,
		"spoofed headers":                 testSpoofed,
		"copied messages":                 testCopied,
		"broken headers":                  testBrokenHeaders,
		"read your writes":                testReadYourWrites,
		"Wait":                            testWait,
		"recreated":                       testRecreated,
		"recreated at once":               testRecreatedAtOnce,
		"errors":                          testErrors,
		"streams that cannot be followed": testOtherStreams,
		"invalid names":                   testNames,
		"Close":                           testClose,
		"equal to the model":              testModel,
		"a message is lost":               testGap,
		"a message is lost during a load": testLoadGap,
		"webhooks change during a load":   testLoadChanging,
		"no leader":                       testNoLeader,
		"requests without a response":     testSilent,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, js)
		})
	}
}

func testFollow(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	empty, _ := follow(t, js, kv)
	require.Zero(t, empty.Index().Len())
	want := contents{}
	var last uint64
	for i := range 3 {
		for _, o := range organizations {
			for _, id := range ids {
				w := newWebhook(id, fmt.Sprint("p", i))
				last = put(t, kv, o, w)
				want.put(t, o, w)
			}
		}
	}
	last = max(last, del(t, kv, organizations[0], ids[0]))
	delete(want, natsfeed.Key(organizations[0], ids[0]))
	require.NoError(t, kv.Purge(t.Context(), natsfeed.Key(organizations[1], ids[1])))
	last++
	delete(want, natsfeed.Key(organizations[1], ids[1]))

	full, r := follow(t, js, kv)
	require.Equal(t, want, contentsOf(t, full.Index(), organizations...))
	require.Equal(t, last, full.Revision())
	require.Empty(t, r.take())
	wait(t, empty, last)
	require.Equal(t, want, contentsOf(t, empty.Index(), organizations...))
	require.True(t, fires(full.Index(), organizations[2], ids[0], "p2"))
	require.False(t, fires(full.Index(), organizations[2], ids[0], "p1"))
	requireContents(t, full, want, organizations...)
	requireContents(t, empty, want, organizations...)
}

// Feeds that start while clients write have every webhook that was written before they started.
func testFollowDuringWrites(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var written sync.Map // id to revision
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for ctx.Err() == nil {
				w := newWebhook(uuid.New(), "p")
				if revision, err := natsfeed.Put(ctx, kv, organizations[0], w); err == nil {
					written.Store(w.ID, revision)
				}
			}
		})
	}
	for range 10 {
		var before []uuid.UUID
		written.Range(func(id, _ any) bool { before = append(before, id.(uuid.UUID)); return true })
		f, _ := follow(t, js, kv)
		x := f.Index()
		for _, id := range before {
			_, ok := x.Get(organizations[0], id)
			require.True(t, ok)
		}
		revision := f.Revision()
		written.Range(func(id, r any) bool {
			if _, ok := x.Get(organizations[0], id.(uuid.UUID)); !ok && r.(uint64) <= revision {
				t.Errorf("webhook %s of revision %d is missing at revision %d", id, r, revision)
			}
			return true
		})
	}
	cancel()
	all.Wait()
}

// A feed becomes current even if the message with the last sequence was purged.
func testPurgedEnd(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	f, _ := follow(t, js, kv)
	want := contents{}
	w := newWebhook(ids[0], "p")
	put(t, kv, organizations[0], w)
	want.put(t, organizations[0], w)
	put(t, kv, organizations[0], newWebhook(ids[1], "p"))
	last := del(t, kv, organizations[0], ids[1])
	require.NoError(t, kv.PurgeDeletes(t.Context(), jetstream.DeleteMarkersOlderThan(-1)))
	late, _ := follow(t, js, kv)
	for _, f := range []*natsfeed.Feed{f, late} {
		wait(t, f, last)
		requireContents(t, f, want, organizations...)
	}
	last = put(t, kv, organizations[0], newWebhook(ids[1], "p"))
	wait(t, late, last)
	require.True(t, fires(late.Index(), organizations[0], ids[1], "p"))
}

// A feed notices keys that are purged without a message: one key, and then the whole stream.
func testPurgedKeys(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	for _, id := range ids {
		put(t, kv, organizations[0], newWebhook(id, "p"))
	}
	f, _ := follow(t, js, kv)
	require.Equal(t, len(ids), f.Index().Len())
	stream, err := js.Stream(t.Context(), "KV_"+kv.Bucket())
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context(), jetstream.WithPurgeSubject("$KV."+kv.Bucket()+"."+natsfeed.Key(organizations[0], ids[0]))))
	want := contents{}
	for _, id := range ids[1:] {
		want.put(t, organizations[0], newWebhook(id, "p"))
	}
	requireContents(t, f, want, organizations...)
	require.NoError(t, stream.Purge(t.Context()))
	requireContents(t, f, contents{}, organizations...)
	last := put(t, kv, organizations[0], newWebhook(ids[0], "p"))
	wait(t, f, last)
	require.True(t, fires(f.Index(), organizations[0], ids[0], "p"))
}

// If the feed cannot follow the bucket when the context of Wait is done, the error of Wait contains
// the reason.
func testWait(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	log := new(logs)
	f, _ := follow(t, js, kv, natsfeed.WithLogger(log.logger()), natsfeed.WithTimeout(time.Minute))
	done, cancel := context.WithCancel(t.Context())
	cancel()
	revision := f.Revision() + 1
	want := fmt.Sprintf("natsfeed: wait for revision %d: context canceled", revision)
	confirmedAgain(t, f)
	require.EqualError(t, f.Wait(done, revision), want)

	require.NoError(t, js.DeleteKeyValue(t.Context(), kv.Bucket()))
	require.Eventually(t, func() bool { return log.count("cannot follow") == 1 }, time.Minute, time.Millisecond)
	err := f.Wait(done, revision)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, natsfeed.ErrBucketNotFound)
	require.EqualError(t, err, want+": natsfeed: no such bucket: "+kv.Bucket())

	_, err = natsfeed.OpenBucket(t.Context(), js, kv.Bucket(), 1)
	require.NoError(t, err)
	confirmedAgain(t, f)
	revision = f.Revision() + 1
	require.EqualError(t, f.Wait(done, revision), fmt.Sprintf("natsfeed: wait for revision %d: context canceled", revision))
}

func testRecreated(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	for _, id := range ids {
		put(t, kv, organizations[0], newWebhook(id, "old"))
	}
	old := put(t, kv, organizations[1], newWebhook(ids[0], "old"))
	f, _ := follow(t, js, kv)
	before := f.Index()
	require.NoError(t, js.DeleteKeyValue(t.Context(), kv.Bucket()))
	// The index does not change while there is no bucket.
	done, cancel := context.WithCancel(t.Context())
	cancel()
	require.Eventually(t, func() bool { return errors.Is(f.Wait(done, old+1), natsfeed.ErrBucketNotFound) }, time.Minute, time.Millisecond)
	require.Equal(t, len(ids)+1, f.Index().Len())

	kv, err := natsfeed.OpenBucket(t.Context(), js, kv.Bucket(), 1)
	require.NoError(t, err)
	w := newWebhook(ids[0], "new")
	revision := put(t, kv, organizations[0], w)
	require.Greater(t, revision, old)
	wait(t, f, revision)
	want := contents{}
	want.put(t, organizations[0], w)
	require.Equal(t, want, contentsOf(t, f.Index(), organizations...))
	require.NotSame(t, before, f.Index())
	require.Equal(t, len(ids)+1, before.Len(), "the old index has changed")
}

// A feed notices that a bucket was recreated even if the new bucket, whose revisions start at 1,
// has a higher revision than the old one by then.
func testRecreatedAtOnce(t *testing.T, js jetstream.JetStream) {
	for range 5 {
		config := jetstream.KeyValueConfig{Bucket: uuid.NewString(), History: 5}
		kv, err := js.CreateKeyValue(t.Context(), config)
		require.NoError(t, err)
		for _, id := range ids {
			put(t, kv, organizations[0], newWebhook(id, "old"))
		}
		f, _ := follow(t, js, kv)
		before := f.Index()
		require.NoError(t, js.DeleteKeyValue(t.Context(), config.Bucket))
		kv, err = js.CreateKeyValue(t.Context(), config)
		require.NoError(t, err)
		want := contents{}
		w := newWebhook(ids[0], "new")
		for range 2 * len(ids) {
			put(t, kv, organizations[1], w)
		}
		want.put(t, organizations[1], w)
		requireContents(t, f, want, organizations...)
		require.NotSame(t, before, f.Index())
		for range before.All(organizations[1]) {
			require.Fail(t, "the new bucket's webhook is in the old index")
		}
	}
}

// A client that waits for the revision of its change then finds the change in the index.
func testReadYourWrites(t *testing.T, js jetstream.JetStream) {
	kv := newBucket(t, js, 1)
	f, _ := follow(t, js, kv)
	errs := make(chan error, len(ids))
	for _, id := range ids {
		go func() {
			errs <- func() error {
				for i := range 100 {
					w := newWebhook(id, fmt.Sprint("p", i))
					revision, err := natsfeed.Put(t.Context(), kv, organizations[0], w)
					if err == nil {
						err = f.Wait(t.Context(), revision)
					}
					if err != nil {
						return err
					}
					if !fires(f.Index(), organizations[0], id, w.Description) {
						return fmt.Errorf("version %d is not in the index after Wait", i)
					}
					if i%10 == 9 {
						if revision, err = natsfeed.Delete(t.Context(), kv, organizations[0], id); err == nil {
							err = f.Wait(t.Context(), revision)
						}
						if err != nil {
							return err
						}
						if _, ok := f.Index().Get(organizations[0], id); ok {
							return fmt.Errorf("version %d is in the index after its deletion", i)
						}
					}
				}
				return nil
			}()
		}()
	}
	for range ids {
		require.NoError(t, <-errs)
	}
}
