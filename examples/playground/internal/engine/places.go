package engine

import (
	"encoding/json"
	"fmt"
	"strings"
)

// place is a stretch of a text, in bytes.
type place struct{ start, end int }

func (p place) shift(by int) place { return place{p.start + by, p.end + by} }

// members returns the places of an object's values by the names of their fields. A
// name is spelled as the API does if only case differs, since encoding/json ignores
// that too; of several with one name it is the last, which is the one that counts.
// The text must be valid JSON.
func members(text string) map[string]place {
	found := make(map[string]place)
	d := json.NewDecoder(strings.NewReader(text))
	_, _ = d.Token() // the brace
	for d.More() {
		name, _ := d.Token()
		found[canonicalField(name.(string))] = next(d, text)
	}
	return found
}

// elements returns the places of the elements of the list at p.
func elements(text string, p place) (found []place) {
	list := text[p.start:p.end]
	d := json.NewDecoder(strings.NewReader(list))
	_, _ = d.Token() // the bracket
	for d.More() {
		found = append(found, next(d, list).shift(p.start))
	}
	return found
}

// next returns the place in text of the value that is d's next.
func next(d *json.Decoder, text string) place {
	start := int(d.InputOffset())
	start += len(text[start:]) - len(strings.TrimLeft(text[start:], " \t\r\n,:"))
	var value json.RawMessage
	_ = d.Decode(&value)
	return place{start, start + len(value)}
}

// fields are those of a webhook, as the API documents them, and results, of a list.
var fields = []string{"id", "created_at", "updated_at", "kind", "target_url", "target_secret_set", "description",
	"enabled", "events", "project_names_filter", "environment_types_filter", "results"}

func canonicalField(name string) string {
	for _, field := range fields {
		if strings.EqualFold(name, field) {
			return field
		}
	}
	return name
}

// places are those of a webhook's fields and of their lists' elements, by the names
// that a FieldError gives them: "events", "events[1]"; and that of all as "".
type places map[string]place

func placesOf(raw string) places {
	if raw[0] != '{' {
		return places{"": {0, len(raw)}}
	}
	found := places(members(raw))
	for name, p := range found {
		if raw[p.start] != '[' {
			continue
		}
		for i, element := range elements(raw, p) {
			found[fmt.Sprintf("%s[%d]", name, i)] = element
		}
	}
	found[""] = place{0, 1} // the brace: the whole would hide what is in it
	return found
}

// of returns the place of a field, or the nearest that there is of what holds it.
func (p places) of(field string) place {
	for {
		if at, ok := p[field]; ok {
			return at
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
}
