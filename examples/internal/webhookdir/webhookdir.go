// Package webhookdir reads the webhooks that the example programs work on: a
// folder with one file <organizationId>.json an organization, which holds what
// GET /organization/{organizationId}/webhook answers, {"results":[…]}.
package webhookdir

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// Organization is what one file holds.
type Organization struct {
	ID       uuid.UUID          // from the file's name
	File     string             // the file's path
	Webhooks []*webhook.Webhook // in the file's order, with distinct ids, none zero
}

// Read returns the organizations in dir by file name. What it cannot read, be it
// the contents of a file or one webhook in it, is left out and is one of the
// faults, which name the file; all else stands. err is for a folder that cannot be
// read or has no such file. The webhooks are decoded, not validated.
func Read(dir string) (organizations []Organization, faults []error, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	found := false
	seen := make(map[uuid.UUID]string)
	for _, file := range files {
		stem, isJSON := strings.CutSuffix(file.Name(), ".json")
		if !isJSON {
			continue
		}
		found = true
		path := filepath.Join(dir, file.Name())
		id, err := webhook.ParseID(stem)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: the file's name is not an organization's id", path))
			continue
		}
		if other, ok := seen[id]; ok {
			faults = append(faults, fmt.Errorf("%s: the organization is in %s already", path, other))
			continue
		}
		seen[id] = path
		webhooks, errs := readFile(path)
		for _, err := range errs {
			faults = append(faults, fmt.Errorf("%s: %w", path, err))
		}
		organizations = append(organizations, Organization{id, path, webhooks})
	}
	if !found {
		return nil, nil, fmt.Errorf("%s: no file <organizationId>.json in it", dir)
	}
	return organizations, faults, nil
}

// readFile decodes the webhooks of a list answer one by one, so that a bad one
// never costs the others.
func readFile(path string) (webhooks []*webhook.Webhook, faults []error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var pathError *os.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err // the caller names the file
		}
		return nil, []error{err}
	}
	var list struct{ Results []json.RawMessage }
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, []error{err}
	}
	if list.Results == nil {
		return nil, []error{errors.New(`no "results" in it`)}
	}
	seen := make(map[uuid.UUID]int)
	for i, raw := range list.Results {
		w := new(webhook.Webhook)
		if err := json.Unmarshal(raw, w); err != nil {
			faults = append(faults, fmt.Errorf("results[%d]%s: %w", i, idOf(raw), err))
			continue
		}
		if w.ID == uuid.Nil {
			faults = append(faults, fmt.Errorf("results[%d]: no id", i))
			continue
		}
		if other, ok := seen[w.ID]; ok {
			faults = append(faults, fmt.Errorf("results[%d]: id %s is that of results[%d] already", i, w.ID, other))
			continue
		}
		seen[w.ID] = i
		webhooks = append(webhooks, w)
	}
	return webhooks, faults
}

// idOf returns the id of a webhook that cannot be decoded, for a report, if that
// much of it can.
func idOf(raw json.RawMessage) string {
	var w struct{ ID string }
	_ = json.Unmarshal(raw, &w)
	id, err := webhook.ParseID(w.ID)
	if err != nil {
		return ""
	}
	return ": webhook " + id.String()
}
