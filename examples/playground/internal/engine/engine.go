// Package engine answers the requests of the playground's page: one function from JSON to
// JSON, which runs in the browser as WebAssembly, and in tests as ordinary code. Every
// verdict, explanation and finding in a response comes from the packages webhook, filter,
// analysis and lint; the page only shows it.
package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Engine answers the page. It caches the webhooks of its last requests, so that the cost
// of an edit depends on what it changes. The zero Engine is ready for use. It is not safe
// for concurrent use.
type Engine struct {
	webhooks, baseline *document
	existing           *existing
	matches            *matches
}

// Request is a request of the page, with everything that the response depends on.
type Request struct {
	// Ask is "table", "changes", "explanation", "expectations", "state" or "existing".
	Ask string `json:"ask"`
	// Webhooks is the text of the editor: webhooks in a form that testdata/README.md lists.
	Webhooks string `json:"webhooks"`
	// Baseline is an earlier text to compare with. It may be empty.
	Baseline string `json:"baseline"`
	// Names are project names, one per line, in the format of the function Names.
	Names string                    `json:"names"`
	Types []webhook.EventType       `json:"types"`
	Modes []webhook.EnvironmentMode `json:"modes"`
	// Projects and Environments are the responses of the organization's calls for them.
	// They may be empty.
	Projects     string `json:"projects"`
	Environments string `json:"environments"`
	// OrganizationID is the id of the webhooks' organization, for expectations.
	OrganizationID string `json:"organization_id"`
	// Webhook and Name are the column and the row of the cell to explain.
	Webhook int `json:"webhook"`
	Name    int `json:"name"`
}

// Response holds either Error or the result of the request.
type Response struct {
	Error       string       `json:"error,omitempty"`
	Table       *Table       `json:"table,omitempty"`
	Changes     *Changes     `json:"changes,omitempty"`
	Explanation *Explanation `json:"explanation,omitempty"`
	Existing    *Existing    `json:"existing,omitempty"`
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
		panic(err) // cannot happen: a Response consists of strings and numbers
	}
	return data
}

func (e *Engine) answer(q *Request) (r Response, err error) {
	e.webhooks = read(q.Webhooks, e.webhooks, e.baseline)
	e.baseline = read(q.Baseline, e.baseline, e.webhooks)
	e.existing = readExisting(q.Projects, q.Environments, e.existing)
	all := Names(q.Names)
	names := e.first(all)
	switch q.Ask {
	case "table":
		r.Table = e.table(names, q.Types, q.Modes)
		r.Table.MoreNames = len(all) - len(names)
	case "changes":
		r.Changes = e.changes(q.Types, q.Modes)
	case "explanation":
		r.Explanation, err = e.explain(q, names)
	case "expectations":
		if len(names) < len(all) {
			return r, fmt.Errorf("too many names: want %d at most with these webhooks, got %d", len(names), len(all))
		}
		r.Text, err = e.webhooks.expectations(q, names, e.existing)
	case "state":
		r.Text, err = e.state(q)
	case "existing":
		r.Existing = &e.existing.response
	default:
		err = fmt.Errorf("ask: unknown value %q: want table, changes, explanation, expectations, state or existing", q.Ask)
	}
	return r, err
}

// Names returns the project names of a text, one per line. It skips blank lines. A line
// that is a JSON string stands for the string's value, so that every name can be written,
// even "" and "a\nb".
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
