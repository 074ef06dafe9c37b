package form

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Place is a range of bytes of a text.
type Place struct{ Start, End int }

// placeOf returns the place of a value.
func placeOf(v jsonvalue.Value) Place { return Place{v.Offset(), v.Offset() + len(v.Raw())} }

// HeadOf returns the place of a value, or of the opening bracket if the value is a list or
// an object, because highlighting all of it would hide the highlights inside.
func HeadOf(v jsonvalue.Value) Place {
	if k := v.Kind(); k == '{' || k == '[' {
		return Place{v.Offset(), v.Offset() + 1}
	}
	return placeOf(v)
}

// Fields are the members of a webhook that the API documents.
var Fields = []string{"id", "created_at", "updated_at", "kind", "target_url", "target_secret_set", "description",
	"enabled", "events", "project_names_filter", "environment_types_filter"}

// Places maps the Field of a FieldError, such as "events" or "events[1]", to the places of
// a webhook's fields and of their elements. The webhook itself is "". A repeated field has
// several places. Unknown names have places too, because they may be misspelled fields.
type Places map[string][]Place

// PlacesOf returns the places of a webhook, as offsets in the text of v.
func PlacesOf(v jsonvalue.Value) Places {
	found := Places{"": {HeadOf(v)}}
	if v.Kind() != '{' {
		return found
	}
	for key, value := range v.Members() {
		name := key.String()
		if len(found[name]) > 0 || !slices.Contains(Fields, name) {
			found[name] = append(found[name], placeOf(key)) // the name is the problem
			continue
		}
		found[name] = []Place{placeOf(value)}
		if value.Kind() == '[' {
			i := 0
			for e := range value.Values() {
				found[fmt.Sprintf("%s[%d]", name, i)] = []Place{placeOf(e)}
				i++
			}
		}
	}
	return found
}

// Of returns the place of a field, or of the nearest enclosing value that has a place.
func (p Places) Of(field string) Place {
	for {
		if at := p[field]; len(at) > 0 {
			return at[0]
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
}

// OfError returns the place of a problem. For a misspelled name, which may be repeated, each call
// returns the next place of the name: call OfError once for each problem, in the order of the text.
func (p Places) OfError(f *webhook.FieldError) Place {
	switch {
	case errors.Is(f.Err, webhook.ErrDuplicate) && len(p[f.Field]) > 1:
		return p[f.Field][1]
	case errors.Is(f.Err, webhook.ErrMisspelled) && len(p[f.Value]) > 0:
		at := p[f.Value]
		p[f.Value] = at[1:] // for the next problem with this name
		return at[0]
	}
	return p.Of(f.Field)
}
