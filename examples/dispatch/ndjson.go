package main

import (
	"bufio"
	"encoding/json"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// jsonLine is the output for one event with -json.
type jsonLine struct {
	Line           int       `json:"line"`
	OrganizationID uuid.UUID `json:"organization_id"`
	Organization   string    `json:"organization"`
	webhook.Event
	Fires   []uuid.UUID   `json:"fires"`
	Skipped []jsonSkipped `json:"skipped,omitzero"` // with -why only
	// NotCreated lists the webhooks in Fires and Skipped that do not exist yet.
	NotCreated []uuid.UUID `json:"not_created,omitempty"`
}

type jsonSkipped struct {
	WebhookID uuid.UUID `json:"webhook_id"`
	Clause    string    `json:"clause"`
	Reason    string    `json:"reason"`
}

// printJSON prints v as one line of NDJSON.
func printJSON(out *bufio.Writer, v *verdict) {
	l := jsonLine{Line: v.line, OrganizationID: v.organization, Organization: "unknown", Event: v.event, Fires: make([]uuid.UUID, len(v.fires))}
	if v.known {
		l.Organization = "known"
	}
	for i, w := range v.fires {
		l.Fires[i] = w.ID
		l.addNotCreated(w.ID, v)
	}
	if v.why {
		l.Skipped = []jsonSkipped{}
	}
	for h, reason := range v.skipped() {
		l.Skipped = append(l.Skipped, jsonSkipped{h.ID, reason.StoppedBy, reason.Reason})
		l.addNotCreated(h.ID, v)
	}
	_ = json.NewEncoder(out).Encode(l) // the values always encode; Flush returns a write error
}

func (l *jsonLine) addNotCreated(id uuid.UUID, v *verdict) {
	if v.notCreated[id] {
		l.NotCreated = append(l.NotCreated, id)
	}
}
