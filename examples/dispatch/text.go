package main

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// The columns are of fixed widths: a stream has no widest value.
const (
	eventColumns = "%-7v %-36s  %-21s  %-11s  %s\n"
	firesColumns = "  fires %-36s  %s\n"
	heldColumns  = "  held  %-36s  %s: %s\n"
)

var textHeader = fmt.Sprintf(eventColumns, "LINE", "ORGANIZATION", "EVENT", "MODE", "PROJECT")

// printText prints v for people: the event, then a line for each webhook.
func printText(out *bufio.Writer, v *verdict) {
	fmt.Fprintf(out, eventColumns, v.line, v.organization,
		printable(string(v.event.Type)), printable(string(v.event.EnvironmentMode)), printable(v.event.ProjectName))
	for _, w := range v.fires {
		fmt.Fprintf(out, firesColumns, w.ID, printable(w.Description))
	}
	switch {
	case len(v.fires) == 0 && !v.known:
		fmt.Fprintln(out, "  fires nothing: the organization has no file")
	case len(v.fires) == 0:
		fmt.Fprintln(out, "  fires nothing")
	}
	for h, reason := range v.skipped() {
		fmt.Fprintf(out, heldColumns, h.ID, printable(h.Description), reason.Reason)
	}
}

// printable returns s, quoted if it would not be seen as it is: if it is empty,
// has a character that is invisible or moves others about, begins or ends with a
// space, or looks quoted.
func printable(s string) string {
	invisible := func(r rune) bool { return !strconv.IsPrint(r) }
	if s == "" || s != strings.TrimFunc(s, unicode.IsSpace) || strings.HasPrefix(s, `"`) || strings.ContainsFunc(s, invisible) {
		return strconv.Quote(s)
	}
	return s
}
