package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// document is a text of webhooks that was read. It does not change.
type document struct {
	text   string
	broken bool    // it is not JSON, or neither a webhook nor a list of them
	list   bool    // it is what the list call answers
	hooks  []*hook // in the order of the text
	starts []int   // where in text each begins
	notes  []Note  // of the whole text, with their places in it
}

// hook is a webhook of a document. It does not know its place, so that an edit
// elsewhere leaves it as it is.
type hook struct {
	raw    string
	w      *webhook.Webhook // nil if it cannot be decoded
	id     uuid.UUID        // zero if it has none that can be read
	filter *filter.Filter   // matches nothing if w does not compile
	state  string           // as in Column
	notes  []Note           // with places in raw
}

// read returns the document of text, with what known documents have of it.
func read(text string, known ...*document) *document {
	hooks := make(map[string]*hook)
	for _, d := range known {
		if d == nil {
			continue
		}
		if d.text == text {
			return d
		}
		for _, h := range d.hooks {
			hooks[h.raw] = h
		}
	}
	d := &document{text: text}
	if strings.TrimSpace(text) == "" {
		return d
	}
	// A byte order mark is no JSON and means nothing.
	if mark := "\ufeff"; strings.HasPrefix(text, mark) {
		text = strings.Repeat(" ", len(mark)) + text[len(mark):]
	}
	raws, err := d.split(text)
	if err != nil {
		d.broken = true
		d.notes = []Note{brokenNote(text, err)}
		return d
	}
	ids := make(map[uuid.UUID]int)
	for i, raw := range raws {
		h := hooks[raw]
		if h == nil {
			h = newHook(raw)
		}
		if h.id != uuid.Nil {
			if first, again := ids[h.id]; again {
				d.notes = append(d.notes, Note{Kind: warning, Code: "duplicate-id", Webhook: i, Field: "id",
					Message: fmt.Sprintf("%v of results[%d]", webhook.ErrDuplicate, first),
					Advice:  "Give each webhook the id that the API gave it.",
					place:   placesOf(raw).of("id").shift(d.starts[i])})
			} else {
				ids[h.id] = i
			}
		}
		d.hooks = append(d.hooks, h)
	}
	return d
}

// errForm: the text is JSON of another form.
var errForm = errors.New(`want a webhook, {"id": …}, or the list call's answer, {"results": […]}`)

// split returns the webhooks of a text as they are written there, and sets their
// starts.
func (d *document) split(text string) (raws []string, err error) {
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(text), &whole); err != nil {
		return nil, err
	}
	if whole[0] != '{' {
		return nil, fmt.Errorf("%w; this is %s", errForm, kindOf(whole[0]))
	}
	results, isList := members(text)["results"]
	if !isList {
		start := len(text) - len(strings.TrimLeft(text, " \t\r\n"))
		d.starts = []int{start}
		return []string{string(whole)}, nil
	}
	d.list = true
	if text[results.start] != '[' {
		return nil, fmt.Errorf(`%w; "results" is %s`, errForm, kindOf(text[results.start]))
	}
	for _, p := range elements(text, results) {
		raws = append(raws, text[p.start:p.end])
		d.starts = append(d.starts, p.start)
	}
	return raws, nil
}

// kindOf names a JSON value by its first character.
func kindOf(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}

// newHook decodes, compiles and checks a webhook.
func newHook(raw string) *hook {
	h := &hook{raw: raw, filter: new(filter.Filter)}
	places := placesOf(raw)
	note := func(kind, code string, f *webhook.FieldError) {
		message := strings.TrimPrefix(f.Err.Error(), "webhook: ")
		h.notes = append(h.notes, Note{Kind: kind, Code: code, Field: f.Field, Message: message, place: places.of(f.Field)})
	}

	var identified struct{ ID string }
	_ = json.Unmarshal([]byte(raw), &identified) // what else is wrong with it is told below
	h.id, _ = webhook.ParseID(identified.ID)

	w := new(webhook.Webhook)
	err := json.Unmarshal([]byte(raw), w)
	if err == nil && raw == "null" { // which is no webhook, and no error of JSON
		err = errors.New("want an object, got null")
	}
	if err != nil {
		h.state = "unreadable"
		for _, f := range faults(err) {
			note(fault, "unreadable", f)
		}
		return h
	}
	h.w = w

	stops := make(map[string]bool)
	if f, err := filter.Compile(w); err != nil {
		h.state = "invalid"
		for _, f := range faults(err) {
			stops[f.Field] = true
			note(fault, "invalid", f)
		}
	} else {
		h.filter = f
		if !w.Enabled {
			h.state = "disabled"
		}
	}
	found := findings(w)
	for _, f := range faults(w.Validate()) {
		if !stops[f.Field] && !found.has(f.Field) {
			note(warning, "validation", f)
		}
	}
	for _, f := range found {
		f.place = places.of(f.Field)
		h.notes = append(h.notes, f)
	}
	return h
}

// faults returns what is wrong by err. What is about no field has an empty Field.
func faults(err error) []*webhook.FieldError {
	if found := webhook.FieldErrors(err); len(found) > 0 || err == nil {
		return found
	}
	return []*webhook.FieldError{{Err: err}}
}

// label is how people recognise a webhook.
func (h *hook) label(index int) string {
	switch {
	case h.w != nil && h.w.Description != "":
		return visible(h.w.Description)
	case h.id != uuid.Nil:
		return h.id.String()
	}
	return fmt.Sprintf("webhook %d", index+1)
}
