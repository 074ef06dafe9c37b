package engine

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// document is a parsed text of webhooks. It is immutable.
type document struct {
	text   string
	broken *Note   // why the text is neither a webhook nor a list of webhooks, or nil
	list   bool    // the text is a list
	hooks  []*hook // in the order of the text
	starts []int   // where in text each begins
}

// hook is a webhook of a document. It does not contain its position in the text, so that
// it can be reused after an edit elsewhere.
type hook struct {
	raw     string
	w       *webhook.Webhook // nil if it cannot be decoded
	id      uuid.UUID        // zero if it is missing or cannot be decoded
	request bool             // it is a request to create or edit a webhook
	filter  *filter.Filter   // matches nothing if w is invalid or a duplicate
	state   string           // as in Column
	notes   []Note           // with places in raw
	alone   *hook            // for a duplicate: the hook as it is without the other webhooks
}

// read returns the document of text. It reuses the hooks of the known documents.
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
			hooks[h.raw] = cmp.Or(h.alone, h)
		}
	}
	d := &document{text: text}
	// A byte order mark is not JSON. Blank it, so that offsets stay the same.
	if mark := "\ufeff"; strings.HasPrefix(text, mark) {
		text = strings.Repeat(" ", len(mark)) + text[len(mark):]
	}
	if strings.TrimSpace(text) == "" {
		return d
	}
	var values []jsonvalue.Value
	if values, d.list, d.broken = split(text); d.broken != nil {
		return d
	}
	last := make(map[uuid.UUID]int)
	for i, v := range values {
		raw := string(v.Raw())
		h := hooks[raw]
		if h == nil {
			h = newHook(raw)
		}
		if h.id != uuid.Nil {
			last[h.id] = i
		}
		d.hooks, d.starts = append(d.hooks, h), append(d.starts, v.Offset())
	}
	for i, h := range d.hooks {
		if later, ok := last[h.id]; ok && later != i {
			d.hooks[i] = h.duplicate("duplicate", "id", fmt.Sprintf("%v of results[%d], which replaces it", webhook.ErrDuplicate, later),
				"Remove it, or correct its id.")
		}
	}
	for i, other := range form.RepeatedDescriptions(values) {
		d.hooks[i] = d.hooks[i].duplicate("ambiguous", "description", fmt.Sprintf("%v of results[%d]", webhook.ErrDuplicate, other),
			"Give webhooks without an id different descriptions: they have no other name yet.")
	}
	return d
}

// split returns the webhooks of a text, and whether the text is a list.
func split(text string) (values []jsonvalue.Value, list bool, broken *Note) {
	root, err := jsonvalue.Parse([]byte(text))
	switch trimmed := strings.TrimSpace(text); {
	case form.IsHTML([]byte(trimmed)):
		at := strings.Index(text, trimmed)
		return nil, false, &Note{Kind: kindError, Code: "form", Webhook: -1, Message: form.NotJSON([]byte(trimmed)).Error(), place: form.Place{Start: at, End: at + 1}}
	case err != nil:
		return nil, false, syntaxNote(text, err)
	}
	switch root.Kind() {
	case '{':
	case '[':
		return elements(root)
	case 'n': // the CLI's list of no webhooks
		return nil, true, nil
	default:
		return nil, false, formNote(root, "", `want a webhook, {"id": …}, or a list of webhooks, {"results": […]} or […]; got `+kindOf(root))
	}
	var results jsonvalue.Value
	for key, value := range root.Members() {
		switch name := key.String(); {
		case !strings.EqualFold(name, "results"):
		case name != "results":
			return nil, false, formNote(key, "results", webhook.ErrMisspelled.Error())
		case list:
			return nil, false, formNote(key, "results", webhook.ErrDuplicate.Error()+" member")
		default:
			results, list = value, true
		}
	}
	switch {
	case !list && form.Not("a webhook", root) != nil:
		return nil, false, formNote(root, "", form.Not("a webhook", root).Error())
	case !list:
		return []jsonvalue.Value{root}, false, nil
	case results.Kind() != '[':
		return nil, false, formNote(results, "results", "want a list of webhooks, got "+kindOf(results))
	}
	return elements(results)
}

