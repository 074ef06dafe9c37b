package natsfeed_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/tests/natstest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestMain(m *testing.M) { natstest.Main(m) }

// The ids of the webhooks in the tests.
var organizations, ids = newIDs(3), newIDs(4)

func newIDs(n int) (all []uuid.UUID) {
	for i := range n {
		all = append(all, uuid.NewSHA1(uuid.NameSpaceOID, []byte(fmt.Sprint(n, i))))
	}
	return all
}

const secret = "not-a-token"

// newWebhook returns a webhook that fires for every event of a project.
func newWebhook(id uuid.UUID, project string) *webhook.Webhook {
	return &webhook.Webhook{ID: id, CreatedAt: time.Unix(1_700_000_000, 0).UTC(), Enabled: true, Description: project,
		TargetURL: "https://chat.example.com/services/" + secret, Events: webhook.EventTypes(), ProjectNamesFilter: []string{project}}
}

func event(project string) webhook.Event {
	return webhook.Event{Type: webhook.DeploymentFailure, ProjectName: project, EnvironmentMode: webhook.Production}
}

// fires reports whether the event of a project fires a webhook.
func fires(x *filter.Index, organizationID, id uuid.UUID, project string) bool {
	for _, w := range x.AppendMatches(nil, organizationID, event(project)) {
		if w.ID == id {
			return true
		}
	}
	return false
}

// reports collects the invalid values that a feed reports.
type reports struct {
	sync.Mutex
	all []natsfeed.Invalid
}

func (r *reports) add(i natsfeed.Invalid) {
	r.Lock()
	defer r.Unlock()
	r.all = append(r.all, i)
}

func (r *reports) take() []natsfeed.Invalid {
	r.Lock()
	defer r.Unlock()
	all := r.all
	r.all = nil
	return all
}

// newBucket creates a bucket with a unique name.
func newBucket(t testing.TB, js jetstream.JetStream, replicas int) (kv jetstream.KeyValue) {
	t.Helper()
	kv, err := natsfeed.OpenBucket(t.Context(), js, uuid.NewString(), replicas)
	require.NoError(t, err)
	return kv
}

func follow(t testing.TB, js jetstream.JetStream, kv jetstream.KeyValue, options ...natsfeed.Option) (*natsfeed.Feed, *reports) {
	t.Helper()
	r := new(reports)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f, err := natsfeed.Follow(ctx, js, kv.Bucket(), append(options, natsfeed.OnInvalid(r.add))...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f, r
}

// put and del call Put and Delete, and return the revision.
func put(t testing.TB, kv jetstream.KeyValue, organizationID uuid.UUID, w *webhook.Webhook) uint64 {
	t.Helper()
	revision, err := natsfeed.Put(t.Context(), kv, organizationID, w)
	require.NoError(t, err)
	return revision
}

func del(t testing.TB, kv jetstream.KeyValue, organizationID, id uuid.UUID) uint64 {
	t.Helper()
	revision, err := natsfeed.Delete(t.Context(), kv, organizationID, id)
	require.NoError(t, err)
	return revision
}

func wait(t testing.TB, f *natsfeed.Feed, revision uint64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	require.NoError(t, f.Wait(ctx, revision))
}

// contents are the webhooks of a bucket by key, as JSON.
type contents map[string]string

func (c contents) put(t testing.TB, organizationID uuid.UUID, w *webhook.Webhook) {
	value, err := json.Marshal(w)
	require.NoError(t, err)
	c[natsfeed.Key(organizationID, w.ID)] = string(value)
}

// contentsOf returns the contents of an index for some organizations.
func contentsOf(t testing.TB, x *filter.Index, organizationIDs ...uuid.UUID) contents {
	c := contents{}
	for _, o := range organizationIDs {
		for w := range x.All(o) {
			c.put(t, o, w)
		}
	}
	return c
}

// requireContents waits until the index has the wanted contents and the feed has been confirmed
// since the call.
func requireContents(t testing.TB, f *natsfeed.Feed, want contents, organizationIDs ...uuid.UUID) {
	t.Helper()
	equal := func() bool {
		x := f.Index()
		return x.Len() == len(want) && maps.Equal(want, contentsOf(t, x, organizationIDs...))
	}
	start := time.Now()
	for !equal() || f.Age() > time.Since(start) {
		if time.Since(start) > time.Minute {
			require.Equal(t, want, contentsOf(t, f.Index(), organizationIDs...), "age %v", f.Age())
		}
		time.Sleep(time.Millisecond)
	}
	require.True(t, equal())
}
