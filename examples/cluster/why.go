package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// why is the command that prints the verdict on one event under every stored version of a
// webhook. A verdict is a pure function of the two, so verdicts are not stored.
func (c *command) why(ctx context.Context) error {
	webhookID, err := webhook.ParseID(c.webhook)
	if err != nil {
		return fmt.Errorf("-webhook: not a UUID: %.80q", c.webhook)
	}
	js, disconnect, err := c.open()
	if err != nil {
		return err
	}
	defer disconnect()
	stream, err := js.Stream(ctx, eventsStream)
	if err != nil {
		return err
	}
	m, err := stream.GetMsg(ctx, c.seq)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return fmt.Errorf("event %d is not stored: events are kept for %v, and the last is %d", c.seq, keptFor, stream.CachedInfo().State.LastSeq)
	}
	if err != nil {
		return err
	}
	e, err := readEvent(m.Header, m.Data)
	if err != nil {
		return fmt.Errorf("event %d was rejected: %w", c.seq, err)
	}
	kv, err := js.KeyValue(ctx, bucket)
	if err != nil {
		return err
	}
	history, limit, err := historyOf(ctx, js, kv, natsfeed.Key(e.organizationID, webhookID))
	if err != nil {
		return err
	}

	fmt.Fprintf(c.stdout, "event %d of %s at %s: %s of %s in %s\n", c.seq, e.organizationID, m.Time.Format(time.RFC3339Nano),
		jsonvalue.Printable(string(e.event.Type)), jsonvalue.Printable(e.event.ProjectName), jsonvalue.Printable(string(e.event.EnvironmentMode)))
	if e.after > 0 {
		fmt.Fprintf(c.stdout, "not decided before revision %d\n", e.after)
	}
	switch {
	case len(history) == 0:
		fmt.Fprintf(c.stdout, "no version of webhook %s is stored: it was never put, or its versions were purged\n", webhookID)
		return nil
	case history[0].Operation() == jetstream.KeyValuePurge:
		fmt.Fprintf(c.stdout, "versions before revision %d were purged\n", history[0].Revision())
	case int64(len(history)) >= limit:
		fmt.Fprintf(c.stdout, "versions before revision %d are not stored: the bucket keeps the last %d\n", history[0].Revision(), limit)
	}
	for _, entry := range history {
		fmt.Fprintf(c.stdout, "revision %d at %s: %s\n", entry.Revision(), entry.Created().UTC().Format(time.RFC3339Nano), verdict(entry, webhookID, e.event))
	}
	return nil
}

// verdict returns what one version means for an event.
func verdict(entry jetstream.KeyValueEntry, id uuid.UUID, event webhook.Event) string {
	if entry.Operation() != jetstream.KeyValuePut {
		return "does not fire: the webhook is deleted"
	}
	var w webhook.Webhook
	if err := w.UnmarshalJSON(entry.Value()); err != nil {
		return fmt.Sprintf("does not fire: the value is not a webhook: %v", err)
	}
	if w.ID != id {
		return fmt.Sprintf("does not fire: the value is webhook %s, with another id", w.ID)
	}
	v := hook.Compile(&w).Explain(event)
	if v.Fires {
		return "fires: " + v.Reason
	}
	return "does not fire: " + v.Reason
}

// historyOf returns the stored versions of a key, oldest first, and the limit for their
// number. The client may read from a replica that lags behind, so historyOf retries until
// it has as many versions as the leader reports.
func historyOf(ctx context.Context, js jetstream.JetStream, kv jetstream.KeyValue, key string) (history []jetstream.KeyValueEntry, limit int64, err error) {
	stream, err := js.Stream(ctx, "KV_"+kv.Bucket())
	if err != nil {
		return nil, 0, err
	}
	err = again(ctx, func(ctx context.Context) error {
		subject := "$KV." + kv.Bucket() + "." + key
		info, err := stream.Info(ctx, jetstream.WithSubjectFilter(subject))
		if err != nil {
			return err
		}
		limit = info.Config.MaxMsgsPerSubject
		history, err = kv.History(ctx, key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			history, err = nil, nil
		}
		if want := info.State.Subjects[subject]; err == nil && uint64(len(history)) != want {
			err = fmt.Errorf("%d of %d versions of %s", len(history), want, key)
		}
		return err
	})
	return history, limit, err
}
