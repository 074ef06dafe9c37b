package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// delivery is the content of a message of DELIVERIES, and a line of the output with -json.
type delivery struct {
	EventSeq       uint64    `json:"event_seq"` // in EVENTS
	OrganizationID uuid.UUID `json:"organization_id"`
	WebhookID      uuid.UUID `json:"webhook_id"`
	// Revision is a revision of the bucket. The dispatcher knew all changes up to it.
	Revision uint64 `json:"revision"`
	webhook.Event
}

// output prints deliveries and counts events. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	w    *bufio.Writer
	json bool

	events, fired, deliveries, rejected int
}

const columns = "%-8v %-36s  %-36s  %-16v  %-21s  %-11s  %s\n"

func newOutput(w io.Writer, json bool) *output {
	o := &output{w: bufio.NewWriterSize(w, 64<<10), json: json}
	if !json {
		fmt.Fprintf(o.w, columns, "EVENT", "ORGANIZATION", "WEBHOOK", "REVISION", "TYPE", "MODE", "PROJECT")
	}
	return o
}

// print prints deliveries that were stored. A delivery is printed at most once, and never if
// the servers stored it without a timely confirmation.
func (o *output) print(deliveries []delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deliveries += len(deliveries)
	for _, d := range deliveries {
		if o.json {
			line, _ := json.Marshal(d) // a delivery always encodes
			_, _ = o.w.Write(append(line, '\n'))
		} else {
			fmt.Fprintf(o.w, columns, d.EventSeq, d.OrganizationID, d.WebhookID, d.Revision,
				jsonvalue.Printable(string(d.Type)), jsonvalue.Printable(string(d.EnvironmentMode)), jsonvalue.Printable(d.ProjectName))
		}
	}
	_ = o.w.Flush() // best effort: the deliveries are stored even if the output fails
}

// count counts an event whose acknowledgement was confirmed.
func (o *output) count(result string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch result {
	case rejected:
		o.rejected++
		return
	case fired:
		o.fired++
	}
	o.events++
}

// summary returns the closing line, in the format of examples/dispatch.
func (o *output) summary(malformed, invalid int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("events %d, fired %d, deliveries %d, malformed lines %d, invalid webhooks %d\n",
		o.events, o.fired, o.deliveries, malformed+o.rejected, invalid)
}
