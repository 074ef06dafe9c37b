package main

import (
	"fmt"
	"io"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/natsfeed"
)

// folder is the content of a folder of webhooks.
type folder struct {
	organizations map[uuid.UUID]bool       // that have a file
	webhooks      map[string]folderWebhook // the valid ones, by key
	invalid       int                      // webhooks
	// kept holds the keys of the invalid webhooks, whose versions in the bucket stay.
	// keptOfUnknown holds the organizations with an invalid webhook whose id cannot be
	// read. It may be any of their webhooks, so all of them stay.
	kept          map[string]bool
	keptOfUnknown map[uuid.UUID]bool
}

type folderWebhook struct {
	organizationID uuid.UUID
	hook.Hook
	name string // as [webhookdir.Organization.Name] returns it
}

// keeps reports whether a webhook that is not in f.webhooks stays in the bucket. Webhooks of
// an organization without a file stay unless prune is set.
func (f *folder) keeps(organizationID, webhookID uuid.UUID, prune bool) bool {
	return f.keptOfUnknown[organizationID] || f.kept[natsfeed.Key(organizationID, webhookID)] ||
		!prune && !f.organizations[organizationID]
}

// readFolder reads a folder with [webhookdir.Read] or [webhookdir.ReadWithRequests], and
// reports its invalid webhooks. A file that cannot be read as a whole is an error.
func readFolder(read func(dir string) ([]webhookdir.Organization, error), dir string, stderr io.Writer) (*folder, error) {
	organizations, err := read(dir)
	if err != nil {
		return nil, fmt.Errorf("-webhooks: %w", err)
	}
	f := &folder{organizations: make(map[uuid.UUID]bool), webhooks: make(map[string]folderWebhook),
		kept: make(map[string]bool), keptOfUnknown: make(map[uuid.UUID]bool)}
	report := func(err error) {
		f.invalid++
		fmt.Fprintln(stderr, err)
	}
	for _, o := range organizations {
		f.organizations[o.ID] = true
		for _, err := range o.Reports() {
			report(err)
		}
		for _, problem := range o.Problems {
			if problem.WebhookID == uuid.Nil {
				f.keptOfUnknown[o.ID] = true
			}
			f.kept[natsfeed.Key(o.ID, problem.WebhookID)] = true
		}
		for _, w := range o.Webhooks {
			key := natsfeed.Key(o.ID, w.ID)
			if err := filter.Check(o.ID, w); err != nil {
				report(o.Report(w.ID, err))
				f.kept[key] = true
				continue
			}
			f.webhooks[key] = folderWebhook{o.ID, hook.Compile(w), o.Name(w.ID)}
		}
	}
	return f, nil
}
