package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/google/uuid"
)

// DecodeList decodes the answer of GET /organization/{organizationId}/webhook,
// {"results": [...]}, and returns the webhooks that can be decoded, have the required
// id and created_at, and an id that none before them has, in the document's order.
// For the others its error has a [FieldError] each, or several, which [FieldErrors] finds:
// "results[3].events[1]", with the webhook's id, so that a reload can keep the old
// version of a webhook that has become unreadable. Where the id cannot be read it is
// zero, and the fault may be of any. Unknown kinds, event types and modes are no fault,
// and a faulty filter is for Compile to report: no more than the above is validated.
//
// If the document as a whole is no such list, be it cut off, compressed or UTF-16,
// there are no webhooks, and the error is an [ErrInvalidFormat], an [ErrRequired] for a
// document without results, or that of r. A byte order mark is skipped.
func DecodeList(r io.Reader) ([]*Webhook, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	results, err := decodeResults(data)
	if err != nil {
		return nil, err
	}
	var (
		webhooks []*Webhook
		faults   []*FieldError
		place    = make(map[uuid.UUID]int, len(results)) // of the good ones
	)
	for i, raw := range results {
		w, found := decodeResult(raw)
		id := w.ID
		if other, ok := place[id]; ok && len(found) == 0 {
			found = []*FieldError{{Field: "id", Value: id.String(), Err: fmt.Errorf("%w of results[%d]", ErrDuplicate, other)}}
		}
		if len(found) == 0 {
			place[id] = i
			webhooks = append(webhooks, w)
		}
		for _, fault := range found {
			field := element("results", i)
			if fault.Field != "" {
				field += "." + fault.Field
			}
			faults = append(faults, &FieldError{Field: field, Value: fault.Value, Err: fault.Err, WebhookID: id})
		}
	}
	return webhooks, join(faults)
}

// decodeResults returns the elements of a list's answer.
func decodeResults(data []byte) ([]json.RawMessage, error) {
	utf16 := len(data) > 1 && (data[0] == 0 || data[1] == 0 || string(data[:2]) == "\xff\xfe" || string(data[:2]) == "\xfe\xff")
	switch {
	case utf16:
		return nil, formatError{"JSON in UTF-8", "UTF-16: convert it"}
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return nil, formatError{"JSON", "gzip: decompress it"}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var list struct {
		Results json.RawMessage `json:"results"`
	}
	if err := json.Unmarshal(data, &list); !json.Valid(data) {
		return nil, syntaxError(data, err)
	} else if err != nil {
		_, got := describe(bytes.TrimSpace(data))
		return nil, formatError{`an object with "results"`, got}
	}
	if list.Results == nil || string(list.Results) == "null" {
		return nil, &FieldError{Field: "results", Err: ErrRequired}
	}
	var results []json.RawMessage
	if json.Unmarshal(list.Results, &results) != nil {
		value, got := describe(list.Results)
		return nil, &FieldError{Field: "results", Value: value, Err: formatError{"a list of webhooks", got}}
	}
	return results, nil
}

// decodeResult returns a webhook, or what is wrong with it and a webhook with no more
// than its id, if that can be read.
func decodeResult(raw json.RawMessage) (*Webhook, []*FieldError) {
	w := new(Webhook)
	if raw[0] != '{' {
		value, got := describe(raw)
		return w, []*FieldError{{Value: value, Err: formatError{"an object", got}}}
	}
	if err := w.UnmarshalJSON(raw); err != nil {
		var only struct {
			ID documentID `json:"id"`
		}
		_ = json.Unmarshal(raw, &only)
		return &Webhook{ID: only.ID.UUID}, FieldErrors(err)
	}
	return w, w.missing()
}
