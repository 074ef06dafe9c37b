package natsfeed_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

// embeddedJetStream runs a server in this process, which only the returned client reaches.
func embeddedJetStream() (js jetstream.JetStream, stop func()) {
	folder, err := os.MkdirTemp("", "natsfeed-example-")
	if err != nil {
		log.Fatal(err)
	}
	s, err := server.NewServer(&server.Options{JetStream: true, StoreDir: folder, DontListen: true, NoSigs: true, NoLog: true})
	if err != nil {
		log.Fatal(err)
	}
	s.Start()
	nc, err := nats.Connect("", nats.InProcessServer(s))
	if err != nil {
		log.Fatal(err)
	}
	if js, err = jetstream.New(nc); err != nil {
		log.Fatal(err)
	}
	return js, func() {
		nc.Close()
		s.Shutdown()
		s.WaitForShutdown()
		_ = os.RemoveAll(folder)
	}
}

func Example() {
	js, stop := embeddedJetStream() // jetstream.New(nc) in a program
	defer stop()
	ctx := context.Background()

	kv, err := natsfeed.OpenBucket(ctx, js, "webhooks", 1)
	if err != nil {
		log.Fatal(err)
	}
	feed, err := natsfeed.Follow(ctx, js, "webhooks")
	if err != nil {
		log.Fatal(err)
	}
	defer feed.Close()

	organizationID := uuid.MustParse("0b7a7f6e-5f4f-4a3b-9d0a-2f0a6a1d3c11")
	w := &webhook.Webhook{
		ID:                 uuid.MustParse("7d8f1c2e-8a54-4f7e-9a32-6c0f5c1b2a90"),
		Enabled:            true,
		TargetURL:          "https://chat.example.com/hooks/1",
		Events:             []webhook.EventType{webhook.DeploymentFailure},
		ProjectNamesFilter: []string{"shop-*"},
	}
	fires := func(revision uint64) {
		// An event names the revision that it must not be decided before.
		if err := feed.Wait(ctx, revision); err != nil {
			log.Fatal(err)
		}
		event := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "shop-api", EnvironmentMode: webhook.Production}
		for _, w := range feed.Index().AppendMatches(nil, organizationID, event) {
			fmt.Println("fires", w.ID)
		}
	}
	revision, err := natsfeed.Put(ctx, kv, organizationID, w)
	if err != nil {
		log.Fatal(err)
	}
	fires(revision)
	if revision, err = natsfeed.Delete(ctx, kv, organizationID, w.ID); err != nil {
		log.Fatal(err)
	}
	fires(revision)
	fmt.Println(feed.Index().Len(), "webhooks")
	// Output:
	// fires 7d8f1c2e-8a54-4f7e-9a32-6c0f5c1b2a90
	// 0 webhooks
}

func ExampleOnInvalid() {
	js, stop := embeddedJetStream()
	defer stop()
	ctx := context.Background()
	kv, err := natsfeed.OpenBucket(ctx, js, "webhooks", 1)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := kv.Put(ctx, "not-a-key", []byte("{}")); err != nil {
		log.Fatal(err)
	}
	feed, err := natsfeed.Follow(ctx, js, "webhooks", natsfeed.OnInvalid(func(i natsfeed.Invalid) {
		fmt.Println(i.Key, "fires for nothing:", i.Err)
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer feed.Close()
	fmt.Println(feed.Invalid(), "invalid value")
	// Output:
	// not-a-key fires for nothing: the key is not <organizationId>.<webhookId>, in lower case
	// 1 invalid value
}

func ExampleWithTimeout() {
	js, stop := embeddedJetStream()
	defer stop()
	if _, err := natsfeed.OpenBucket(context.Background(), js, "webhooks", 1); err != nil {
		log.Fatal(err)
	}
	// Over a satellite, with a minute to start.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	feed, err := natsfeed.Follow(ctx, js, "webhooks", natsfeed.WithTimeout(5*time.Second), natsfeed.WithInterval(time.Second))
	if err != nil {
		log.Fatal(err)
	}
	defer feed.Close()
	fmt.Println(feed.Age() < time.Minute)
	// Output: true
}
