package natsfeed_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// The tests of this file are about feeds that can never follow a bucket: Follow returns the reason
// long before its context is done. TestPermissions also has users whose feeds work.

// serve runs a server in this process, on loopback.
func serve(t *testing.T, options *server.Options) (url string) {
	t.Helper()
	options.Host, options.Port, options.NoSigs, options.NoLog, options.StoreDir = "127.0.0.1", server.RANDOM_PORT, true, true, t.TempDir()
	s, err := server.NewServer(options)
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	require.True(t, s.ReadyForConnections(time.Minute))
	return s.ClientURL()
}

func connect(t *testing.T, url string, options ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url, options...)
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	return js
}

// followFails returns the error of a Follow that ends before its context.
func followFails(t *testing.T, js jetstream.JetStream, bucket string, options ...natsfeed.Option) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	f, err := natsfeed.Follow(ctx, js, bucket, append([]natsfeed.Option{natsfeed.WithTimeout(200 * time.Millisecond), natsfeed.WithInterval(time.Millisecond)}, options...)...)
	require.Error(t, err)
	require.Nil(t, f)
	require.NoError(t, ctx.Err(), "%v", err)
	return err
}

func testOtherStreams(t *testing.T, js jetstream.JetStream) {
	origin := newBucket(t, js, 1)
	put(t, origin, organizations[0], newWebhook(ids[0], "p"))
	for name, tc := range map[string]struct {
		change func(c *jetstream.StreamConfig)
		want   string
	}{
		"other subjects":   {func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, c.Name+".x") }, ".x, not $KV."},
		"no direct access": {func(c *jetstream.StreamConfig) { c.AllowDirect = false }, "no direct access"},
		"a mirror of another bucket": {func(c *jetstream.StreamConfig) {
			c.Subjects, c.Mirror = nil, &jetstream.StreamSource{Name: "KV_" + origin.Bucket()}
		}, "a mirror of KV_"},
		"messages from another bucket": {func(c *jetstream.StreamConfig) {
			c.Sources = []*jetstream.StreamSource{{Name: "KV_" + origin.Bucket()}}
		}, "messages whose subjects do not begin with $KV."},
		"a queue":               {func(c *jetstream.StreamConfig) { c.Retention = jetstream.WorkQueuePolicy }, "retention WorkQueue"},
		"short-lived consumers": {func(c *jetstream.StreamConfig) { c.ConsumerLimits.InactiveThreshold = time.Second }, "limited to 1s without activity"},
		"no further consumer":   {func(c *jetstream.StreamConfig) { c.MaxConsumers = 1 }, "maximum consumers limit reached"},
	} {
		t.Run(name, func(t *testing.T) {
			bucket := uuid.NewString()
			config := jetstream.StreamConfig{Name: "KV_" + bucket, Subjects: []string{"$KV." + bucket + ".>"}, MaxMsgsPerSubject: 1, AllowDirect: true}
			tc.change(&config)
			stream, err := js.CreateStream(t.Context(), config)
			require.NoError(t, err)
			if config.MaxConsumers > 0 {
				_, err := stream.CreateConsumer(t.Context(), jetstream.ConsumerConfig{Durable: "it"})
				require.NoError(t, err)
			}
			if config.Mirror == nil {
				_, err = js.Publish(t.Context(), "$KV."+bucket+".x", nil)
				require.NoError(t, err)
			}
			if config.Sources != nil {
				require.Eventually(t, func() bool {
					info, err := stream.Info(t.Context())
					return err == nil && info.State.NumSubjects == 2
				}, time.Minute, time.Millisecond)
			}
			err = followFails(t, js, bucket, natsfeed.OnInvalid(func(natsfeed.Invalid) {}))
			require.ErrorContains(t, err, tc.want)
			if config.MaxConsumers == 0 {
				require.ErrorIs(t, err, natsfeed.ErrBucketConfig)
			}
		})
	}
}

// An invalid bucket name is refused before any request: a subscription with it could close the
// connection.
func testNames(t *testing.T, js jetstream.JetStream) {
	for _, bucket := range []string{">", "*", "", "a b", "a.b", "ä", "a\n", "a\r\nPING"} {
		t.Run(bucket, func(t *testing.T) {
			own := connect(t, js.Conn().ConnectedUrl(), nats.NoReconnect())
			want := fmt.Sprintf("natsfeed: bucket name %q: want letters, digits, '_' and '-'", bucket)
			require.EqualError(t, followFails(t, own, bucket, natsfeed.WithTimeout(time.Hour)), want)
			_, err := natsfeed.OpenBucket(t.Context(), own, bucket, 1)
			require.EqualError(t, err, want)
			require.NoError(t, own.Conn().Flush())
			require.NoError(t, own.Conn().LastError())
			require.Zero(t, own.Conn().Stats().OutMsgs)
			require.Zero(t, own.Conn().NumSubscriptions())
			newBucket(t, own, 1)
		})
	}
}

