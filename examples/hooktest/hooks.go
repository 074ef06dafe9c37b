package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

// organization is an organization of a folder, with its webhooks compiled.
type organization struct {
	webhookdir.Organization
	hooks []hook // one for each of Webhooks
}

type hook struct {
	*webhook.Webhook
	filter  *filter.Filter // matches nothing if the webhook does not compile
	invalid []lint.Finding // why it does not
}

// load returns the organizations of a folder, or an error of every part of it
// that is unusable.
func load(dir string) ([]organization, error) {
	read, faults, err := webhookdir.Read(dir)
	if err != nil {
		return nil, err
	}
	organizations := make([]organization, len(read))
	for i, o := range read {
		organizations[i].Organization = o
		for _, w := range o.Webhooks {
			f, err := filter.Compile(w)
			if err != nil {
				f = new(filter.Filter)
			}
			organizations[i].hooks = append(organizations[i].hooks, hook{w, f, faultsOf(err)})
		}
	}
	return organizations, errors.Join(faults...)
}

// invalid is the code of what keeps a webhook from compiling, which lint.Check
// leaves to Compile.
const invalid lint.Code = "invalid"

// faultsOf returns what an error of filter.Compile joins.
func faultsOf(err error) (findings []lint.Finding) {
	var fault *webhook.FieldError
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			findings = append(findings, faultsOf(err)...)
		}
	} else if errors.As(err, &fault) {
		findings = append(findings, lint.Finding{Code: invalid, Field: fault.Field, Value: fault.Value, Message: fault.Err.Error()})
	}
	return findings
}

// find returns the organization with an id, or nil.
func find(organizations []organization, id uuid.UUID) *organization {
	for i := range organizations {
		if organizations[i].ID == id {
			return &organizations[i]
		}
	}
	return nil
}

// resolve returns the position of the webhook that has reference as its id, or
// else of the one that has it as its description.
func (o *organization) resolve(reference string) (int, error) {
	if id, err := webhook.ParseID(reference); err == nil {
		if at := slices.IndexFunc(o.hooks, func(h hook) bool { return h.ID == id }); at >= 0 {
			return at, nil
		}
	}
	found := -1
	for i, h := range o.hooks {
		switch {
		case reference == "" || h.Description != reference:
		case found >= 0:
			return 0, fmt.Errorf("%q describes %s and %s: use an id", reference, o.hooks[found].ID, h.ID)
		default:
			found = i
		}
	}
	if found < 0 {
		return 0, fmt.Errorf("no webhook in %s has the id or the description %q", o.File, reference)
	}
	return found, nil
}
