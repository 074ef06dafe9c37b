package form

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// IsRequest reports whether v is a request to create or edit a webhook: an object with
// members of a webhook, but without id and created_at.
func IsRequest(v jsonvalue.Value) bool {
	if v.Kind() != '{' {
		return false
	}
	request := false
	for name, value := range v.Members() {
		switch name.String() {
		case "id", "created_at":
			if value.Kind() != 'n' {
				return false
			}
		case "kind", "target_url", "target_secret", "description", "enabled", "events", "project_names_filter", "environment_types_filter":
			request = true
		}
	}
	return request
}

// RequestID returns the id by which a webhook that does not exist yet is known: it depends
// on the organization and the description or, if that is empty, on the webhook's index in
// its file.
func RequestID(organizationID uuid.UUID, description string, index int) uuid.UUID {
	name := "description " + description
	if description == "" {
		name = fmt.Sprintf("index %d", index)
	}
	return uuid.NewSHA1(organizationID, []byte(name))
}

// RepeatedDescriptions returns a map from the index of each request whose description is repeated in
// the list to the index of another request with this description. It ignores requests without a
// description.
func RepeatedDescriptions(list []jsonvalue.Value) map[int]int {
	first, repeated := make(map[string]int), make(map[int]int)
	for i, v := range list {
		if !IsRequest(v) {
			continue
		}
		description := Description(v)
		other, found := first[description]
		switch {
		case description == "":
		case !found:
			first[description] = i
		default:
			repeated[i] = other
			if _, ok := repeated[other]; !ok {
				repeated[other] = i
			}
		}
	}
	return repeated
}

// Description returns the description of a webhook, or "" if it has none.
func Description(v jsonvalue.Value) string {
	for name, value := range v.Members() {
		if name.String() == "description" && value.Kind() == '"' {
			return value.String()
		}
	}
	return ""
}

// Webhook returns the JSON of a webhook in the API's form, which package webhook decodes:
// times that the CLI printed become RFC 3339. If id is not uuid.Nil, v is a request, and
// gets this id.
func Webhook(v jsonvalue.Value, id uuid.UUID) []byte {
	if v.Kind() != '{' {
		return v.Raw()
	}
	text := []byte{'{'}
	if id != uuid.Nil {
		text = fmt.Appendf(text, `"id":%q`, id)
	}
	for name, value := range v.Members() {
		field, raw := name.String(), value.Raw()
		if id != uuid.Nil && field == "id" {
			continue // the id of a request is null
		}
		if (field == "created_at" || field == "updated_at") && value.Kind() == '"' {
			if t, ok := Time(value.String()); ok {
				raw = []byte(`"` + t.Format(time.RFC3339Nano) + `"`)
			}
		}
		if len(text) > 1 {
			text = append(text, ',')
		}
		text = append(append(append(text, name.Raw()...), ':'), raw...)
	}
	return append(text, '}')
}

// Time parses a time as the CLI prints it, in the format of [time.Time.String].
func Time(s string) (t time.Time, ok bool) {
	const layout = "2006-01-02 15:04:05.999999999 -0700"
	end := strings.LastIndexByte(s, ' ') // of the time without the name of its zone
	if end < 0 {
		return t, false
	}
	t, err := time.Parse(layout, s[:end])
	return t, err == nil && t.Format(layout) == s[:end] && end < len(s)-1
}
