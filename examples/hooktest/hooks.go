package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// organization is an organization of a folder, with its webhooks compiled. Nil is
// one that the folder does not have.
type organization struct {
	webhookdir.Organization
	hooks []hook.Hook // one for each of Webhooks
	byID  map[uuid.UUID]hook.Hook
}

// load returns the organizations of a folder, or an error for every file and every webhook
// that cannot be read.
func load(dir string) ([]*organization, error) {
	read, err := webhookdir.Read(dir)
	if err != nil {
		return nil, err
	}
	var unreadable []error
	organizations := make([]*organization, len(read))
	for i, o := range read {
		compiled := &organization{Organization: o, byID: make(map[uuid.UUID]hook.Hook)}
		for _, w := range o.Webhooks {
			h := hook.Compile(w)
			compiled.hooks = append(compiled.hooks, h)
			compiled.byID[w.ID] = h
		}
		organizations[i] = compiled
		unreadable = append(unreadable, o.Reports()...)
	}
	return organizations, errors.Join(unreadable...)
}

// find returns the organization with an id, or nil.
func find(organizations []*organization, id uuid.UUID) *organization {
	i := slices.IndexFunc(organizations, func(o *organization) bool { return o.ID == id })
	if i < 0 {
		return nil
	}
	return organizations[i]
}

// hook returns the webhook with an id.
func (o *organization) hook(id uuid.UUID) (h hook.Hook, ok bool) {
	if o == nil {
		return h, false
	}
	h, ok = o.byID[id]
	return h, ok
}

// errUnknown says that a reference is to no webhook.
var errUnknown = errors.New("no such webhook")

// resolve returns the id of the webhook that has reference as its id, or else of the
// one that has it as its description. Its error is errUnknown if there is none.
func (o *organization) resolve(reference string) (uuid.UUID, error) {
	if o == nil || reference == "" {
		return uuid.Nil, errUnknown
	}
	if id, err := webhook.ParseID(reference); err == nil {
		if _, ok := o.hook(id); ok {
			return id, nil
		}
	}
	found := uuid.Nil
	for _, h := range o.hooks {
		switch {
		case h.Description != reference:
		case found != uuid.Nil:
			return uuid.Nil, fmt.Errorf("%s describes %s and %s: use an id", jsonvalue.Quote(reference), found, h.ID)
		default:
			found = h.ID
		}
	}
	if found == uuid.Nil {
		return uuid.Nil, errUnknown
	}
	return found, nil
}

// descriptions returns those of the webhooks.
func (o *organization) descriptions() (all []string) {
	for _, h := range o.hooks {
		all = append(all, h.Description)
	}
	return all
}
