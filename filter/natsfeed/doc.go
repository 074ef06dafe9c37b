// Package natsfeed keeps a [filter.Index] equal to a NATS JetStream key-value bucket, so that
// any number of dispatchers use the same webhooks and follow their changes.
//
// One bucket holds the webhooks of all organizations. A key is <organizationId>.<webhookId>,
// in lower case, and its value is the JSON of a [webhook.Webhook]. [Put] and [Delete] change
// the bucket, and any other client may do so too.
//
//	kv, err := natsfeed.OpenBucket(ctx, js, "webhooks", 3)
//	revision, err := natsfeed.Put(ctx, kv, organizationID, w)
//
//	feed, err := natsfeed.Follow(ctx, js, "webhooks")
//	err = feed.Wait(ctx, revision)
//	fired := feed.Index().AppendMatches(nil, organizationID, event)
//
// # How a feed follows the bucket
//
// A change is a message of the bucket's stream, and its revision is the message's sequence.
// A consumer that delivers the last version of each key loads the Index. The feed subscribes
// to the messages that clients publish to the bucket: each of them announces a change, and the
// feed reads the change at once. Once per interval (see [WithInterval]), the feed also reads
// changes that were not announced. It reads changes with batched direct gets, which any server
// with the stream answers, whether or not there is a leader.
//
// A batch starts at the sequence of the last applied message. If the first message of the
// batch is that message (same sequence and time), the messages after it belong to the same
// stream and follow without a gap. Otherwise the stream may have been recreated, and the feed
// compares the stream's creation time before it applies the batch. So changes are applied in
// the order of their revisions, and the messages of a recreated bucket are never mixed with
// those of the previous bucket.
//
// Once per interval the feed asks the stream's leader for the last sequence and the number
// of keys. The feed is confirmed (see [Feed.Age]) when it has applied every change up to that
// sequence and, unless it has applied later changes too, knows the same number of keys. If the
// numbers differ, keys disappeared without a message: a delete marker was purged, the stream
// was purged, or a value expired. In this case, and if the stream was recreated or lost its
// last messages, the feed loads a new Index beside the old one, and then swaps them.
//
// The README of this folder lists the guarantees with their mechanisms, and the limits.
package natsfeed
