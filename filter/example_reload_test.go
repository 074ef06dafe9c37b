//go:build unix

package filter_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// This dispatcher reloads the webhooks of an organization at every SIGHUP, without
// interrupting its readers. An invalid version of a webhook replaces the valid one before
// it and fires for nothing. If the file as a whole is not a list, the old webhooks stay.
func ExampleIndex_Replace_reload() {
	dir, err := os.MkdirTemp("", "webhooks")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "webhooks.json") // a response of the API's list operation
	organization := uuid.MustParse("8f36c487-4e75-4da9-a5bc-d7916f1acda0")
	index := filter.NewIndex()

	load := func() error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		webhooks, problems, err := webhook.DecodeList(f)
		if err != nil {
			return err // the file as a whole is not a list
		}
		return errors.Join(webhook.JoinFieldErrors(problems), index.Replace(organization, webhooks))
	}

	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	loaded := make(chan error)
	go func() {
		for range hangup {
			loaded <- load()
		}
	}()

	for _, list := range []string{
		`{"results": [
			{"id": "3c90c3cc-0d44-4b50-8888-8dd25736052a", "created_at": "2023-11-07T05:31:56Z", "events": ["DEPLOYMENT_FAILURE"]},
			{"id": "7d1e9a54-63c2-4f0b-a1d8-52b7c0e94f13", "created_at": "2023-11-07T05:31:56Z", "events": ["DEPLOYMENT_FAILURE"]}
		]}`,
		`{"results": [{"id": "3c90c3cc-0d44-4b50-8888-8dd25736052a", "created_at": "2023-11-07T05:31:56Z", "events": "DEPLOYMENT_FAILURE"},
			{"id": "462c9596-1554-4409-9c8a-0f3b48451efe", "created_at": "2024-03-01T10:00:00Z", "events": []}]}`,
		`{"results": [`,
	} {
		if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
			log.Fatal(err)
		}
		// The same as kill -HUP.
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			log.Fatal(err)
		}
		if err := <-loaded; err != nil {
			fmt.Println(err)
		}
		event := webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "checkout", EnvironmentMode: webhook.Production}
		fmt.Println("webhooks", index.Len(), "fired", len(index.AppendMatches(nil, organization, event)))
	}
	// Output:
	// webhooks 2 fired 2
	// results[0].events (webhook 3c90c3cc-0d44-4b50-8888-8dd25736052a): want a list of strings, got the string "DEPLOYMENT_FAILURE"
	// webhooks 1 fired 0
	// invalid format: line 1, column 14: not JSON: unexpected end
	// webhooks 1 fired 0
}