// Follow returns an error if the server or the account has no JetStream, or if the connection is
// closed.
func TestNoJetStream(t *testing.T) {
	t.Parallel()
	err := followFails(t, connect(t, serve(t, &server.Options{})), "b")
	require.ErrorIs(t, err, natsfeed.ErrRequest)
	require.ErrorContains(t, err, "no server with JetStream")

	poor := server.NewAccount("poor")
	url := serve(t, &server.Options{JetStream: true, Accounts: []*server.Account{poor},
		Users: []*server.User{{Username: "ann", Password: "pass", Account: poor}}})
	err = followFails(t, connect(t, url, nats.UserInfo("ann", "pass")), "b")
	require.ErrorIs(t, err, natsfeed.ErrRequest)
	require.ErrorContains(t, err, "JetStream not enabled for account")

	js := connect(t, url, nats.UserInfo("ann", "pass"))
	js.Conn().Close()
	require.ErrorContains(t, followFails(t, js, "b"), "connection closed")
}

// If the user lacks a permission that a feed needs, Follow's error names it. A feed works without
// announcements, and logs once that it does.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const bucket = "b"
	denied := map[string]server.Permissions{
		"Publish to \"$JS.API.STREAM.INFO.KV_b\"":   {Publish: &server.SubjectPermission{Deny: []string{"$JS.API.STREAM.INFO.>"}}},
		"Publish to \"$JS.API.DIRECT.GET.KV_b\"":    {Publish: &server.SubjectPermission{Deny: []string{"$JS.API.DIRECT.GET.>"}}},
		"Publish to \"$JS.API.CONSUMER.CREATE.KV_b": {Publish: &server.SubjectPermission{Deny: []string{"$JS.API.CONSUMER.>"}}},
		"Subscription to \"_INBOX.":                 {Subscribe: &server.SubjectPermission{Deny: []string{"_INBOX.>"}}},
		"no announcements":                          {Subscribe: &server.SubjectPermission{Deny: []string{"$KV.>"}}},
	}
	denied["only the needed permissions"] = server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{"$JS.API.STREAM.INFO.KV_b", "$JS.API.DIRECT.GET.KV_b", "$JS.API.STREAM.MSG.GET.KV_b",
			"$JS.API.CONSUMER.*.KV_b.>", "$JS.API.CONSUMER.MSG.NEXT.KV_b.*"}},
		Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>", "$KV.b.>"}},
	}
	users := []*server.User{{Username: "admin", Password: "pass"}}
	for name, permissions := range denied {
		users = append(users, &server.User{Username: fmt.Sprintf("%x", name), Password: "pass", Permissions: &permissions})
	}
	url := serve(t, &server.Options{JetStream: true, Users: users})
	admin := connect(t, url, nats.UserInfo("admin", "pass"))
	kv, err := natsfeed.OpenBucket(t.Context(), admin, bucket, 1)
	require.NoError(t, err)
	last := put(t, kv, organizations[0], newWebhook(ids[0], "p"))
	for name := range denied {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			js := connect(t, url, nats.UserInfo(fmt.Sprintf("%x", name), "pass"))
			if name != "no announcements" && name != "only the needed permissions" {
				// Creating a consumer may take many timeouts, but a missing permission ends it
				// after one.
				err := followFails(t, js, bucket, natsfeed.WithTimeout(4*time.Second))
				require.ErrorIs(t, err, natsfeed.ErrRequest)
				require.ErrorContains(t, err, "; the connection is CONNECTED, its last error: nats: permissions violation: Permissions Violation for "+name)
				require.NotErrorIs(t, err, nats.ErrPermissionViolation)
				require.NotContains(t, err.Error(), "WithTimeout")
				return
			}
			log := new(logs)
			f, _ := follow(t, js, kv, natsfeed.WithLogger(log.logger()))
			wait(t, f, last)
			wait(t, f, put(t, kv, organizations[0], newWebhook(ids[1], "p")))
			want := 0
			if name == "no announcements" {
				want = 1
			}
			require.Equal(t, want, log.count("changes are not announced"), log)
			require.NoError(t, f.Close())
			require.NoError(t, js.Conn().Flush())
			if want == 0 {
				require.NoError(t, js.Conn().LastError())
			}
		})
	}
}
