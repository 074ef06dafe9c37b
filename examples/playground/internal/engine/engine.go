// Package engine answers what the playground's page asks: one function with JSON in
// and out, which runs in the browser as WebAssembly and here as any other code.
// Every verdict, explanation, fault and finding in an answer comes from the packages
// webhook, filter and lint; the page only shows it.
package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Engine answers the page. It remembers the webhooks of its last requests, so that
// an edit costs what it changes. The zero Engine is ready for use, by one goroutine
// at a time.
type Engine struct {
	webhooks, baseline *document
	matches            *matches
}

// Request is what the page asks, with all that the answer depends on.
type Request struct {
	// Ask is "table", "explanation", "expectations" or "state".
	Ask string `json:"ask"`
	// Webhooks is the text of the editor: a webhook, or what the API's list call
	// answers.
	Webhooks string `json:"webhooks"`
	// Baseline is an earlier text to compare with. It may be empty.
	Baseline string `json:"baseline"`
	// Names are project names, one a line, as Names reads them.
	Names string                    `json:"names"`
	Types []webhook.EventType       `json:"types"`
	Modes []webhook.EnvironmentMode `json:"modes"`
	// OrganizationID is that of the webhooks, for expectations.
	OrganizationID string `json:"organization_id"`
	// Webhook and Name are the column and the row of the cell to explain.
	Webhook int `json:"webhook"`
	Name    int `json:"name"`
}

// Response has Error or what was asked for.
type Response struct {
	Error       string       `json:"error,omitempty"`
	Table       *Table       `json:"table,omitempty"`
	Explanation *Explanation `json:"explanation,omitempty"`
	// Text is an expectation file, or the state as JSON.
	Text string `json:"text,omitempty"`
}

// Answer returns the Response to a Request, both as JSON.
func (e *Engine) Answer(request []byte) []byte {
	var q Request
	var r Response
	err := json.Unmarshal(request, &q)
	if err == nil {
		r, err = e.answer(&q)
	}
	if err != nil {
		r = Response{Error: err.Error()}
	}
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // a Response is made of strings and numbers
	}
	return data
}

func (e *Engine) answer(q *Request) (r Response, err error) {
	e.webhooks = read(q.Webhooks, e.webhooks, e.baseline)
	e.baseline = read(q.Baseline, e.baseline, e.webhooks)
	names := Names(q.Names)
	switch q.Ask {
	case "table":
		r.Table = e.table(names, q.Types, q.Modes)
	case "explanation":
		r.Explanation, err = e.explain(q, names)
	case "expectations":
		r.Text, err = e.webhooks.expectations(q, names)
	case "state":
		r.Text, err = e.state(q)
	default:
		err = fmt.Errorf("ask: unknown value %q", q.Ask)
	}
	return r, err
}

// Names returns the project names of a text, one a line. Blank lines are none. A
// line that is a JSON string is the name that the string says, so that every name
// can be written: "" and "a\nb" too.
func Names(text string) (names []string) {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		if line[0] == '"' {
			if v, err := jsonvalue.Parse([]byte(line)); err == nil {
				line = v.String()
			}
		}
		names = append(names, line)
	}
	return names
}
