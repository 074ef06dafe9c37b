package main

import (
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

// appendText appends v for people: the event, then a line for each webhook.
func appendText(dst []byte, v *verdict) []byte {
	dst = fmt.Appendf(dst, eventColumns, v.line, v.organization,
		printable(string(v.event.Type)), printable(string(v.event.EnvironmentMode)), printable(v.event.ProjectName))
	for _, w := range v.fires {
		dst = fmt.Appendf(dst, firesColumns, w.ID, printable(w.Description))
	}
	if len(v.fires) == 0 {
		dst = append(dst, "  fires nothing"...)
		if !v.known {
			dst = append(dst, ": the organization has no file"...)
		}
		dst = append(dst, '\n')
	}
	for _, h := range v.held {
		dst = fmt.Appendf(dst, heldColumns, h.webhook.ID, printable(h.webhook.Description), h.Reason)
	}
	return dst
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
