package webhook

import "bytes"

// Equal reports whether w and other encode to the same JSON, which includes that the same
// optional fields are present. A nil webhook equals only another nil one, and a webhook
// that cannot be encoded equals none.
func (w *Webhook) Equal(other *Webhook) bool {
	if w == nil || other == nil {
		return w == other
	}
	a, errA := w.MarshalJSON()
	b, errB := other.MarshalJSON()
	return errA == nil && errB == nil && bytes.Equal(a, b)
}
