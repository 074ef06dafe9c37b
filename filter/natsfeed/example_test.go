package natsfeed_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

// One program changes a webhook, and another one finds the webhooks that an event fires.
func Example() {
	ctx := context.Background()
	nc, err := nats.Connect("nats://nats.example.com")
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		log.Fatal(err)
	}
	kv, err := natsfeed.OpenBucket(ctx, js, "webhooks", 3)
	if err != nil {
		log.Fatal(err)
	}
	organizationID := uuid.MustParse("0b7a7f6e-5f4f-4a3b-9d0a-2f0a6a1d3c11")
	revision, err := natsfeed.Put(ctx, kv, organizationID, &webhook.Webhook{
		ID:                 uuid.MustParse("7d8f1c2e-8a54-4f7e-9a32-6c0f5c1b2a90"),
		Enabled:            true,
		TargetURL:          "https://chat.example.com/hooks/1",
		Events:             []webhook.EventType{webhook.DeploymentFailure},
		ProjectNamesFilter: []string{"shop-*"},
	})
	if err != nil {
		log.Fatal(err)
	}

	feed, err := natsfeed.Follow(ctx, js, "webhooks")
	if err != nil {
		log.Fatal(err)
	}
	defer feed.Close()
	// The event was published with the revision that the index must have reached.
	if err := feed.Wait(ctx, revision); err != nil {
		log.Fatal(err)
	}
	event := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "shop-api", EnvironmentMode: webhook.Production}
	for _, w := range feed.Index().AppendMatches(nil, organizationID, event) {
		fmt.Println("fires", w.ID)
	}
}

func ExampleOnInvalid() {
	ctx, js := context.Background(), jetstream.JetStream(nil) // jetstream.New(nc) in a program
	feed, err := natsfeed.Follow(ctx, js, "webhooks", natsfeed.OnInvalid(func(i natsfeed.Invalid) {
		fmt.Println(i.Key, "fires for nothing:", i.Err)
	}))
	if err != nil {
		log.Fatal(err)
	}
	defer feed.Close()
	fmt.Println(feed.Invalid(), "invalid values")
}

func ExampleWithTimeout() {
	js := jetstream.JetStream(nil) // jetstream.New(nc) in a program
	// The link is slow, so allow a minute to start.
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	feed, err := natsfeed.Follow(ctx, js, "webhooks", natsfeed.WithTimeout(5*time.Second), natsfeed.WithInterval(time.Second))
	if err != nil {
		log.Fatal(err)
	}
	defer feed.Close()
}
