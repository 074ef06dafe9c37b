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
	decode func(*Webhook, jsonvalue.Value, *problems)
}

var members = [...]member{
	{"id", decodeID},
	{"created_at", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.CreatedAt = decodeTime(w, "created_at", v, createdAtZero, p)
	}},
	{"updated_at", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.UpdatedAt = decodeTime(w, "updated_at", v, updatedAtZero, p)
	}},
	{"kind", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.Kind = Kind(decodeString(w, "kind", v, kindEmpty, p))
	}},
	{"target_url", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.TargetURL = decodeString(w, "target_url", v, targetURLEmpty, p)
	}},
	{"target_secret_set", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.wire &^= targetSecretSetAbsent
		w.TargetSecretSet = decodeBool("target_secret_set", v, p)
	}},
	{"description", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.Description = decodeString(w, "description", v, descriptionEmpty, p)
	}},
	{"enabled", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.wire &^= enabledAbsent
		w.Enabled = decodeBool("enabled", v, p)
	}},
	{"events", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.Events = decodeList[EventType]("events", v, p)
	}},
	{"project_names_filter", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.ProjectNamesFilter = decodeList[string]("project_names_filter", v, p)
	}},
	{"environment_types_filter", func(w *Webhook, v jsonvalue.Value, p *problems) {
		w.EnvironmentTypesFilter = decodeList[EnvironmentMode]("environment_types_filter", v, p)
	}},
}

var errDuplicateMember = fmt.Errorf("%w member", ErrDuplicate)

// decodeWebhook decodes v. If there are problems, only the ID of w is meaningful: it is
// uuid.Nil unless v has exactly one id and that can be decoded.
func decodeWebhook(v jsonvalue.Value) (w Webhook, p problems) {
	if v.Kind() != '{' {
		p.add(wanted("webhook", "an object", v))
		return w, p
	}
	w.Enabled, w.wire = true, targetSecretSetAbsent|enabledAbsent
	var seen [len(members)]int
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
		switch seen[i]++; {
		case seen[i] == 2:
			p.add(&FieldError{Field: name, Err: errDuplicateMember})
			fallthrough
		case seen[i] > 2:
			if name == "id" {
				w.ID = uuid.Nil
			}
		case value.Kind() != 'n':
			members[i].decode(&w, value, &p)
		}
	}
	return w, p
}

// memberOf returns the index of the documented member whose name equals key, ignoring
// case, and whether the case is the same too. It returns -1 if there is none.
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

func decodeID(w *Webhook, v jsonvalue.Value, p *problems) {
	if v.Kind() == '"' {
		id, err := ParseID(v.String())
		if err == nil {
			w.ID = id
			return
		}
	}
	p.add(wanted("id", "a UUID of 36 characters", v))
}

func decodeTime(w *Webhook, field string, v jsonvalue.Value, zero presence, p *problems) time.Time {
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

func decodeString(w *Webhook, field string, v jsonvalue.Value, empty presence, p *problems) string {
	if v.Kind() != '"' {
		p.add(wanted(field, "a string", v))
		return ""
	}
	s := v.String()
	if s == "" {
		w.wire |= empty
	}
	return s
}

func decodeBool(field string, v jsonvalue.Value, p *problems) bool {
	switch v.Kind() {
	case 't':
		return true
	case 'f':
		return false
	}
	err := wanted(field, "true or false", v)
	if v.Kind() == '"' { // in target_secret_set it may be the secret itself, so it is not shown
		err.Value, err.Err = "", formatError{"true or false", "a string"}
	}
	p.add(err)
	return false
}

func decodeList[S ~string](field string, v jsonvalue.Value, p *problems) []S {
	if v.Kind() != '[' {
		p.add(wanted(field, "a list of strings", v))
		return nil
	}
	list := []S{}
	for e := range v.Values() {
		s := ""
		switch e.Kind() {
		case '"':
			s = e.String()
		case 'n':
		default:
			if p.full() {
				return nil
			}
			p.add(wanted(element(field, len(list)), "a string", e))
		}
		list = append(list, S(s))
	}
	return list
}

// wanted returns the error for v, which is not what field wants.
func wanted(field, want string, v jsonvalue.Value) *FieldError {
	value, got := describe(v)
	return &FieldError{Field: field, Value: value, Err: formatError{want, got}}
}
