package natsfeed

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// OpenBucket returns a bucket for Put and Follow. If there is no bucket with the name, it
// creates one in which nothing expires, and which keeps the last 64 versions of each webhook,
// the maximum of a key-value bucket. Otherwise it checks the configuration of the bucket: an
// [ErrBucketConfig] lists the unsuitable properties. replicas is the number of servers that store the
// bucket, 1, 3 or 5; an existing bucket may have more.
//
// The first revision of a new bucket is the current time in microseconds. So revisions keep
// increasing when a bucket is deleted and recreated, and a [Feed.Wait] for an old revision
// returns.
func OpenBucket(ctx context.Context, js jetstream.JetStream, name string, replicas int) (jetstream.KeyValue, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	kv, err := js.KeyValue(ctx, name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		// jetstream.CreateKeyValue makes the same configuration, but has no option for FirstSeq.
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
		// Another client may have created it meanwhile.
		if err == nil || errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			kv, err = js.KeyValue(ctx, name)
		}
	}
	if err != nil && !errors.Is(err, jetstream.ErrBadBucket) { // the checks below find the reason of ErrBadBucket
		return nil, failed(ctx, name, err)
	}
	s, err := js.Stream(ctx, "KV_"+name)
	if err != nil {
		return nil, failed(ctx, name, err)
	}
	config := s.CachedInfo().Config
	problems := append(followProblems(config), putProblems(config)...)
	if config.Replicas < replicas {
		problems = append(problems, fmt.Sprintf("%d replicas, not %d", config.Replicas, replicas))
	}
	if err := configError(name, problems); err != nil {
		return nil, err
	}
	return kv, nil
}

// followProblems returns the reasons why [Follow] cannot follow a bucket whose
// configuration is c.
func followProblems(c jetstream.StreamConfig) (problems []string) {
	prefix := prefixOf(strings.TrimPrefix(c.Name, "KV_"))
	switch {
	case c.Mirror != nil && c.Mirror.Name != c.Name: // its messages have the subjects of another bucket
		problems = append(problems, "a mirror of "+c.Mirror.Name)
	case slices.ContainsFunc(c.Subjects, func(subject string) bool { return !strings.HasPrefix(subject, prefix) }):
		problems = append(problems, fmt.Sprintf("subjects %s, not %s>", strings.Join(c.Subjects, ", "), prefix))
	}
	if !c.AllowDirect {
		problems = append(problems, "no direct access")
	}
	if c.Retention != jetstream.LimitsPolicy {
		problems = append(problems, "consumed messages are removed: retention "+c.Retention.String())
	}
	if c.ConsumerLimits.InactiveThreshold > 0 && c.ConsumerLimits.InactiveThreshold < inactiveThreshold {
		problems = append(problems, fmt.Sprintf("consumers are limited to %v without activity, less than %v", c.ConsumerLimits.InactiveThreshold, inactiveThreshold))
	}
	return problems
}

// putProblems returns the reasons why a bucket whose configuration is c may refuse a webhook, lose
// it, or go back to an older version of it. It ignores harmless properties: compression,
// metadata, placement, the first sequence, duplicates (Put sends no message ids),
// republishing, atomic, fast and scheduled publishing, whether purges and rollups are
// allowed, and limits beyond which a Put returns an error.
func putProblems(c jetstream.StreamConfig) (problems []string) {
	for _, check := range []struct {
		wrong   bool
		problem string
	}{
		{c.Mirror != nil && c.Mirror.Name == c.Name, "a mirror"},
		{c.Mirror == nil && !slices.Contains(c.Subjects, prefixOf(strings.TrimPrefix(c.Name, "KV_"))+">"), "not all keys among its subjects"},
		{len(c.Sources) > 0, "messages from other streams: sources"},
		{c.SubjectTransform != nil, "keys are changed: a subject transform"},
		{c.MaxMsgsPerSubject < 1, "unlimited history, which a bucket cannot have"},
		{c.MaxAge != 0, fmt.Sprintf("values expire after %v", c.MaxAge)},
		// When a value expires, the previous one reappears, without a message.
		{c.AllowMsgTTL, "values may expire one by one: message TTLs are allowed"},
		{c.SubjectDeleteMarkerTTL != 0, fmt.Sprintf("delete markers expire after %v", c.SubjectDeleteMarkerTTL)},
		{c.Discard == jetstream.DiscardOld && (c.MaxMsgs > 0 || c.MaxBytes > 0), "webhooks are discarded when it is full: discard old"},
		{c.DiscardNewPerSubject, "changes are refused when a webhook's history is full: discard new per subject"},
		// When a version is erased, the previous one reappears, without a message.
		{!c.DenyDelete, "versions can be erased by their sequence: deletes are not denied"},
		{c.Sealed, "sealed"},
		{c.NoAck, "writes are not acknowledged"},
		{c.PersistMode == jetstream.AsyncPersistMode, "writes are acknowledged before they are written: persist mode " + c.PersistMode.String()},
		{c.AllowMsgCounter, "values are counters"},
		{c.Storage != jetstream.FileStorage, "webhooks are lost when servers restart: storage " + c.Storage.String()},
		{c.MaxConsumers > 0, fmt.Sprintf("at most %d consumers, and each feed needs one to load", c.MaxConsumers)},
	} {
		if check.wrong {
			problems = append(problems, check.problem)
		}
	}
	return problems
}