// elements does the work of split for a text that is a list, or has one in results.
func elements(list jsonvalue.Value) (values []jsonvalue.Value, isList bool, broken *Note) {
	for v := range list.Values() {
		if err := form.Not("a webhook", v); err != nil {
			return nil, false, formNote(v, "", err.Error())
		}
		values = append(values, v)
	}
	if len(values) > maxWebhooks {
		return nil, false, formNote(list, "", fmt.Sprintf("want a list of at most %d webhooks, got %d", maxWebhooks, len(values)))
	}
	return values, true, nil
}

// kindOf names the type of a value.
func kindOf(v jsonvalue.Value) string {
	switch v.Kind() {
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
	v := parse(raw)
	h := &hook{raw: raw, request: form.IsRequest(v), filter: new(filter.Filter)}
	places, normal := form.PlacesOf(v), form.Webhook(v, uuid.Nil)
	note := func(kind, code string, f *webhook.FieldError) {
		h.notes = append(h.notes, Note{Kind: kind, Code: code, Field: f.Field, Message: f.Err.Error(), place: places.OfError(f)})
	}

	// The id does not come from w, because a webhook that cannot be decoded may have one too.
	webhooks, problems, _ := webhook.DecodeList(strings.NewReader(`{"results":[` + string(normal) + `]}`))
	for _, w := range webhooks {
		h.id = w.ID
	}
	for _, p := range problems {
		h.id = p.WebhookID
	}

	w := new(webhook.Webhook)
	err := w.UnmarshalJSON(normal)
	if raw == "null" { // UnmarshalJSON ignores null, by the convention of encoding/json
		err = &webhook.FieldError{Field: "webhook", Err: errors.New("want an object, got null")}
	}
	if err != nil {
		h.state = "unreadable"
		for _, f := range webhook.FieldErrors(err) {
			note(kindError, "unreadable", f)
		}
		return h
	}
	h.w = w

	invalid := make(map[string]bool) // by field
	if f, err := filter.Compile(w); err != nil {
		h.state = "invalid"
		for _, f := range webhook.FieldErrors(err) {
			invalid[f.Field] = true
			note(kindError, "invalid", f)
		}
	} else {
		h.filter = f
		if !w.Enabled {
			h.state = "disabled"
		}
	}
	found := findings(w)
	if h.request {
		h.notes = append(h.notes, Note{Kind: kindWarning, Code: "request", Message: "not created yet: it has no id and no created_at", place: places.Of("")})
	}
	for _, f := range webhook.FieldErrors(w.Validate()) {
		if h.request && (f.Field == "id" || f.Field == "created_at") {
			continue
		}
		if !invalid[f.Field] && !found.has(f.Field) {
			note(kindWarning, "validation", f)
		}
	}
	for _, f := range found {
		f.place = places.Of(f.Field)
		h.notes = append(h.notes, f)
	}
	return h
}

// parse returns the value of raw, which is part of a parsed text and therefore valid JSON.
func parse(raw string) jsonvalue.Value {
	v, err := jsonvalue.Parse([]byte(raw))
	if err != nil {
		panic(err)
	}
	return v
}

// duplicate returns a copy of h with the given state, for a list in which another webhook
// has the same value of field. It does not modify h, which other lists may share.
func (h *hook) duplicate(state, field, message, advice string) *hook {
	duplicate := *h
	duplicate.filter, duplicate.state, duplicate.alone = new(filter.Filter), state, h
	duplicate.notes = append([]Note{{Kind: kindError, Code: "duplicate-" + field, Field: field, Message: message, Advice: advice,
		place: form.PlacesOf(parse(h.raw)).Of(field)}}, h.notes...)
	return &duplicate
}

// label returns a name for a webhook: its description, its id, or its position.
func (h *hook) label(index int) string {
	switch {
	case h.w != nil && h.w.Description != "":
		return jsonvalue.Printable(h.w.Description)
	case h.id != uuid.Nil:
		return h.id.String()
	}
	return fmt.Sprintf("webhook %d", index+1)
}
