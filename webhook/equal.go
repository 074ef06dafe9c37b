package webhook

import "bytes"

// Equal reports whether w and other encode to the same JSON, with the same optional fields
// present. A nil webhook equals only another nil one, and a webhook that cannot be encoded
// equals no webhook, not even itself. Equal encodes both webhooks.
func (w *Webhook) Equal(other *Webhook) bool {
	if w == nil || other == nil {
		return w == other
	}
	a, errA := w.MarshalJSON()
	b, errB := other.MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