// configError returns an [ErrBucketConfig] that lists the problems, or nil if there are none.
func configError(bucket string, problems []string) error {
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s: %s", ErrBucketConfig, bucket, strings.Join(problems, "; "))
}

// Put stores a webhook of an organization, and returns its revision, for [Feed.Wait]. If
// [filter.Check] refuses w, Put returns the error of Check and changes nothing.
func Put(ctx context.Context, kv jetstream.KeyValue, organizationID uuid.UUID, w *webhook.Webhook) (revision uint64, err error) {
	if err := filter.Check(organizationID, w); err != nil {
		return 0, err
	}
	value, err := w.MarshalJSON()
	if err != nil {
		return 0, fmt.Errorf("natsfeed: %w", err)
	}
	if revision, err = kv.Put(ctx, Key(organizationID, w.ID), value); err != nil {
		return 0, failed(ctx, kv.Bucket(), err)
	}
	return revision, nil
}

// Delete deletes a webhook of an organization. It is not an error if there is no such webhook.
// Delete returns a revision for [Feed.Wait]: an index that has reached it includes the
// deletion. It is the revision of the delete marker or of a change right after it, because
// the NATS client does not return the marker's revision.
//
// The Status of kv must have the method StreamInfo of [jetstream.KeyValueBucketStatus], and
// kv must not be a mirror. Otherwise Delete returns an error and deletes nothing.
func Delete(ctx context.Context, kv jetstream.KeyValue, organizationID, webhookID uuid.UUID) (revision uint64, err error) {
	if _, err := lastRevision(ctx, kv); err != nil {
		return 0, err
	}
	if err := kv.Delete(ctx, Key(organizationID, webhookID)); err != nil {
		return 0, failed(ctx, kv.Bucket(), err)
	}
	return lastRevision(ctx, kv)
}

// lastRevision asks the leader for the last revision of a bucket.
func lastRevision(ctx context.Context, kv jetstream.KeyValue) (uint64, error) {
	status, err := kv.Status(ctx)
	if err != nil {
		return 0, failed(ctx, kv.Bucket(), err)
	}
	s, ok := status.(interface {
		StreamInfo() *jetstream.StreamInfo
	})
	if !ok {
		return 0, fmt.Errorf("natsfeed: bucket %s: cannot read its last revision: the status of type %T has no method StreamInfo", kv.Bucket(), status)
	}
	info := s.StreamInfo()
	if info.Config.Mirror != nil {
		return 0, configError(kv.Bucket(), []string{"a mirror"}) // it lags behind the bucket that is written
	}
	return info.State.LastSeq, nil
}

// Key returns the key of a webhook in the bucket.
func Key(organizationID, webhookID uuid.UUID) string {
	return organizationID.String() + "." + webhookID.String()
}

// parseKey is the inverse of [Key]. Any other spelling of the ids is an error, because it would
// be a second key of the same webhook.
func parseKey(key string) (organizationID, webhookID uuid.UUID, err error) {
	first, second, _ := strings.Cut(key, ".")
	organizationID, _ = webhook.ParseID(first)
	webhookID, _ = webhook.ParseID(second)
	if Key(organizationID, webhookID) != key { // also true if an id is invalid, since it is uuid.Nil then
		return uuid.Nil, uuid.Nil, errors.New("the key is not <organizationId>.<webhookId>, in lower case")
	}
	return organizationID, webhookID, nil
}

var validName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// checkName returns an error unless the servers allow the name.
func checkName(bucket string) error {
	if !validName.MatchString(bucket) {
		return fmt.Errorf("natsfeed: bucket name %q: want letters, digits, '_' and '-'", bucket)
	}
	return nil
}

// prefixOf returns the part of a message's subject before the key (NATS ADR-8).
func prefixOf(bucket string) string { return "$KV." + bucket + "." }
