package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

// put is the command: the revision goes to standard output.
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
	fmt.Fprintf(c.stderr, "put %d, deleted %d, unchanged %d, unusable webhooks or files %d\n", result.put, result.deleted, result.unchanged, result.faults)
	fmt.Fprintln(c.stdout, result.revision)
	if result.faults > 0 {
		return errFaults
	}
	return nil
}

type putResult struct {
	put, deleted, unchanged, faults int
	revision                        uint64 // the bucket is what the folder has
}

// folder is what a folder of webhooks has that can be used.
type folder struct {
	webhooks map[string]folderWebhook // by key
	faults   int
	unread   bool // there is more that could not be read
}

type folderWebhook struct {
	organizationID uuid.UUID
	hook.Hook
}

// readFolder reads a folder, and reports what cannot be used.
func readFolder(dir string, stderr io.Writer) (f folder, err error) {
	organizations, faults, err := webhookdir.Read(dir)
	if err != nil {
		return folder{}, err
	}
	for _, fault := range faults {
		fmt.Fprintln(stderr, fault)
	}
	f = folder{make(map[string]folderWebhook), len(faults), len(faults) > 0}
	for _, o := range organizations {
		for _, w := range o.Webhooks {
			compiled := hook.Compile(w)
			if compiled.Invalid != nil {
				f.faults++
				for _, fault := range compiled.Invalid {
					fmt.Fprintf(stderr, "%s: webhook %s: %v\n", o.File, w.ID, fault)
				}
				continue
			}
			f.webhooks[natsfeed.Key(o.ID, w.ID)] = folderWebhook{o.ID, compiled}
		}
	}
	return f, nil
}

// putFolder brings the bucket to what a folder has: only what differs is written. A
// webhook that does not compile is reported, and is deleted from the bucket if it was
// there: it fires for nothing. Nothing is deleted if a part of the folder cannot be
// read, since nobody knows what that had.
func putFolder(ctx context.Context, js jetstream.JetStream, dir string, stderr io.Writer) (r putResult, err error) {
	f, err := readFolder(dir, stderr)
	if err != nil {
		return r, err
	}
	kv, err := js.KeyValue(ctx, bucket)
	if err != nil {
		return r, err
	}
	feed, err := natsfeed.Follow(ctx, js, bucket, natsfeed.WithInvalid(func(natsfeed.Invalid) {}))
	if err != nil {
		return r, err
	}
	defer feed.Close()
	r.faults, r.revision = f.faults, feed.Revision()
	stream, err := js.Stream(ctx, "KV_"+bucket)
	if err != nil {
		return r, err
	}
	// The leader's list of keys has those of values that are no good, too.
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
		if have, ok := feed.Index().Get(w.organizationID, w.ID); ok && equal(have, w.Webhook) {
			r.unchanged++
			continue
		}
		write(&r.put, func(ctx context.Context) (uint64, error) { return natsfeed.Put(ctx, kv, w.organizationID, w.Webhook) })
	}
	for subject := range info.State.Subjects {
		_ = bar.Add(1)
		key := strings.TrimPrefix(subject, "$KV."+bucket+".")
		if _, wanted := f.webhooks[key]; wanted || f.unread {
			continue
		}
		if _, err := kv.Get(ctx, key); err != nil {
			continue // it is deleted
		}
		organization, id, _ := strings.Cut(key, ".")
		organizationID, err1 := webhook.ParseID(organization)
		webhookID, err2 := webhook.ParseID(id)
		if err1 != nil || err2 != nil {
			fmt.Fprintf(stderr, "key %q is not ours and stays\n", key)
			continue
		}
		write(&r.deleted, func(ctx context.Context) (uint64, error) { return natsfeed.Delete(ctx, kv, organizationID, webhookID) })
	}
	if f.unread {
		fmt.Fprintln(stderr, "nothing is deleted, since part of the folder cannot be read")
	}
	return r, group.Wait()
}

func equal(a, b *webhook.Webhook) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}
