package main

import (
	"encoding/json"
	"strconv"
)

// appendJSON appends v as one line of NDJSON.
func appendJSON(dst []byte, v *verdict) []byte {
	dst = append(dst, `{"line":`...)
	dst = strconv.AppendInt(dst, int64(v.line), 10)
	dst = append(dst, `,"organization_id":"`...)
	dst = append(dst, v.organization.String()...)
	dst = append(dst, `","organization":"`...)
	if v.known {
		dst = append(dst, "known"...)
	} else {
		dst = append(dst, "unknown"...)
	}
	dst = append(dst, `","event_type":`...)
	dst = appendString(dst, string(v.event.Type))
	dst = append(dst, `,"project_name":`...)
	dst = appendString(dst, v.event.ProjectName)
	dst = append(dst, `,"environment_mode":`...)
	dst = appendString(dst, string(v.event.EnvironmentMode))
	dst = append(dst, `,"fires":[`...)
	for i, w := range v.fires {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, w.ID.String()...)
		dst = append(dst, '"')
	}
	dst = append(dst, ']')
	if v.why {
		dst = append(dst, `,"held":[`...)
		for i, h := range v.held {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"webhook_id":"`...)
			dst = append(dst, h.webhook.ID.String()...)
			dst = append(dst, `","clause":"`...)
			dst = append(dst, h.StoppedBy...)
			dst = append(dst, `","reason":`...)
			dst = appendString(dst, h.Reason)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, "}\n"...)
}

// appendString appends s as encoding/json writes it.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(s) // a string has no error
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}
