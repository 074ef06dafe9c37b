package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// hooks is an [httpapi.Store] of what a folder held, which can be replaced while
// it is read: a request sees the old webhooks or the new ones.
type hooks struct{ now atomic.Pointer[contents] }

type contents struct {
	organizations int
	webhooks      map[key]*webhook.Webhook
}

type key struct{ organization, webhook uuid.UUID }

// Webhook implements [httpapi.Store].
func (h *hooks) Webhook(_ context.Context, organizationID, webhookID uuid.UUID) (*webhook.Webhook, error) {
	if w, ok := h.now.Load().webhooks[key{organizationID, webhookID}]; ok {
		return w, nil
	}
	return nil, httpapi.ErrNotFound
}

// String says how much there is.
func (h *hooks) String() string {
	c := h.now.Load()
	return fmt.Sprintf("%d webhooks of %d organizations", len(c.webhooks), c.organizations)
}

func (h *hooks) replace(organizations []webhookdir.Organization) {
	c := contents{len(organizations), make(map[key]*webhook.Webhook)}
	for _, o := range organizations {
		for _, w := range o.Webhooks {
			c.webhooks[key{o.ID, w.ID}] = w
		}
	}
	h.now.Store(&c)
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
	h.replace(organizations)
	logger.Info("reloaded", "have", h.String())
}

// samplePath is the path of a webhook that one of the tokens may read.
func samplePath(organizations []webhookdir.Organization, access tokens) (path string, ok bool) {
	for _, o := range organizations {
		if len(o.Webhooks) > 0 && access.anyReads(o.ID) {
			return fmt.Sprintf("/organization/%s/webhook/%s", o.ID, o.Webhooks[0].ID), true
		}
	}
	return "", false
}
