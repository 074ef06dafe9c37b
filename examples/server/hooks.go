package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/tokenfile"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// hooks is an [httpapi.Store] and [httpapi.Lister] of what a folder held, which can be
// replaced while it is read: a request sees the old webhooks or the new ones.
type hooks struct {
	now atomic.Pointer[map[uuid.UUID]webhookdir.Organization]
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

// Webhooks implements [httpapi.Lister].
func (h *hooks) Webhooks(_ context.Context, organizationID uuid.UUID) ([]*webhook.Webhook, error) {
	switch o, ok := (*h.now.Load())[organizationID]; {
	case !ok:
		return nil, httpapi.ErrNotFound
	case o.Unusable:
		return nil, fmt.Errorf("%w: the organization's file is unusable", httpapi.ErrUnavailable)
	default:
		return o.Webhooks, nil
	}
}

// String says how much there is.
func (h *hooks) String() string {
	count, organizations := 0, *h.now.Load()
	for _, o := range organizations {
		count += len(o.Webhooks)
	}
	return fmt.Sprintf("%d webhooks of %d organizations", count, len(organizations))
}

// replace puts organizations in the place of all that was there, and reports what the
// API would not take of a webhook, which is served as it is: a newer API may know more.
func (h *hooks) replace(organizations []webhookdir.Organization, logger *slog.Logger) {
	now := make(map[uuid.UUID]webhookdir.Organization)
	for _, o := range organizations {
		now[o.ID] = o
		for _, w := range o.Webhooks {
			if err := w.Validate(); err != nil {
				logger.Warn("served as it is", "file", o.File, "webhook", w.ID, "fault", err)
			}
		}
	}
	h.now.Store(&now)
}

// reload replaces all by what is in dir now, unless anything there is no good.
func (h *hooks) reload(dir string, logger *slog.Logger) {
	organizations, faults, err := webhookdir.Read(dir)
	if err != nil {
		faults = append(faults, err)
	}
	for _, fault := range faults {
		logger.Error("not reloaded", "fault", fault)
	}
	if len(faults) > 0 {
		logger.Error("still serving the old webhooks", "have", h.String())
		return
	}
	h.replace(organizations, logger)
	logger.Info("reloaded", "have", h.String())
}

// sample is the path of a list that one of the tokens may read, and the id of a webhook
// in it.
func sample(organizations []webhookdir.Organization, access tokenfile.Tokens) (path string, id uuid.UUID, ok bool) {
	for _, o := range organizations {
		if len(o.Webhooks) > 0 && access.AnyReads(o.ID) {
			return fmt.Sprintf("/organization/%s/webhook", o.ID), o.Webhooks[0].ID, true
		}
	}
	return "", uuid.Nil, false
}
