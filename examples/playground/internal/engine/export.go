package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// expectations returns the table as an expectation file of examples/hooktest, which
// then passes on these webhooks.
func (d *document) expectations(q *Request, names []string, x *existing) (string, error) {
	id, err := webhook.ParseID(q.OrganizationID)
	switch {
	case d.broken != nil || len(d.hooks) == 0:
		return "", errors.New("no webhooks: paste a webhook first")
	case len(names) == 0 || len(q.Types) == 0 || len(q.Modes) == 0:
		return "", errors.New("no events: write a project name, and choose a type and a mode")
	case err != nil:
		return "", fmt.Errorf("organization id: want a UUID of 36 characters, by which hooktest finds the webhooks; got %s", jsonvalue.Quote(q.OrganizationID))
	}
	references, err := d.references(id)
	if err != nil {
		return "", err
	}
	type event struct {
		webhook.Event
		MustFire []string `json:"must_fire"`
	}
	b := fmt.Appendf(nil, "{\n  \"organization_id\": %q,\n  \"events\": [", id)
	const first = "\n    "
	separator := first
	for _, name := range names {
		for _, t := range q.Types {
			for _, m := range x.modesOf(name, q.Modes) {
				e := event{webhook.Event{Type: t, ProjectName: name, EnvironmentMode: m}, []string{}}
				for i, h := range d.hooks {
					if h.filter.Match(e.Event) {
						e.MustFire = append(e.MustFire, references[i])
					}
				}
				line, err := marshal(e)
				if err != nil {
					return "", err
				}
				b = append(append(b, separator...), line...)
				separator = ",\n    "
			}
		}
	}
	if separator == first {
		return "", errors.New("no events: the projects have no environment in the chosen modes")
	}
	return string(b) + "\n  ]\n}\n", nil
}

// references returns a reference for hooktest to each webhook of an organization: its
// description if it is unique, otherwise its id.
func (d *document) references(organizationID uuid.UUID) ([]string, error) {
	described := make(map[string]int)
	for i, h := range d.hooks {
		switch {
		case h.w == nil:
			return nil, fmt.Errorf("%s cannot be read: correct or remove it", h.label(i))
		case h.id == uuid.Nil && !h.request:
			return nil, fmt.Errorf("%s has no id: hooktest requires one", h.label(i))
		case h.state == "ambiguous":
			return nil, fmt.Errorf("%s has the description of another webhook without an id", h.label(i))
		case h.state == "duplicate":
			return nil, fmt.Errorf("%s has the id of another webhook", h.label(i))
		}
		described[h.w.Description]++
	}
	references := make([]string, len(d.hooks))
	for i, h := range d.hooks {
		references[i] = h.id.String()
		if h.request {
			references[i] = form.RequestID(organizationID, h.w.Description, i).String()
		}
		_, err := webhook.ParseID(h.w.Description)
		if h.w.Description != "" && described[h.w.Description] == 1 && err != nil {
			references[i] = h.w.Description
		}
	}
	return references, nil
}

// state returns the content of a link: the inputs in q, without anything that may be a
// credential.
func (e *Engine) state(q *Request) (string, error) {
	var texts [2]string
	for i, d := range []*document{e.webhooks, e.baseline} {
		if d.broken != nil && i == 0 {
			return "", errors.New("the webhooks cannot be read, so target URLs cannot be removed from them: correct them first")
		}
		if len(d.hooks) > 0 && d.broken == nil {
			texts[i] = d.public()
		}
	}
	if texts[1] == texts[0] {
		texts[1] = ""
	}
	lines := strings.Split(q.Names, "\n")
	for i, line := range lines {
		for _, name := range Names(line) { // one at most
			if public := publicText("project_names_filter", name); public != name {
				lines[i] = quote(public)
			}
		}
	}
	for i, t := range q.Types {
		q.Types[i] = webhook.EventType(publicText("events", string(t)))
	}
	for i, m := range q.Modes {
		q.Modes[i] = webhook.EnvironmentMode(publicText("environment_types_filter", string(m)))
	}
	state, err := marshal(map[string]any{
		"webhooks": texts[0], "baseline": texts[1], "names": strings.Join(lines, "\n"),
		"types": q.Types, "modes": q.Modes, "organization_id": publicText("id", q.OrganizationID),
	})
	if len(state) > maxState {
		return "", fmt.Errorf("too large for a link: want %d bytes at most, got %d", maxState, len(state))
	}
	return string(state), err
}

// public returns the document without anything that may be a credential. It keeps only the
// documented fields of webhooks, without target_url and without URLs in strings. A value that
// is an object becomes {}, and a list in a list becomes []. If a webhook cannot be read, its
// target_url stays too, but a string in it becomes "", and a number 0. The webhook in the result
// cannot be read either.
func (d *document) public() string {
	hooks := make([]string, len(d.hooks))
	for i, h := range d.hooks {
		hooks[i] = "null"
		if h.raw[0] != '{' {
			continue
		}
		var kept []string
		for name, value := range parse(h.raw).Members() {
			field := fieldOf(name.String())
			if field == "" || field == "target_url" && h.w != nil {
				continue
			}
			kept = append(kept, string(name.Raw())+": "+publicValue(field, value))
		}
		hooks[i] = "{" + strings.Join(kept, ",") + "}"
	}
	text := strings.Join(hooks, ",")
	if d.list {
		text = `{"results": [` + text + `]}`
	}
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		panic(err) // cannot happen: text consists of valid parts
	}
	return b.String()
}

func publicValue(field string, v jsonvalue.Value) string {
	switch v.Kind() {
	case '{':
		return "{}"
	case '[':
		var kept []string
		for e := range v.Values() {
			if e.Kind() == '[' {
				kept = append(kept, "[]")
			} else {
				kept = append(kept, publicValue(field, e))
			}
		}
		return "[" + strings.Join(kept, ",") + "]"
	case 't', 'f', 'n':
		return string(v.Raw())
	}
	text, public := v.String(), ""
	if field != "target_url" && field != "target_secret_set" { // the latter may hold the secret by mistake
		public = publicText(field, text)
	}
	switch {
	case public == text:
		return string(v.Raw())
	case v.Kind() != '"':
		return "0"
	case !v.IsUnicode():
		return `"\ud800"` // not valid Unicode either
	}
	return quote(public)
}

// fieldOf returns the documented field that equals name, ignoring case. It returns "" if
// there is no such field.
func fieldOf(name string) string {
	for _, field := range form.Fields {
		if strings.EqualFold(name, field) {
			return field
		}
	}
	return ""
}

// publicText replaces each word in the text of a field that may be a URL: each word with "://"
// and, except in project names, which may contain slashes, each word with a slash or a question
// mark. In a description, the first slash or question mark must also be at the start of the word
// or after something like a host; otherwise the word stays.
func publicText(field, text string) string {
	words := strings.Split(text, " ")
	for i, word := range words {
		end := strings.IndexAny(word, "/?")
		switch {
		case strings.Contains(word, "://"):
		case end < 0 || field == "project_names_filter":
			continue
		case field == "description" && end > 0 && !strings.ContainsAny(word[:end], ".:@"):
			continue
		}
		words[i] = "(URL)"
	}
	return strings.Join(words, " ")
}

// quote returns s as JSON.
func quote(s string) string {
	data, _ := marshal(s) // no error: every string has a JSON form
	return string(data)
}

// marshal returns v as JSON. It does not escape <, > and &, for readability.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
