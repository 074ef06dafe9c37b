package main

import (
	"bytes"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

// hooks holds the webhooks of each organization. It is safe for concurrent use after load.
type hooks struct {
	index         *filter.Index
	organizations map[uuid.UUID]organizationHooks
	projects      map[uuid.UUID]*projects.Organization
	invalid       int // number of invalid webhooks
}

type organizationHooks struct {
	known      bool        // the organization has a file
	all        []hook.Hook // all webhooks, including invalid ones, for -why
	notCreated map[uuid.UUID]bool
}

// load reads the webhooks, projects and environments in dir. invalid has an error for each
// invalid webhook, which fires for nothing, and for each invalid project and environment. notes
// has an error for each webhook with values that the API does not document, which are compared
// like any other. Each of these errors is one line and names the file. err is not nil if dir or
// a file in it cannot be read.
func load(dir string) (h hooks, invalid, notes []error, err error) {
	organizations, err := webhookdir.ReadWithRequests(dir)
	if err != nil {
		return hooks{}, nil, nil, err
	}
	known, invalid, err := projects.Read(dir)
	if err != nil {
		return hooks{}, nil, nil, err
	}
	h = hooks{projects: known, index: filter.NewIndex(), organizations: make(map[uuid.UUID]organizationHooks)}
	for _, o := range organizations {
		compiled := organizationHooks{known: true, notCreated: o.NotCreated}
		invalid = append(invalid, o.Reports()...)
		h.invalid += o.Undecodable()
		for _, w := range o.Webhooks {
			if err := h.index.Put(o.ID, w); err != nil {
				invalid = append(invalid, o.Report(w.ID, err))
				h.invalid++
			}
			if values := hook.Undocumented(w); values != nil {
				notes = append(notes, o.Report(w.ID, webhook.JoinFieldErrors(values)))
			}
		}
		compiled.all, _ = hook.CompileAll(o)
		h.organizations[o.ID] = compiled
	}
	return h, invalid, notes, nil
}

// appendFires appends to dst the webhooks of the organization that e fires, sorted by id. dst must
// be empty.
func (h hooks) appendFires(dst []*webhook.Webhook, organization uuid.UUID, e webhook.Event) []*webhook.Webhook {
	dst = h.index.AppendMatches(dst, organization, e)
	slices.SortFunc(dst, func(a, b *webhook.Webhook) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return dst
}
