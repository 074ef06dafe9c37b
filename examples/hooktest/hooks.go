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

// organization is an organization of a folder, with its webhooks compiled. It is nil if
// the folder has no such organization.
type organization struct {
	webhookdir.Organization
	hooks  []hook.Hook
	byID   map[uuid.UUID]hook.Hook
	others []*webhook.FieldError // problems that belong to no element of hooks
}

// load returns the organizations of a folder. A webhook that cannot be decoded or compiled
// fires for nothing. It is an error if a file cannot be read as a whole.
func load(dir string) ([]*organization, error) {
	read, err := webhookdir.ReadWithRequests(dir)
	if err != nil {
		return nil, err
	}
	organizations := make([]*organization, len(read))
	for i, o := range read {
		compiled := &organization{Organization: o, byID: make(map[uuid.UUID]hook.Hook)}
		compiled.hooks, compiled.others = hook.CompileAll(o)
		for _, h := range compiled.hooks {
			compiled.byID[h.ID] = h
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
	found := uuid.Nil
	for _, h := range o.all() {
		switch {
		case h.Description != description || description == "":
		case found != uuid.Nil:
			return uuid.Nil, fmt.Errorf("webhooks %s and %s have the description %s: use an id", found, h.ID, jsonvalue.Quote(description))
		default:
			found = h.ID
		}
	}
	if found == uuid.Nil {
		return uuid.Nil, errUnknown
	}
	return found, nil
}

// descriptions returns the descriptions of the webhooks.
func (o *organization) descriptions() (all []string) {
	for _, h := range o.hooks {
		all = append(all, h.Description)
	}
	return all
}
