package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/webhook"
)

// importFolder puts the webhooks of dir that differ from the stored ones into the store,
// and deletes none. An invalid webhook is logged and refused, and its stored version
// stays. If a file cannot be read as a whole, importFolder imports nothing and returns an
// error. It returns the valid webhooks of dir, or nil if dir is "".
func importFolder(ctx context.Context, store *sqlstore.Store, dir string, logger *slog.Logger) (imported []webhookdir.Organization, err error) {
	if dir == "" {
		return nil, nil
	}
	organizations, err := webhookdir.Read(dir)
	if err != nil {
		return nil, err
	}
	changed := 0
	for _, o := range organizations {
		for _, report := range o.Reports() {
			logger.Warn("not imported", "error", report)
		}
		existing, err := stored(ctx, store, o)
		if err != nil {
			return nil, err
		}
		var valid []*webhook.Webhook
		for _, w := range o.Webhooks {
			if err := filter.Check(o.ID, w); err != nil {
				logger.Warn("not imported", "file", o.File, "webhook", w.ID, "error", err)
				continue
			}
			valid = append(valid, w)
			if w.Equal(existing[w.ID]) {
				continue
			}
			if _, err := store.Put(ctx, o.ID, w); err != nil {
				return nil, err
			}
			changed++
		}
		// A new Organization does not keep the text of the file.
		imported = append(imported, webhookdir.Organization{ID: o.ID, File: o.File, Webhooks: valid})
	}
	logger.Info("imported", "folder", dir, "changed", changed)
	return imported, nil
}

// stored returns the stored webhooks of an organization by id. If a row is broken, the
// store returns no list, so stored looks up each webhook of the folder. The result does
// not contain a webhook with a broken row, so it is put again, which repairs the row.
func stored(ctx context.Context, store *sqlstore.Store, o webhookdir.Organization) (map[uuid.UUID]*webhook.Webhook, error) {
	existing := make(map[uuid.UUID]*webhook.Webhook)
	list, err := store.Webhooks(ctx, o.ID)
	switch {
	case errors.Is(err, httpapi.ErrUnavailable):
		return nil, err
	case err != nil:
		for _, w := range o.Webhooks {
			found, err := store.Webhook(ctx, o.ID, w.ID)
			if errors.Is(err, httpapi.ErrUnavailable) {
				return nil, err
			}
			if err == nil {
				list = append(list, found)
			}
		}
	}
	for _, w := range list {
		existing[w.ID] = w
	}
	return existing, nil
}
