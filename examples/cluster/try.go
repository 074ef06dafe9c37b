package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// try is the command that prints which deliveries of the stored events a put of a
// changed folder would add, and which it would remove. Before these it prints the webhooks
// that would fire for different events than now, stored or not. It writes nothing.
func (c *command) try(ctx context.Context) error {
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	f, err := readFolder(webhookdir.ReadWithRequests, c.webhooks, c.stderr)
	if err != nil {
		return err
	}
	changed := filter.NewIndex()
	for _, w := range f.webhooks {
		if err := changed.Put(w.organizationID, w.Webhook); err != nil {
			return err
		}
	}
	if err := checkBucket(ctx, js); err != nil {
		return err
	}
	feed, err := natsfeed.Follow(ctx, js, bucket)
	if err != nil {
		return err
	}
	defer feed.Close()
	for organizationID := range feed.Index().Organizations() {
		for w := range feed.Index().All(organizationID) {
			if _, wanted := f.webhooks[natsfeed.Key(organizationID, w.ID)]; !wanted && f.keeps(organizationID, w.ID, c.prune) {
				if err := changed.Put(organizationID, w); err != nil {
					return err
				}
			}
		}
	}
	t := trial{c: c, folder: f, present: feed.Index(), changed: changed}
	t.differences()
	if err := c.replay(ctx, js, t.event); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "events %d, deliveries added %d, removed %d\n", t.events, t.added, t.removed)
	if f.invalid > 0 {
		return cli.ErrReported
	}
	return nil
}

// replay calls do with the events that can be read among the last c.last stored events, or
// among all if c.last is 0.
func (c *command) replay(ctx context.Context, js jetstream.JetStream, do func(seq uint64, e storedEvent)) error {
	stream, err := findStream(ctx, js, eventsStream)
	if err != nil {
		return err
	}
	if stream == nil {
		return errNoEvents
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 {
		return nil
	}
	first := state.FirstSeq
	if c.last > 0 && c.last < state.Msgs {
		first = max(first, state.LastSeq-c.last+1)
	}
	bar := progress(c.stderr, int64(state.LastSeq-first+1), "try")
	defer bar.Finish()
	from := jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: first}
	return read(ctx, stream, from, state.LastSeq, func(m jetstream.Msg, seq uint64) {
		_ = bar.Add(1)
		if e, err := readEvent(m.Headers(), m.Data()); err == nil {
			do(seq, e)
		}
	})
}

// trial compares the webhooks that an event fires now with the webhooks that it would fire
// after the change.
type trial struct {
	c                      *command
	folder                 *folder
	present, changed       *filter.Index
	events, added, removed int
}

func (t *trial) event(seq uint64, e storedEvent) {
	t.events++
	before, after := fires(t.present, e), fires(t.changed, e)
	for _, id := range sorted(after) {
		if !before[id] {
			t.added++
			t.report("added", seq, id, e)
		}
	}
	for _, id := range sorted(before) {
		if !after[id] {
			t.removed++
			t.report("removed", seq, id, e)
		}
	}
}

// report prints a delivery that is added or removed, with the reason for the verdict of
// the changed webhook.
func (t *trial) report(what string, seq uint64, id uuid.UUID, e storedEvent) {
	reason := "the webhook is not in the folder"
	if w, ok := t.changed.Get(e.organizationID, id); ok {
		reason = hook.Compile(w).Explain(e.event).Reason
	}
	fmt.Fprintf(t.c.stdout, "%s: event %d, webhook %s: %s\n", what, seq, t.name(e.organizationID, id), reason)
}

// name returns the name of a webhook: its id, and what else [webhookdir.Organization.Name] returns
// for a webhook of the folder.
func (t *trial) name(organizationID, id uuid.UUID) string {
	return cmp.Or(t.folder.webhooks[natsfeed.Key(organizationID, id)].name, id.String())
}

func fires(x *filter.Index, e storedEvent) map[uuid.UUID]bool {
	all := make(map[uuid.UUID]bool)
	for _, w := range x.AppendMatches(nil, e.organizationID, e.event) {
		all[w.ID] = true
	}
	return all
}

func sorted[V any](ids map[uuid.UUID]V) []uuid.UUID {
	return slices.SortedFunc(maps.Keys(ids), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
}
