package main

import (
	"bytes"
	"context"
	"log/slog"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/httpapi/sqlstore"
	"github.com/hookfilter/hookfilter/webhook"
)

// importFolder puts the webhooks of dir into the store that are not there as they are,
// and deletes none. What is no good is logged and left out. It returns what the folder
// has of the store; an empty dir has nothing.
func importFolder(ctx context.Context, store *sqlstore.Store, dir string, logger *slog.Logger) (imported []webhookdir.Organization, err error) {
	if dir == "" {
		return nil, nil
	}
	organizations, faults, err := webhookdir.Read(dir)
	if err != nil {
		return nil, err
	}
	for _, fault := range faults {
		logger.Warn("not imported", "fault", fault)
	}
	changed := 0
	for _, o := range organizations {
		there := make(map[uuid.UUID]*webhook.Webhook)
		stored, err := store.Webhooks(ctx, o.ID)
		if err != nil {
			return nil, err
		}
		for _, w := range stored {
			there[w.ID] = w
		}
		good := o.Webhooks[:0]
		for _, w := range o.Webhooks {
			if err := w.Validate(); err != nil {
				logger.Warn("not imported", "file", o.File, "webhook", w.ID, "fault", err)
				continue
			}
			good = append(good, w)
			if same(there[w.ID], w) {
				continue
			}
			if _, err := store.Put(ctx, o.ID, w); err != nil {
				return nil, err
			}
			changed++
		}
		o.Webhooks = good
		imported = append(imported, o)
	}
	logger.Info("imported", "folder", dir, "changed", changed)
	return imported, nil
}

// same says whether two webhooks are answered alike; one that is nil is like none.
func same(a, b *webhook.Webhook) bool {
	if a == nil {
		return false
	}
	one, err := a.MarshalJSON()
	other, otherErr := b.MarshalJSON()
	return err == nil && otherErr == nil && bytes.Equal(one, other)
}
