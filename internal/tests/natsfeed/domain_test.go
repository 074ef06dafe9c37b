package natsfeed_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// A feed can follow a bucket in the JetStream domain of a hub, through a leaf server that has a
// domain of its own.
func TestOtherDomain(t *testing.T) {
	start := func(domain string, remotes ...*server.RemoteLeafOpts) (clients, leaves string) {
		options := &server.Options{ServerName: domain, Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true,
			JetStream: true, JetStreamDomain: domain, StoreDir: t.TempDir(),
			LeafNode: server.LeafNodeOpts{Host: "127.0.0.1", Port: server.RANDOM_PORT, Remotes: remotes}}
		s, err := server.NewServer(options)
		require.NoError(t, err)
		s.Start()
		t.Cleanup(s.WaitForShutdown)
		t.Cleanup(s.Shutdown)
		require.True(t, s.ReadyForConnections(time.Minute))
		return s.ClientURL(), fmt.Sprintf("127.0.0.1:%d", options.LeafNode.Port)
	}
	_, hub := start("hub")
	leaf, _ := start("leaf", &server.RemoteLeafOpts{URLs: []*url.URL{{Scheme: "nats-leaf", Host: hub}}})
	nc, err := nats.Connect(leaf)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	domain, err := jetstream.NewWithDomain(nc, "hub")
	require.NoError(t, err)
	prefix, err := jetstream.NewWithAPIPrefix(nc, "$JS.hub.API")
	require.NoError(t, err)
	require.Eventually(t, func() bool { _, err := domain.AccountInfo(t.Context()); return err == nil }, time.Minute, time.Millisecond)
	for name, js := range map[string]jetstream.JetStream{"by its name": domain, "by its prefix": prefix} {
		t.Run(name, func(t *testing.T) {
			t.Run("follow", func(t *testing.T) { testFollow(t, js) })
			t.Run("the end is purged", func(t *testing.T) { testPurgedEnd(t, js) })
		})
	}
	t.Run("a mirror of the same name", func(t *testing.T) {
		kv := newBucket(t, domain, 1)
		put(t, kv, organizations[0], newWebhook(ids[0], "p"))
		local, err := jetstream.New(nc)
		require.NoError(t, err)
		_, err = local.CreateStream(t.Context(), jetstream.StreamConfig{Name: "KV_" + kv.Bucket(), AllowDirect: true,
			Mirror: &jetstream.StreamSource{Name: "KV_" + kv.Bucket(), Domain: "hub"}})
		require.NoError(t, err)
		f, _ := follow(t, local, kv)
		wait(t, f, put(t, kv, organizations[0], newWebhook(ids[1], "p")))
		require.Equal(t, 2, f.Index().Len())
	})
}
