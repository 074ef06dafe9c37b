package webhookdir

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// source finds positions in the text of a file. It is not safe for concurrent use.
type source struct {
	elements  []jsonvalue.Value // the webhooks
	last      map[uuid.UUID]int // the last element of each id
	positions *jsonvalue.Positions

	// The places of one element are kept, because most calls are about the element of the
	// previous call.
	places form.Places
	of     int
}

// Position returns the position of a problem or a finding about the webhook with the given id: the
// position of its field, of the nearest enclosing value if the field is absent, or the start of the
// file if the file has no such webhook. If the Field of the problem begins with an
// element of the list, as in "results[3].id", Position ignores the id.
//
// Position is not safe for concurrent use. It returns the zero Position for an Organization
// that Read did not return.
func (o Organization) Position(id uuid.UUID, problem *webhook.FieldError) jsonvalue.Position {
	if o.source == nil {
		return jsonvalue.Position{}
	}
	s, p := o.source, *problem
	i, found := s.last[id]
	if index, field, ok := splitField(p.Field); ok {
		i, found, p.Field = index, true, field
	}
	switch {
	case !found:
		return s.positions.At(0)
	case s.places == nil || s.of != i:
		s.places, s.of = form.PlacesOf(s.elements[i]), i
	}
	return s.positions.At(s.places.OfError(&p).Start)
}

// Description returns the description that the webhook with the given id has in the file, even if
// the webhook cannot be decoded. It returns "" if there is no such webhook or description.
func (o Organization) Description(id uuid.UUID) string {
	if o.source == nil {
		return ""
	}
	i, ok := o.source.last[id]
	if !ok || o.source.elements[i].Kind() != '{' {
		return ""
	}
	return form.Description(o.source.elements[i])
}

// splitField splits a Field such as "results[3].id" into 3 and "id".
func splitField(field string) (index int, rest string, ok bool) {
	field, ok = strings.CutPrefix(field, "results[")
	number, rest, closed := strings.Cut(field, "]")
	index, err := strconv.Atoi(number)
	return index, strings.TrimPrefix(rest, "."), ok && closed && err == nil
}
