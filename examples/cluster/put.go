package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/webhook"
)

// put is the command that makes the bucket equal to a folder. It prints the revision to
// standard output, or with -dry-run what would change. If a file of the folder cannot be read
// as a whole, put creates and writes nothing.
func (c *command) put(ctx context.Context) error {
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	if err := checkReplicas(ctx, js, c.replicas, bucketStream); err != nil {
		return err
	}
	f, err := readFolder(webhookdir.Read, c.webhooks, c.stderr)
	if err != nil {
		return err
	}
	summary := "put %d, deleted %d, unchanged %d, invalid webhooks %d\n"
	if c.dryRun {
		summary = "would put %d, delete %d, unchanged %d, invalid webhooks %d\n"
	} else if _, err := openBucket(ctx, js, c.replicas); err != nil {
		return err
	}
	result, err := c.putFolder(ctx, js, f)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, summary, result.put, result.deleted, result.unchanged, result.invalid)
	if !c.dryRun {
		fmt.Fprintln(c.stdout, result.revision)
	}
	if result.invalid > 0 {
		return cli.ErrReported
	}
	return nil
}

type putResult struct {
	put, deleted, unchanged, invalid int
	revision                         uint64 // at which the bucket agrees with the folder
}

// change is a webhook that differs between a folder and the bucket.
type change struct {
	organizationID, webhookID uuid.UUID
	what                      string           // "put, new", "put, changed" or "delete"
	webhook                   *webhook.Webhook // nil if it is deleted
}

// putFolder makes the bucket equal to a folder, writing only the differences; with -dry-run
// it prints them instead. If a webhook in the folder is invalid or too large for the servers, its
// version in the bucket stays.
func (c *command) putFolder(ctx context.Context, js jetstream.JetStream, f *folder) (r putResult, err error) {
	changes, r, err := c.compare(ctx, js, f)
	switch {
	case err != nil:
		return r, err
	case !c.dryRun:
		r.revision, err = c.write(ctx, js, changes, r.revision)
		return r, err
	}
	for _, change := range changes {
		fmt.Fprintf(c.stdout, "%s: organization %s, webhook %s\n", change.what, change.organizationID, change.webhookID)
	}
	return r, nil
}

// compare returns the differences between a folder and the bucket in the order of their ids,
// and counts them in r. It reports the webhooks that are too large for the servers, and the ones
// that are only in the bucket and stay.
func (c *command) compare(ctx context.Context, js jetstream.JetStream, f *folder) (changes []change, r putResult, err error) {
	r.invalid = f.invalid
	index, alone := filter.NewIndex(), []string(nil)
	feed, err := natsfeed.Follow(ctx, js, bucket, natsfeed.OnInvalid(func(natsfeed.Invalid) {}))
	switch {
	case errors.Is(err, natsfeed.ErrBucketNotFound) && c.dryRun:
		fmt.Fprintf(c.stderr, "the bucket %s does not exist and would be created\n", bucket)
	case err != nil:
		return nil, r, err
	default:
		defer feed.Close()
		index, r.revision = feed.Index(), feed.Revision()
		if alone, err = keysWithout(ctx, js, f, index); err != nil {
			return nil, r, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(f.webhooks)) {
		w, what := f.webhooks[key], "put, new"
		if have, ok := index.Get(w.organizationID, w.ID); ok && have.Equal(w.Webhook) {
			r.unchanged++
			continue
		} else if ok {
			what = "put, changed"
		}
		value, err := w.MarshalJSON()
		if err != nil {
			return nil, r, err
		}
		if most := js.Conn().MaxPayload(); int64(len(value)) > most {
			r.invalid++
			fmt.Fprintf(c.stderr, "organization %s, webhook %s: too large: its JSON takes %d bytes: want at most %d, which is max_payload of the servers\n",
				w.organizationID, w.ID, len(value), most)
			continue
		}
		r.put++
		changes = append(changes, change{w.organizationID, w.ID, what, w.Webhook})
	}
	withoutFile := make(map[uuid.UUID]int)
	for _, key := range alone {
		organizationID, webhookID, err := parseKey(key)
		switch {
		case err != nil:
			fmt.Fprintf(c.stderr, "key %q is not of the form <organizationId>.<webhookId> and stays\n", key)
		case !f.keeps(organizationID, webhookID, c.prune):
			r.deleted++
			changes = append(changes, change{organizationID, webhookID, "delete", nil})
		case !f.organizations[organizationID]:
			withoutFile[organizationID]++
		}
	}
	for _, organizationID := range sorted(withoutFile) {
		fmt.Fprintf(c.stderr, "organization %s has no file in the folder, and %d of its webhooks stay; -prune deletes them\n",
			organizationID, withoutFile[organizationID])
	}
	for _, organizationID := range sorted(f.keptOfUnknown) {
		fmt.Fprintf(c.stderr, "no webhook of organization %s is deleted, because the id of one in the folder cannot be read\n", organizationID)
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(bytes.Compare(a.organizationID[:], b.organizationID[:]), bytes.Compare(a.webhookID[:], b.webhookID[:]))
	})
	return changes, r, nil
}

