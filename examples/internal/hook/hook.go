// Package hook compiles the webhooks that the example programs work on, and explains in
// words why an event fires a webhook or does not.
package hook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// Hook is a webhook, compiled. It is safe for concurrent use.
type Hook struct {
	*webhook.Webhook
	Invalid []*webhook.FieldError // why it does not compile, if it does not
	filter  *filter.Filter        // matches nothing then
}

// Compile compiles w, which is kept. A webhook that does not compile is a Hook too:
// it fires for nothing.
func Compile(w *webhook.Webhook) Hook {
	f, err := filter.Compile(w)
	if err != nil {
		return Hook{w, webhook.FieldErrors(err), new(filter.Filter)}
	}
	return Hook{w, nil, f}
}

// Match says whether e fires h.
func (h Hook) Match(e webhook.Event) bool { return h.filter.Match(e) }

// Verdict is whether an event fires a webhook, and why.
type Verdict struct {
	Fires bool
	// StoppedBy is the JSON name of the clause that stopped the event: of a webhook
	// that does not compile, that of the first list at fault.
	StoppedBy string
	// Entry is the entry of project_names_filter that let the event through, if
	// there is one that did.
	Entry *filter.Entry
	// Reason says it in a line for people.
	Reason string
}

// Explain returns the verdict of h on e, with its reasons.
func (h Hook) Explain(e webhook.Event) Verdict {
	if len(h.Invalid) > 0 {
		list, _, _ := strings.Cut(h.Invalid[0].Field, "[")
		return Verdict{StoppedBy: list, Reason: "does not compile; " + webhook.JoinFieldErrors(h.Invalid).Error()}
	}
	x := h.filter.Explain(e)
	if stopped, ok := x.StoppedBy(); ok {
		return Verdict{StoppedBy: stopped.Name, Reason: stopped.String()}
	}
	events, _ := x.Clause(filter.ClauseEvents)
	names, _ := x.Clause(filter.ClauseProjectNames)
	modes, _ := x.Clause(filter.ClauseModes)
	return Verdict{Fires: true, Entry: names.Entry, Reason: fmt.Sprintf("%v; %v; %v", events, names, modes)}
}

// Undocumented returns the event types and modes of w that the API does not document,
// each with the one that was probably meant. They are compared like any other.
func Undocumented(w *webhook.Webhook) (values []*webhook.FieldError) {
	lists := webhook.Webhook{Events: w.Events, EnvironmentTypesFilter: w.EnvironmentTypesFilter}
	for _, fault := range webhook.FieldErrors(lists.Validate()) {
		if errors.Is(fault, webhook.ErrUnknownValue) {
			values = append(values, fault)
		}
	}
	return values
}
