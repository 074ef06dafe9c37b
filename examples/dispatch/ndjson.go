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
	}
	if v.why {
		l.Skipped = []jsonSkipped{}
	}
	for id, reason := range v.skipped() {
		l.Skipped = append(l.Skipped, jsonSkipped{id.ID, reason.StoppedBy, reason.Reason})
	}
	_ = json.NewEncoder(out).Encode(l) // the values always encode; Flush returns a write error
}
