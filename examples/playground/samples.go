package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
)

// sample is an organization that the page offers as an example.
type sample struct {
	Label          string   `json:"label"`
	OrganizationID string   `json:"organization_id"`
	Webhooks       string   `json:"webhooks"` // JSON
	Names          []string `json:"names"`    // distinct project names of its events
}

// labels holds the names of the organizations in testdata/README.md.
var labels = map[string]string{
	"8f36c487-4e75-4da9-a5bc-d7916f1acda0": "A shop",
	"3868b794-7f24-4988-ab3f-753f7a978802": "A game maker",
	"0e83ed77-3c22-4883-8e42-cb6dec0c41a0": "A data platform",
}

// readSamples returns the samples in dir as JSON, the largest first.
func readSamples(dir string) ([]byte, error) {
	organizations, err := webhookdir.Read(filepath.Join(dir, "webhooks"))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(organizations, func(a, b webhookdir.Organization) int { return len(b.Webhooks) - len(a.Webhooks) })
	events, err := os.ReadFile(filepath.Join(dir, "events.ndjson"))
	if err != nil {
		return nil, err
	}
	names := make(map[string][]string)
	for line := range bytes.Lines(events) {
		var e struct {
			OrganizationID string `json:"organization_id"`
			ProjectName    string `json:"project_name"`
		}
		if err := json.Unmarshal(line, &e); err == nil && !slices.Contains(names[e.OrganizationID], e.ProjectName) {
			names[e.OrganizationID] = append(names[e.OrganizationID], e.ProjectName)
		}
	}
	var samples []sample
	for _, o := range organizations {
		text, err := os.ReadFile(o.File)
		if err != nil {
			return nil, err
		}
		id := o.ID.String()
		label := labels[id]
		if label == "" {
			label = "Organization " + id[:8]
		}
		samples = append(samples, sample{label, id, string(text), names[id]})
	}
	return json.Marshal(samples)
}