func parseKey(key string) (organizationID, webhookID uuid.UUID, err error) {
	organization, id, _ := strings.Cut(key, ".")
	organizationID, err1 := webhook.ParseID(organization)
	webhookID, err2 := webhook.ParseID(id)
	return organizationID, webhookID, cmp.Or(err1, err2)
}

// keysWithout returns the keys of the bucket that have a value, but no webhook in a folder.
func keysWithout(ctx context.Context, js jetstream.JetStream, f *folder, index *filter.Index) (keys []string, err error) {
	kv, err := js.KeyValue(ctx, bucket)
	if err != nil {
		return nil, err
	}
	stream, err := js.Stream(ctx, bucketStream)
	if err != nil {
		return nil, err
	}
	// The index has no invalid values; the leader's list has their keys, and the
	// keys of deleted webhooks.
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter("$KV."+bucket+".>"))
	if err != nil {
		return nil, err
	}
	for subject := range info.State.Subjects {
		key := strings.TrimPrefix(subject, "$KV."+bucket+".")
		if _, wanted := f.webhooks[key]; wanted {
			continue
		}
		// An id that cannot be read is uuid.Nil, and no webhook in the index has it.
		organizationID, webhookID, _ := parseKey(key)
		_, exists := index.Get(organizationID, webhookID)
		if !exists {
			err := retry(ctx, func(ctx context.Context) error {
				_, err := kv.Get(ctx, key)
				exists = !errors.Is(err, jetstream.ErrKeyNotFound)
				if !exists || errors.Is(err, jetstream.ErrInvalidKey) { // invalid: another client wrote the key
					return nil
				}
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		if exists {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// write carries out changes. It returns the revision after the last of them, or the given one if
// there are no changes.
func (c *command) write(ctx context.Context, js jetstream.JetStream, changes []change, revision uint64) (uint64, error) {
	kv, err := js.KeyValue(ctx, bucket)
	if err != nil {
		return 0, err
	}
	bar := progress(c.stderr, int64(len(changes)), "put")
	defer bar.Finish()
	var mu sync.Mutex
	var group errgroup.Group
	group.SetLimit(32)
	for _, change := range changes {
		group.Go(func() error {
			err := retry(ctx, func(ctx context.Context) (err error) {
				var at uint64
				if change.webhook != nil {
					at, err = natsfeed.Put(ctx, kv, change.organizationID, change.webhook)
				} else {
					at, err = natsfeed.Delete(ctx, kv, change.organizationID, change.webhookID)
				}
				if err != nil {
					return err
				}
				_ = bar.Add(1)
				mu.Lock()
				defer mu.Unlock()
				revision = max(revision, at)
				return nil
			})
			if err != nil {
				return fmt.Errorf("organization %s, webhook %s: %w", change.organizationID, change.webhookID, err)
			}
			return nil
		})
	}
	err = group.Wait()
	return revision, err
}
