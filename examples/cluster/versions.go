package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/webhook"
)

// versions are the stored versions of a webhook, and what is known of the others.
type versions struct {
	stored []jetstream.KeyValueEntry // oldest first
	limit  int64                     // of their number
	first  uint64                    // the first revision that the bucket gives to a version
	last   uint64                    // revision of the bucket
}

// versionsOf returns the versions of a key. The client may read from a replica that lags
// behind, so versionsOf retries until it has as many as the leader reports.
func versionsOf(ctx context.Context, js jetstream.JetStream, key string) (v versions, err error) {
	err = retry(ctx, func(ctx context.Context) error {
		kv, err := js.KeyValue(ctx, bucket)
		if err != nil {
			return err
		}
		stream, err := js.Stream(ctx, bucketStream)
		if err != nil {
			return err
		}
		subject := "$KV." + bucket + "." + key
		info, err := stream.Info(ctx, jetstream.WithSubjectFilter(subject))
		if err != nil {
			return err
		}
		v = versions{limit: info.Config.MaxMsgsPerSubject, first: info.Config.FirstSeq, last: info.State.LastSeq}
		v.stored, err = kv.History(ctx, key)
		if errors.Is(err, jetstream.ErrKeyNotFound) {
			err = nil
		}
		if want := info.State.Subjects[subject]; err == nil && uint64(len(v.stored)) != want {
			err = fmt.Errorf("read %d of %d versions of %s", len(v.stored), want, key)
		}
		return err
	})
	return v, err
}

// after returns the versions after a revision.
func (v versions) after(revision uint64) []jetstream.KeyValueEntry {
	for i, entry := range v.stored {
		if entry.Revision() > revision {
			return v.stored[i:]
		}
	}
	return nil
}

// split returns the versions after a decision's revision. The dispatcher had all changes up to that
// revision, and perhaps some after it: it may have used a possible version, which was put before the
// decision was stored. It cannot have used a later version.
func (v versions) split(d decision) (possible, later []jetstream.KeyValueEntry) {
	after := v.after(d.Revision)
	n := 0
	for n < len(after) && !after[n].Created().After(d.At) {
		n++
	}
	return after[:n], after[n:]
}

// verdict returns the verdict of the webhook on an event, as text, at the decision d.
func (v versions) verdict(d decision, id uuid.UUID, event webhook.Event) string {
	text := v.verdictAt(d.Revision, id, event)
	if possible, _ := v.split(d); len(possible) > 0 {
		text += fmt.Sprintf("; or the dispatcher used its version of revision %d, put at %s, before the decision was stored", possible[0].Revision(), stamp(possible[0].Created()))
	}
	return text
}

func (v versions) verdictAt(revision uint64, id uuid.UUID, event webhook.Event) string {
	if n := len(v.stored) - len(v.after(revision)); n > 0 {
		return verdict(v.stored[n-1], id, event)
	}
	switch {
	case revision+1 < v.first: // v.first-1 is the revision of the bucket while it is empty
		return fmt.Sprintf("not known: the bucket of that time was deleted, and the present one begins at revision %d", v.first)
	case len(v.stored) > 0 && v.stored[0].Operation() == jetstream.KeyValuePurge:
		return fmt.Sprintf("not known: the webhook's versions before revision %d were purged", v.stored[0].Revision())
	case int64(len(v.stored)) >= v.limit:
		return fmt.Sprintf("not known: the bucket keeps the last %d versions of the webhook, which begin at revision %d", v.limit, v.stored[0].Revision())
	}
	return "the webhook did not exist"
}

// verdict returns the verdict of one version on an event, as text.
func verdict(entry jetstream.KeyValueEntry, id uuid.UUID, event webhook.Event) string {
	if entry.Operation() != jetstream.KeyValuePut {
		return fmt.Sprintf("the webhook was deleted at revision %d, at %s", entry.Revision(), stamp(entry.Created()))
	}
	version := fmt.Sprintf("the webhook's version of revision %d, put at %s, ", entry.Revision(), stamp(entry.Created()))
	var w webhook.Webhook
	if err := w.UnmarshalJSON(entry.Value()); err != nil {
		return fmt.Sprintf("%sdid not fire: the value is not a webhook: %v", version, err)
	}
	if w.ID != id {
		return fmt.Sprintf("%sdid not fire: the value is webhook %s, with another id", version, w.ID)
	}
	v := hook.Compile(&w).Explain(event)
	if v.Fires {
		return version + "fired: " + v.Reason
	}
	return version + "did not fire: " + v.Reason
}
