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

// organization is an organization of a folder, with its webhooks compiled. A nil
// pointer stands for an organization that the folder does not have.
type organization struct {
	webhookdir.Organization
	hooks []hook.Hook
	byID  map[uuid.UUID]hook.Hook
	// byDescription has the ids of the webhooks with a description.
	byDescription map[string][]uuid.UUID
	others        []*webhook.FieldError // problems that belong to no element of hooks
}

// load returns the organizations of a folder. A webhook that cannot be decoded or compiled
// fires for nothing. It is an error if a file cannot be read as a whole.
func load(dir string) ([]*organization, error) {
	read, err := webhookdir.ReadWithRequests(dir)
	if err != nil {
		return nil, webhookdir.Printable(err)
	}
	organizations := make([]*organization, len(read))
	for i, o := range read {
		compiled := &organization{Organization: o, byID: make(map[uuid.UUID]hook.Hook), byDescription: make(map[string][]uuid.UUID)}
		compiled.hooks, compiled.others = hook.CompileAll(o)
		for _, h := range compiled.hooks {
			compiled.byID[h.ID] = h
			if h.Description != "" {
				compiled.byDescription[h.Description] = append(compiled.byDescription[h.Description], h.ID)
			}
		}
		organizations[i] = compiled
	}
	return organizations, nil
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

// all returns the webhooks.
func (o *organization) all() []hook.Hook {
	if o == nil {
		return nil
	}
	return o.hooks
}

// description returns the description of the webhook with an id, or "".
func (o *organization) description(id uuid.UUID) string {
	if h, ok := o.hook(id); ok {
		return h.Description
	}
	return ""
}

// errUnknown is returned by resolve if there is no such webhook.
var errUnknown = errors.New("no such webhook")

// resolve returns the id of the webhook that has reference as its id, or else as its
// description. It returns errUnknown if there is no such webhook.
func (o *organization) resolve(reference string) (uuid.UUID, error) {
	if o == nil || reference == "" {
		return uuid.Nil, errUnknown
	}
	if id, err := webhook.ParseID(reference); err == nil {
		if _, ok := o.hook(id); ok {
			return id, nil
		}
	}
	return o.resolveDescription(reference)
}

// resolveDescription returns the id of the webhook with a description. It returns errUnknown
// if there is no such webhook.
func (o *organization) resolveDescription(description string) (uuid.UUID, error) {
	if o == nil {
		return uuid.Nil, errUnknown
	}
	switch ids := o.byDescription[description]; len(ids) {
	case 0:
		return uuid.Nil, errUnknown
	case 1:
		return ids[0], nil
	default:
		return uuid.Nil, fmt.Errorf("webhooks %s and %s have the description %s: use an id", ids[0], ids[1], jsonvalue.Quote(description))
	}
}

// descriptions returns the descriptions of the webhooks.
func (o *organization) descriptions() (all []string) {
	for _, h := range o.hooks {
		all = append(all, h.Description)
	}
	return all
}
