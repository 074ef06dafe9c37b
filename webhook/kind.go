package webhook

import "slices"

// Kind is the "kind" of a webhook. It does not affect which events fire the webhook.
//
// A newer API may send a kind that is not listed here. Decoding keeps it, encoding writes
// it back, and [Webhook.Validate] reports it.
type Kind string

// The kinds that the API documents.
const (
	KindStandard Kind = "STANDARD" // the event as JSON, to any endpoint
	KindSlack    Kind = "SLACK"    // a message, to a Slack compatible endpoint
)

var kinds = []Kind{KindStandard, KindSlack}

// Kinds returns the documented kinds, in the order of the API document, in a new slice.
func Kinds() []Kind { return slices.Clone(kinds) }
