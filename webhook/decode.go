package webhook

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// member is a documented member of a webhook's JSON object. decode stores its value in
// the webhook, or adds a problem. It is not called for null, which counts as absent.
type member struct {
	name   string
	decode func(*Webhook, jsonvalue.Value, *collected)
}

var members = [...]member{
	{"id", decodeID},
	{"created_at", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.CreatedAt = decodeTime(w, "created_at", v, createdAtZero, p)
	}},
	{"updated_at", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.UpdatedAt = decodeTime(w, "updated_at", v, updatedAtZero, p)
	}},
	{"kind", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.Kind = Kind(decodeString(w, "kind", v, kindEmpty, p))
	}},
	{"target_url", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.TargetURL = decodeString(w, "target_url", v, targetURLEmpty, p)
	}},
	{"target_secret_set", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.wire &^= targetSecretSetAbsent
		w.TargetSecretSet = decodeBool("target_secret_set", v, p)
	}},
	{"description", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.Description = decodeString(w, "description", v, descriptionEmpty, p)
	}},
	{"enabled", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.wire &^= enabledAbsent
		w.Enabled = decodeBool("enabled", v, p)
	}},
	{"events", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.Events = decodeList[EventType]("events", v, p)
	}},
	{"project_names_filter", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.ProjectNamesFilter = decodeList[string]("project_names_filter", v, p)
	}},
	{"environment_types_filter", func(w *Webhook, v jsonvalue.Value, p *collected) {
		w.EnvironmentTypesFilter = decodeList[EnvironmentMode]("environment_types_filter", v, p)
	}},
}

var errDuplicateMember = fmt.Errorf("%w member", ErrDuplicate)

// decodeWebhook decodes v, and adds its problems to p. If there are any, only the ID of w
// is meaningful: it is uuid.Nil if no id can be decoded, or if two of them differ.
func decodeWebhook(v jsonvalue.Value, p *collected) (w Webhook) {
	if v.Kind() != '{' {
		p.add(wanted("webhook", "an object", v))
		return w
	}
	w.Enabled, w.wire = true, targetSecretSetAbsent|enabledAbsent
	var seen [len(members)]int
	idsDiffer := false
	for key, value := range v.Members() {
		i, exact := memberOf(key)
		if i < 0 {
			continue
		}
		name := members[i].name
		if !exact {
			p.add(&FieldError{Field: name, Value: key.String(), Err: ErrMisspelled})
			continue
		}
		if seen[i]++; seen[i] == 2 {
			p.add(&FieldError{Field: name, Err: errDuplicateMember})
		}
		switch {
		case value.Kind() == 'n':
		case seen[i] == 1:
			members[i].decode(&w, value, p)
		case name == "id":
			// DecodeList needs the id of a webhook that cannot be decoded.
			var other Webhook
			decodeID(&other, value, new(collected))
			if w.ID == uuid.Nil {
				w.ID = other.ID
			}
			idsDiffer = idsDiffer || other.ID != uuid.Nil && other.ID != w.ID
		}
	}
	if idsDiffer {
		w.ID = uuid.Nil
	}
	return w
}

// memberOf returns the index of the documented member whose name equals key, ignoring
// case, and whether the case is equal too. It returns -1 if there is no such member.
func memberOf(key jsonvalue.Value) (index int, exact bool) {
	raw := key.Raw()
	for i := range members {
		if name := members[i].name; len(raw) == len(name)+len(`""`) && string(raw[1:len(raw)-1]) == name {
			return i, true
		}
	}
	text := key.String()
	for i := range members {
		if strings.EqualFold(members[i].name, text) {
			return i, members[i].name == text
		}
	}
	return -1, false
}

func decodeID(w *Webhook, v jsonvalue.Value, p *collected) {
	if v.Kind() == '"' {
		id, err := ParseID(v.String())
		if err == nil {
			w.ID = id
			return
		}
	}
	p.add(wanted("id", "a UUID of 36 characters", v))
}

func decodeTime(w *Webhook, field string, v jsonvalue.Value, zero presence, p *collected) time.Time {
	want := "an RFC 3339 time"
	if v.Kind() == '"' {
		t, err := parseTime(v.String())
		if err == nil {
			if t.IsZero() {
				w.wire |= zero
			}
			return t
		}
		if errors.Is(err, errLeapSecond) {
			want += " without a leap second"
		}
	}
	p.add(wanted(field, want, v))
	return time.Time{}
}

func decodeString(w *Webhook, field string, v jsonvalue.Value, empty presence, p *collected) string {
	if err := checkString(field, v); err != nil {
		p.add(err)
		return ""
	}
	s := v.String()
	if s == "" {
		w.wire |= empty
	}
	return s
}

// checkString returns nil if v is a string that can be decoded and encoded unchanged.
func checkString(field string, v jsonvalue.Value) *FieldError {
	switch {
	case v.Kind() != '"':
		return wanted(field, "a string", v)
	case !v.IsUnicode():
		value, _ := describe(v)
		return &FieldError{Field: field, Value: value, Err: ErrInvalidUTF8}
	}
	return nil
}

func decodeBool(field string, v jsonvalue.Value, p *collected) bool {
	switch v.Kind() {
	case 't':
		return true
	case 'f':
		return false
	}
	err := wanted(field, "true or false", v)
	switch { // do not show the value: in target_secret_set it may be the secret itself
	case v.Kind() == '"':
		err.Value, err.Err = "", formatError{"true or false", "a string"}
	case v.Kind() != '[' && v.Kind() != '{' && field == "target_secret_set":
		err.Value, err.Err = "", formatError{"true or false", "a number"}
	}
	p.add(err)
	return false
}

func decodeList[S ~string](field string, v jsonvalue.Value, p *collected) []S {
	if v.Kind() != '[' {
		p.add(wanted(field, "a list of strings", v))
		return nil
	}
	list := []S{}
	for e := range v.Values() {
		s := ""
		if e.Kind() != 'n' {
			if e.Kind() == '"' && e.IsUnicode() {
				s = e.String()
			} else if p.full() {
				return nil
			} else {
				p.add(checkString(element(field, len(list)), e))
			}
		}
		list = append(list, S(s))
	}
	return list
}

// wanted returns the error for a value of another type or format than want.
func wanted(field, want string, v jsonvalue.Value) *FieldError {
	value, got := describe(v)
	return &FieldError{Field: field, Value: value, Err: formatError{want, got}}
}
