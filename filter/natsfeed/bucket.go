package natsfeed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// CreateBucket makes the bucket that Put and Follow expect, or checks the one that is
// there: [ErrBucketConfig] says what differs. replicas is the number of servers that
// keep it, 1, 3 or 5. A new bucket keeps the last 64 versions of each webhook, which
// is the most that JetStream can, and nothing expires.
//
// Its first revision is the present time in microseconds. So the revisions of a
// bucket that was deleted and made again are above all that the former one had, and
// who waits for one of those does not wait for ever.
func CreateBucket(ctx context.Context, js jetstream.JetStream, name string, replicas int) (jetstream.KeyValue, error) {
	kv, err := js.KeyValue(ctx, name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		// What jetstream.CreateKeyValue makes, which has no option for FirstSeq.
		_, err = js.CreateStream(ctx, jetstream.StreamConfig{
			Name:              "KV_" + name,
			Subjects:          []string{prefixOf(name) + ">"},
			MaxMsgsPerSubject: jetstream.KeyValueMaxHistory,
			Replicas:          replicas,
			AllowRollup:       true,
			DenyDelete:        true,
			AllowDirect:       true,
			Discard:           jetstream.DiscardNew,
			FirstSeq:          uint64(time.Now().UnixMicro()),
		})
		// Somebody else may have made it meanwhile.
		if err == nil || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			kv, err = js.KeyValue(ctx, name)
		}
	}
	if err != nil {
		return nil, failed(ctx, err)
	}
	s, err := js.Stream(ctx, "KV_"+name)
	if err != nil {
		return nil, failed(ctx, err)
	}
	config := s.CachedInfo().Config
	var differs []string
	if config.Replicas != replicas {
		differs = append(differs, fmt.Sprintf("%d replicas, not %d", config.Replicas, replicas))
	}
	if config.MaxAge != 0 {
		differs = append(differs, fmt.Sprintf("values expire after %v", config.MaxAge))
	}
	if !config.AllowDirect {
		differs = append(differs, "no direct access")
	}
	if config.Mirror != nil {
		differs = append(differs, "a mirror")
	}
	if differs != nil {
		return nil, fmt.Errorf("%w: %s: %s", ErrBucketConfig, name, strings.Join(differs, ", "))
	}
	return kv, nil
}

// Put stores a webhook of an organization, and returns its revision. If [filter.Check]
// refuses w, Put returns the error of Check, and the version in the bucket stays.
func Put(ctx context.Context, kv jetstream.KeyValue, organizationID uuid.UUID, w *webhook.Webhook) (revision uint64, err error) {
	if err := filter.Check(organizationID, w); err != nil {
		return 0, err
	}
	value, err := w.MarshalJSON()
	if err != nil {
		return 0, fmt.Errorf("natsfeed: %w", err)
	}
	if revision, err = kv.Put(ctx, Key(organizationID, w.ID), value); err != nil {
		return 0, failed(ctx, err)
	}
	return revision, nil
}

// Delete removes a webhook of an organization, whether it is there or not. The revision
// is one that the bucket has without it: that of its delete marker, or of a later
// change that somebody else made in the same moment, since the client does not tell the
// marker's own.
func Delete(ctx context.Context, kv jetstream.KeyValue, organizationID, webhookID uuid.UUID) (revision uint64, err error) {
	if err := kv.Delete(ctx, Key(organizationID, webhookID)); err != nil {
		return 0, failed(ctx, err)
	}
	status, err := kv.Status(ctx)
	if err != nil {
		return 0, failed(ctx, err)
	}
	return status.(*jetstream.KeyValueBucketStatus).StreamInfo().State.LastSeq, nil
}

// Key returns the key of a webhook.
func Key(organizationID, webhookID uuid.UUID) string {
	return organizationID.String() + "." + webhookID.String()
}

// parseKey returns what [Key] made key of. Another spelling of the ids is an error: it
// would be a second key of the same webhook.
func parseKey(key string) (organizationID, webhookID uuid.UUID, err error) {
	first, second, _ := strings.Cut(key, ".")
	organizationID, _ = webhook.ParseID(first)
	webhookID, _ = webhook.ParseID(second)
	if Key(organizationID, webhookID) != key { // an id that cannot be read is uuid.Nil, so this is true
		return uuid.Nil, uuid.Nil, errors.New("the key is not <organizationId>.<webhookId>, in lower case")
	}
	return organizationID, webhookID, nil
}

// prefixOf returns what is before the key in the subject of a change (NATS ADR-8).
func prefixOf(bucket string) string { return "$KV." + bucket + "." }
