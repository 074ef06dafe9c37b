// Package natsfeed keeps a [filter.Index] equal to a NATS JetStream key-value bucket,
// so that any number of dispatchers decide by the same webhooks while they change.
//
// One bucket holds the webhooks of all organizations: the key is
// <organizationId>.<webhookId>, both in lower case, and the value the JSON of
// [webhook.Webhook]. [Put] and [Delete] write it, and so may any other client.
//
//	kv, err := natsfeed.OpenBucket(ctx, js, "webhooks", 3)
//	revision, err := natsfeed.Put(ctx, kv, organizationID, w)
//
//	feed, err := natsfeed.Follow(ctx, js, "webhooks")
//	err = feed.Wait(ctx, revision)
//	fired := feed.Index().AppendMatches(nil, organizationID, event)
//
// # How it follows
//
// A change is a message of the bucket's stream, and its sequence is the revision. An
// Index is loaded by a consumer that delivers the last version of each key, and
// followed from there by batched direct gets, which need no leader of any kind:
// every interval (see [WithInterval]), and at once when a client publishes to the bucket.
//
// Each batch begins with the last message that was applied. If it comes back as it
// was (sequence and time), what follows it is of the same stream and has no gap before
// it; if not, the stream's creation time is compared first. So messages are applied in
// the order of their revisions, each above all before it, and none of a bucket that was
// deleted and recreated is mixed with the former ones.
//
// Every interval the stream's leader is asked for the last sequence L and the number of
// keys. The feed is confirmed when it has applied all up to L. It knows every key of
// the bucket then, and if it knows more of them than there are, something went without
// a message: a delete whose marker was purged, a purged stream, a value that expired.
// That, another creation time, or a stream that lost its end, makes the feed build a
// new Index beside the old one, and swap it.
//
// The README of this folder says what is guaranteed, by which mechanism, and what is
// not.
package natsfeed
