package main

import (
	"bufio"
	"fmt"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// The columns have fixed widths, because the widest value of a stream is not known in advance.
const (
	eventColumns = "%-7v %-36s  %-21s  %-11s  %s\n"
	firesColumns = "  fires %-36s  %s\n"
	skipsColumns = "  skips %-36s  %s: %s\n"
)

var textHeader = fmt.Sprintf(eventColumns, "LINE", "ORGANIZATION", "EVENT", "MODE", "PROJECT")

// described returns the description of a webhook, and says if the webhook does not exist yet.
func (v *verdict) described(w *webhook.Webhook) string {
	description := jsonvalue.Printable(w.Description)
	if v.notCreated[w.ID] {
		description += " (not created yet)"
	}
	return description
}

// printText prints v as text: the event, then a line for each webhook.
func printText(out *bufio.Writer, v *verdict) {
	fmt.Fprintf(out, eventColumns, v.line, v.organization,
		jsonvalue.Printable(string(v.event.Type)), jsonvalue.Printable(string(v.event.EnvironmentMode)), jsonvalue.Printable(v.event.ProjectName))
	for _, w := range v.fires {
		fmt.Fprintf(out, firesColumns, w.ID, v.described(w))
	}
	switch {
	case len(v.fires) == 0 && !v.known:
		fmt.Fprintln(out, "  fires nothing: the organization has no file")
	case len(v.fires) == 0:
		fmt.Fprintln(out, "  fires nothing")
	}
	for h, reason := range v.skipped() {
		fmt.Fprintf(out, skipsColumns, h.ID, v.described(h.Webhook), reason.Reason)
	}
}
