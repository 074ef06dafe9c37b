package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// hooks are the webhooks of each organization. Once loaded it is safe for
// concurrent use.
type hooks map[uuid.UUID][]hook

type hook struct {
	webhook *webhook.Webhook
	filter  *filter.Filter // matches nothing if the webhook does not compile
	invalid string         // the first list that does not, or empty
}

// held is a webhook that an event does not fire.
type held struct {
	webhook *webhook.Webhook
	clause  string // the one that stopped it
}

// load reads the webhooks in dir. There is one of faults for each webhook or file
// that is unusable; a line of it says what, file and id first. err is for dir.
func load(dir string) (h hooks, faults []error, err error) {
	organizations, faults, err := webhookdir.Read(dir)
	if err != nil {
		return nil, nil, err
	}
	h = make(hooks, len(organizations))
	for _, o := range organizations {
		for _, w := range o.Webhooks {
			f, err := filter.Compile(w)
			var first *webhook.FieldError
			if !errors.As(err, &first) {
				h[o.ID] = append(h[o.ID], hook{webhook: w, filter: f})
				continue
			}
			prefix := fmt.Sprintf("%s: webhook %s: ", o.File, w.ID)
			faults = append(faults, errors.New(prefix+strings.ReplaceAll(err.Error(), "\n", "\n"+prefix)))
			list, _, _ := strings.Cut(first.Field, "[")
			h[o.ID] = append(h[o.ID], hook{webhook: w, filter: new(filter.Filter), invalid: list})
		}
	}
	return h, faults, nil
}

// appendFires appends the webhooks of the organization that e fires to dst, in
// the order of its file.
func (h hooks) appendFires(dst []*webhook.Webhook, organization uuid.UUID, e webhook.Event) []*webhook.Webhook {
	for _, hook := range h[organization] {
		if hook.filter.Match(e) {
			dst = append(dst, hook.webhook)
		}
	}
	return dst
}

// appendHeld appends the other webhooks of the organization to dst, in the order
// of its file.
func (h hooks) appendHeld(dst []held, organization uuid.UUID, e webhook.Event) []held {
	for _, hook := range h[organization] {
		if hook.invalid != "" {
			dst = append(dst, held{hook.webhook, hook.invalid})
		} else if clause, stopped := hook.filter.Explain(e).StoppedBy(); stopped {
			dst = append(dst, held{hook.webhook, clause.Name})
		}
	}
	return dst
}
