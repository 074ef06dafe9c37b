package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

// put is the command that makes the bucket equal to a folder. It prints the revision to
// standard output.
func (c *command) put(ctx context.Context) error {
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	if _, err := openBucket(ctx, js, c.replicas); err != nil {
		return err
	}
	result, err := putFolder(ctx, js, c.webhooks, c.stderr)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "put %d, deleted %d, unchanged %d, invalid webhooks %d\n", result.put, result.deleted, result.unchanged, result.invalid)
	fmt.Fprintln(c.stdout, result.revision)
	if result.invalid > 0 {
		return cli.ErrReported
	}
	return nil
}

type putResult struct {
	put, deleted, unchanged, invalid int
	revision                         uint64 // at which the bucket agrees with the folder
}

// folder is the content of a folder of webhooks.
type folder struct {
	webhooks map[string]folderWebhook // the valid ones, by key
	invalid  int                      // webhooks
	// kept holds the keys of the invalid webhooks, whose versions in the bucket stay.
	// keptOfUnknown holds the organizations with an invalid webhook whose id cannot be
	// read. It may be any of their webhooks, so all of them stay.
	kept          map[string]bool
	keptOfUnknown map[uuid.UUID]bool
}

type folderWebhook struct {
	organizationID uuid.UUID
	hook.Hook
}

// keeps reports whether a webhook that is not in f.webhooks stays in the bucket.
func (f *folder) keeps(organizationID, webhookID uuid.UUID) bool {
	return f.keptOfUnknown[organizationID] || f.kept[natsfeed.Key(organizationID, webhookID)]
}

// readFolder reads a folder, and reports its invalid webhooks. A file that cannot be read as
// a whole is an error.
func readFolder(dir string, stderr io.Writer) (*folder, error) {
	organizations, err := webhookdir.Read(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{webhooks: make(map[string]folderWebhook), kept: make(map[string]bool), keptOfUnknown: make(map[uuid.UUID]bool)}
	report := func(err error) {
		f.invalid++
		fmt.Fprintln(stderr, err)
	}
	for _, o := range organizations {
		for _, err := range o.Reports() {
			report(err)
		}
		for _, problem := range o.Problems {
			if problem.WebhookID == uuid.Nil {
				f.keptOfUnknown[o.ID] = true
			}
			f.kept[natsfeed.Key(o.ID, problem.WebhookID)] = true
		}
		for _, w := range o.Webhooks {
			key := natsfeed.Key(o.ID, w.ID)
			if err := filter.Check(o.ID, w); err != nil {
				report(fmt.Errorf("%s: webhook %s: %w", o.File, w.ID, err))
				f.kept[key] = true
				continue
			}
			f.webhooks[key] = folderWebhook{o.ID, hook.Compile(w)}
		}
	}
	return f, nil
}

// putFolder makes the bucket equal to a folder, writing only the differences. An invalid
// webhook is reported and refused, and its version in the bucket stays. Nothing is written
// if a file of the folder cannot be read as a whole.
func putFolder(ctx context.Context, js jetstream.JetStream, dir string, stderr io.Writer) (r putResult, err error) {
	f, err := readFolder(dir, stderr)
	if err != nil {
		return r, err
	}
	kv, err := js.KeyValue(ctx, bucket)
	if err != nil {
		return r, err
	}
	feed, err := natsfeed.Follow(ctx, js, bucket, natsfeed.OnInvalid(func(natsfeed.Invalid) {}))
	if err != nil {
		return r, err
	}
	defer feed.Close()
	r.invalid, r.revision = f.invalid, feed.Revision()
	stream, err := js.Stream(ctx, "KV_"+bucket)
	if err != nil {
		return r, err
	}
	// The index has no invalid values; the leader's list has their keys too.
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter("$KV."+bucket+".>"))
	if err != nil {
		return r, err
	}

	bar := progress(stderr, int64(len(f.webhooks)+len(info.State.Subjects)), "put")
	defer bar.Finish()
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(32)
	write := func(count *int, change func(context.Context) (uint64, error)) {
		group.Go(func() error {
			return again(ctx, func(ctx context.Context) error {
				revision, err := change(ctx)
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				*count++
				r.revision = max(r.revision, revision)
				return nil
			})
		})
	}
	for _, w := range f.webhooks {
		_ = bar.Add(1)
		if have, ok := feed.Index().Get(w.organizationID, w.ID); ok && have.Equal(w.Webhook) {
			r.unchanged++
			continue
		}
		write(&r.put, func(ctx context.Context) (uint64, error) { return natsfeed.Put(ctx, kv, w.organizationID, w.Webhook) })
	}
	for subject := range info.State.Subjects {
		_ = bar.Add(1)
		key := strings.TrimPrefix(subject, "$KV."+bucket+".")
		if _, wanted := f.webhooks[key]; wanted {
			continue
		}
		if _, err := kv.Get(ctx, key); err != nil {
			continue // already deleted
		}
		organization, id, _ := strings.Cut(key, ".")
		organizationID, err1 := webhook.ParseID(organization)
		webhookID, err2 := webhook.ParseID(id)
		if err1 != nil || err2 != nil {
			fmt.Fprintf(stderr, "key %q is not of the form <organizationId>.<webhookId> and stays\n", key)
			continue
		}
		if f.keeps(organizationID, webhookID) {
			continue
		}
		write(&r.deleted, func(ctx context.Context) (uint64, error) { return natsfeed.Delete(ctx, kv, organizationID, webhookID) })
	}
	for organizationID := range f.keptOfUnknown {
		fmt.Fprintf(stderr, "no webhook of organization %s is deleted, because the id of one in the folder cannot be read\n", organizationID)
	}
	return r, group.Wait()
}
