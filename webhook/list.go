package webhook

import (
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// maxListErrors is the number of problems after which DecodeList only counts further
// elements with problems. A list from an untrusted source may have millions of them.
const maxListErrors = 1000

// DecodeList decodes the response to GET /organization/{organizationId}/webhook,
// {"results": [...]}. It returns the webhooks that can be decoded and have an id, in the
// document's order. problems lists the problems of the other webhooks; the Field of each
// has the form "results[3].events[1]". If several webhooks have the same id, the last one
// counts, and each of the others is reported as an [ErrDuplicate]. If the last one has a
// problem, none of them is returned. An element whose id cannot be decoded affects no other
// element.
//
// DecodeList does not validate further: filter.Compile and filter.Check report invalid
// filters, and [Webhook.Validate] reports every problem of a webhook. After 1,000 problems,
// a final [ErrMore] gives the number of further elements with problems.
//
// err is not nil if the document as a whole is not a list, for example because it is
// truncated, compressed or in UTF-16; webhooks and problems are then nil. err is an
// [ErrInvalidFormat], an [ErrRequired] for a document without results, an
// [ErrDuplicate] or [ErrMisspelled] for the member results, or the error of r. A byte
// order mark is skipped.
//
// DecodeList reads all of r into memory. Limit an r from an untrusted source, for example
// with [net/http.MaxBytesReader].
func DecodeList(r io.Reader) (webhooks []*Webhook, problems []*FieldError, err error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, nil, err
	}
	results, err := parseResults(data)
	if err != nil {
		return nil, nil, err
	}
	type result struct {
		id     uuid.UUID
		w      *Webhook // nil if there are problems
		errors []*FieldError
	}
	var all []result
	last := make(map[uuid.UUID]int) // the last index of each id
	kept := 0                       // number of errors in the elements of all
	for v := range results.Values() {
		p := collected{limit: min(MaxFieldErrors, max(1, maxListErrors-kept))}
		w := decodeWebhook(v, &p)
		if len(p.errs) == 0 && w.ID == uuid.Nil {
			p.add(&FieldError{Field: "id", Err: ErrRequired})
		}
		r := result{id: w.ID}
		switch {
		case len(p.errs) == 0:
			r.w = &w
		case kept < maxListErrors: // otherwise the element is only counted
			r.errors = p.errs
			kept += len(p.errs)
		}
		if w.ID != uuid.Nil {
			last[w.ID] = len(all)
		}
		all = append(all, r)
	}
	more := 0
	for i, r := range all {
		if lastIndex, ok := last[r.id]; ok && lastIndex != i {
			r.w = nil
			if len(problems) < maxListErrors {
				r.errors = append(r.errors, &FieldError{Field: "id", Value: r.id.String(), Err: fmt.Errorf("%w of results[%d]", ErrDuplicate, lastIndex)})
			}
		}
		switch {
		case r.w != nil:
			webhooks = append(webhooks, r.w)
			continue
		case len(problems) >= maxListErrors || len(r.errors) == 0:
			more++
			continue
		}
		for _, e := range r.errors {
			field := element("results", i)
			if e.Field != "webhook" {
				field += "." + e.Field
			}
			problems = append(problems, &FieldError{Field: field, Value: e.Value, Err: e.Err, WebhookID: r.id})
		}
	}
	if more > 0 {
		problems = append(problems, &FieldError{Field: "results", Err: fmt.Errorf("%d %w", more, ErrMore)})
	}
	return webhooks, problems, nil
}

// parseResults returns the value of the member results in data.
func parseResults(data []byte) (results jsonvalue.Value, err error) {
	data, err = jsonvalue.UTF8(data)
	if err != nil {
		return results, fmt.Errorf("%w: %v", ErrInvalidFormat, err)
	}
	root, err := jsonvalue.Parse(data)
	if err != nil {
		return results, syntaxError(data, err)
	}
	if root.Kind() != '{' {
		_, got := describe(root)
		return results, formatError{`an object with "results"`, got}
	}
	found := false
	for key, value := range root.Members() {
		name := key.String()
		switch {
		case !strings.EqualFold(name, "results"):
		case name != "results":
			return results, &FieldError{Field: "results", Value: name, Err: ErrMisspelled}
		case found:
			return results, &FieldError{Field: "results", Err: errDuplicateMember}
		default:
			results, found = value, true
		}
	}
	if !found || results.Kind() == 'n' {
		return results, &FieldError{Field: "results", Err: ErrRequired}
	}
	if results.Kind() != '[' {
		return results, wanted("results", "a list of webhooks", results)
	}
	return results, nil
}
