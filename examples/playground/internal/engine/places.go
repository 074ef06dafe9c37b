package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// place is a range of bytes of a text.
type place struct{ start, end int }

func (p place) shift(by int) place { return place{p.start + by, p.end + by} }

// placeOf returns the place of a value.
func placeOf(v jsonvalue.Value) place { return place{v.Offset(), v.Offset() + len(v.Raw())} }

// headOf returns the place of a value, or of the opening bracket if the value is a list or
// an object, because highlighting all of it would hide the highlights inside.
func headOf(v jsonvalue.Value) place {
	if k := v.Kind(); k == '{' || k == '[' {
		return place{v.Offset(), v.Offset() + 1}
	}
	return placeOf(v)
}

// fields are the members of a webhook that the API documents.
var fields = []string{"id", "created_at", "updated_at", "kind", "target_url", "target_secret_set", "description",
	"enabled", "events", "project_names_filter", "environment_types_filter"}

// fieldOf returns the documented field that equals name, ignoring case. It returns "" if
// there is no such field.
func fieldOf(name string) string {
	for _, field := range fields {
		if strings.EqualFold(name, field) {
			return field
		}
	}
	return ""
}

// places maps the Field of a FieldError, such as "events" or "events[1]", to the places of
// a webhook's fields and of their elements. The webhook itself is "". A repeated field has
// several places. Unknown names have places too, because they may be misspelled fields.
type places map[string][]place

func placesOf(v jsonvalue.Value) places {
	found := places{"": {headOf(v)}}
	if v.Kind() != '{' {
		return found
	}
	for key, value := range v.Members() {
		name := key.String()
		if len(found[name]) > 0 || !slices.Contains(fields, name) {
			found[name] = append(found[name], placeOf(key)) // the name is the problem
			continue
		}
		found[name] = []place{placeOf(value)}
		if value.Kind() == '[' {
			i := 0
			for e := range value.Values() {
				found[fmt.Sprintf("%s[%d]", name, i)] = []place{placeOf(e)}
				i++
			}
		}
	}
	return found
}

// of returns the place of a field, or of the nearest enclosing value that has a place.
func (p places) of(field string) place {
	for {
		if at := p[field]; len(at) > 0 {
			return at[0]
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
}

// ofError returns the place of a problem. Problems with the same misspelled name must
// come in the order of the text.
func (p places) ofError(f *webhook.FieldError) place {
	switch {
	case errors.Is(f.Err, webhook.ErrDuplicate) && len(p[f.Field]) > 1:
		return p[f.Field][1]
	case errors.Is(f.Err, webhook.ErrMisspelled) && len(p[f.Value]) > 0:
		at := p[f.Value]
		p[f.Value] = at[1:] // for the next problem with this name
		return at[0]
	}
	return p.of(f.Field)
}
