package main

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// hooks are the webhooks of each organization. Once loaded they are safe for
// concurrent use.
type hooks struct {
	index *filter.Index
	all   map[uuid.UUID][]hook // those that do not compile as well, for -why
}

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
		return hooks{}, nil, err
	}
	h = hooks{filter.NewIndex(), make(map[uuid.UUID][]hook)}
	for _, o := range organizations {
		for _, w := range o.Webhooks {
			f, err := filter.Compile(w)
			if err == nil {
				err = h.index.Put(o.ID, w)
			}
			var first *webhook.FieldError
			if !errors.As(err, &first) {
				h.all[o.ID] = append(h.all[o.ID], hook{webhook: w, filter: f})
				continue
			}
			prefix := fmt.Sprintf("%s: webhook %s: ", o.File, w.ID)
			faults = append(faults, errors.New(prefix+strings.ReplaceAll(err.Error(), "\n", "\n"+prefix)))
			list, _, _ := strings.Cut(first.Field, "[")
			h.all[o.ID] = append(h.all[o.ID], hook{webhook: w, filter: new(filter.Filter), invalid: list})
		}
	}
	return h, faults, nil
}

// appendFires appends the webhooks of the organization that e fires to dst, which
// is empty, by id.
func (h hooks) appendFires(dst []*webhook.Webhook, organization uuid.UUID, e webhook.Event) []*webhook.Webhook {
	dst = h.index.AppendMatches(dst, organization, e)
	slices.SortFunc(dst, func(a, b *webhook.Webhook) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return dst
}

// appendHeld appends the other webhooks of the organization to dst, in the order
// of its file.
func (h hooks) appendHeld(dst []held, organization uuid.UUID, e webhook.Event) []held {
	for _, hook := range h.all[organization] {
		if hook.invalid != "" {
			dst = append(dst, held{hook.webhook, hook.invalid})
		} else if clause, stopped := hook.filter.Explain(e).StoppedBy(); stopped {
			dst = append(dst, held{hook.webhook, clause.Name})
		}
	}
	return dst
}
