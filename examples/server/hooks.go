package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// hooks is an [httpapi.Store] of the webhooks of a folder. They can be replaced
// concurrently with requests: each request sees either the old webhooks or the new ones.
type hooks struct {
	dir    string
	logger *slog.Logger
	now    atomic.Pointer[map[uuid.UUID]webhookdir.Organization]
}

// Webhook implements [httpapi.Store].
func (h *hooks) Webhook(ctx context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	webhooks, err := h.Webhooks(ctx, organizationID)
	if err != nil {
		return nil, err
	}
	for _, w := range webhooks {
		if w.ID == webhookID {
			return w, nil
		}
	}
	return nil, httpapi.ErrNotFound
}

// Webhooks implements [httpapi.Store].
func (h *hooks) Webhooks(_ context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error) {
	o, ok := (*h.now.Load())[organizationID]
	if !ok {
		return nil, httpapi.ErrNotFound
	}
	return o.Webhooks, nil
}

// String returns the numbers of served webhooks and organizations.
func (h *hooks) String() string {
	count, organizations := 0, *h.now.Load()
	for _, o := range organizations {
		count += len(o.Webhooks)
	}
	return fmt.Sprintf("%d webhooks of %d organizations", count, len(organizations))
}

// replace makes h serve organizations instead of the previous ones. A webhook that cannot be
// decoded or that filter.Check refuses is reported and not served, and no earlier
// version of it is served instead. A webhook with any other problem that Validate reports is
// reported and served unchanged, because a newer API may accept it. replace returns the
// served webhooks.
func (h *hooks) replace(organizations []webhookdir.Organization) (served []webhookdir.Organization) {
	now := make(map[uuid.UUID]webhookdir.Organization)
	for _, o := range organizations {
		for _, report := range o.Reports() {
			h.logger.Warn("not served", "error", report)
		}
		var valid []*webhook.Webhook
		for _, w := range o.Webhooks {
			if err := filter.Check(o.ID, w); err != nil {
				h.logger.Warn("not served", "file", o.File, "webhook", w.ID, "error", err)
				continue
			}
			valid = append(valid, w)
			if err := w.Validate(); err != nil {
				h.logger.Warn("served unchanged", "file", o.File, "webhook", w.ID, "error", err)
			}
		}
		// A new Organization does not keep the text of the file.
		o = webhookdir.Organization{ID: o.ID, File: o.File, Webhooks: valid}
		now[o.ID] = o
		served = append(served, o)
	}
	h.now.Store(&now)
	return served
}

// Reload reads the folder again and serves its webhooks. If a file cannot be read as a
// whole, it changes nothing.
func (h *hooks) Reload() error {
	organizations, err := webhookdir.Read(h.dir)
	if err == nil {
		h.replace(organizations)
	}
	return err
}

// sample returns the path of a list that one of the tokens may read, and the id of a
// webhook in it.
func sample(organizations []webhookdir.Organization, access *tokenfile.Access) (path string, id uuid.UUID, ok bool) {
	for _, o := range organizations {
		if len(o.Webhooks) > 0 && access.AnyReads(o.ID) {
			return fmt.Sprintf("/organization/%s/webhook", o.ID), o.Webhooks[0].ID, true
		}
	}
	return "", uuid.Nil, false
}
