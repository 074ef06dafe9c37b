// Package hook compiles the webhooks of the example programs, and explains in words why an
// event fires a webhook or does not.
package hook

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// Hook is a compiled webhook. It is safe for concurrent use.
type Hook struct {
	*webhook.Webhook
	Invalid    []*webhook.FieldError // the problems of a webhook that cannot be decoded or compiled
	NotCreated bool                  // it is a request to create or edit a webhook, and its ID is derived
	filter     *filter.Filter        // matches nothing if the webhook is invalid
	reason     string                // the reason of every verdict if the webhook is invalid
}

// Compile compiles w and retains it. A webhook that does not compile gives a Hook that
// fires for nothing.
func Compile(w *webhook.Webhook) Hook {
	f, err := filter.Compile(w)
	if err != nil {
		return invalid(w, webhook.FieldErrors(err))
	}
	return Hook{Webhook: w, filter: f}
}

func invalid(w *webhook.Webhook, problems []*webhook.FieldError) Hook {
	return Hook{Webhook: w, Invalid: problems, filter: new(filter.Filter), reason: "invalid: " + webhook.JoinFieldErrors(problems).Error()}
}

// CompileAll compiles the webhooks of an organization, in the order of its file. After them, it
// returns an invalid Hook for each webhook that cannot be decoded. Such a Hook has only the
// webhook's id, and its description if the webhook is a request. others has the problems that
// belong to none of these Hooks: problems without a WebhookID, problems of earlier versions of a
// decoded webhook, and problems that only say that a later webhook has the same id
// ([webhookdir.Earlier]).
func CompileAll(o webhookdir.Organization) (hooks []Hook, others []*webhook.FieldError) {
	decoded := make(map[uuid.UUID]bool)
	for _, w := range o.Webhooks {
		hooks = append(hooks, Compile(w))
		decoded[w.ID] = true
	}
	var ids []uuid.UUID
	problems := make(map[uuid.UUID][]*webhook.FieldError)
	for _, p := range o.Problems {
		id := p.WebhookID
		if id == uuid.Nil || decoded[id] || webhookdir.Earlier(p) {
			others = append(others, p)
			continue
		}
		if problems[id] == nil {
			ids = append(ids, id)
		}
		_, field, _ := strings.Cut(p.Field, ".") // events in results[3].events
		problems[id] = append(problems[id], &webhook.FieldError{Field: field, Value: p.Value, Err: p.Err})
	}
	for _, id := range ids {
		w := &webhook.Webhook{ID: id}
		if o.NotCreated[id] {
			w.Description = o.Description(id) // its only name
		}
		hooks = append(hooks, invalid(w, problems[id]))
	}
	for i := range hooks {
		hooks[i].NotCreated = o.NotCreated[hooks[i].ID]
	}
	return hooks, others
}

// Match reports whether e fires h.
func (h Hook) Match(e webhook.Event) bool { return h.filter.Match(e) }

// Verdict reports whether an event fires a webhook, and why.
type Verdict struct {
	Fires bool
	// StoppedBy is the JSON name of the clause that stopped the event, or of the first
	// invalid field of an invalid webhook.
	StoppedBy string
	// Entry is the entry of project_names_filter that matched, if any.
	Entry *filter.Entry
	// Reason is the verdict in words, in one line.
	Reason string
}

// Explain returns the verdict of h on e, with its reasons.
func (h Hook) Explain(e webhook.Event) Verdict {
	if len(h.Invalid) > 0 {
		list, _, _ := strings.Cut(h.Invalid[0].Field, "[")
		return Verdict{StoppedBy: list, Reason: h.reason}
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

// Undocumented returns an error for each event type and mode of w that the API does not
// document. The error suggests a similar documented value, if there is one.
func Undocumented(w *webhook.Webhook) (values []*webhook.FieldError) {
	lists := webhook.Webhook{Events: w.Events, EnvironmentTypesFilter: w.EnvironmentTypesFilter}
	for _, e := range webhook.FieldErrors(lists.Validate()) {
		if errors.Is(e, webhook.ErrUnknownValue) {
			values = append(values, e)
		}
	}
	return values
}
