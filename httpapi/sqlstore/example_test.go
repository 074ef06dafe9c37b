package sqlstore_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/postgres"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore/sqlite"
	"github.com/hookfilter/hookfilter/webhook"
)

var (
	acme     = uuid.MustParse("8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c")
	failures = &webhook.Webhook{
		ID:          uuid.MustParse("3c90c3cc-0d44-4b50-8888-8dd25736052a"),
		CreatedAt:   time.Date(2023, 11, 7, 5, 31, 56, 0, time.UTC),
		Description: "failures of production",
		Enabled:     true,
		Events:      []webhook.EventType{webhook.DeploymentFailure},
	}
)

// A dispatcher follows the database. Wait returns when the index has the webhook of Put.
func ExampleStore_Follow() {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, "sqlite::memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	feed, err := store.Follow(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer feed.Close()

	revision, err := store.Put(ctx, acme, failures)
	if err != nil {
		log.Fatal(err)
	}
	if err := feed.Wait(ctx, revision); err != nil {
		log.Fatal(err)
	}
	event := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "shop", EnvironmentMode: webhook.Production}
	for _, w := range feed.Index().AppendMatches(nil, acme, event) {
		fmt.Println(w.Description)
	}
	// Output: failures of production
}

// A program that opens the database itself calls Migrate, possibly with
// another role.
func ExampleNew() {
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:webhooks?mode=memory")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1) // each connection would have its own database
	if err := sqlstore.Migrate(ctx, db, sqlstore.SQLite); err != nil {
		log.Fatal(err)
	}
	store := sqlstore.New(db, sqlstore.SQLite, sqlstore.WithTimeout(time.Second))
	defer store.Close()

	if _, err := store.Put(ctx, acme, failures); err != nil {
		log.Fatal(err)
	}
	found, err := store.Webhook(ctx, acme, failures.ID)
	fmt.Println(found.Description, err)
	// Output: failures of production <nil>
}

// Serve the webhooks in a PostgreSQL database.
func Example_postgres() {
	store, err := postgres.Open(context.Background(), "postgres://user:password@host/database")
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()
	auth := httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error { return nil })
	log.Fatal(http.ListenAndServe("127.0.0.1:8080", httpapi.NewHandler(store, auth, nil)))
}
