// Package webhookdir reads the webhooks that the example programs work on: a
// folder with one file <organizationId>.json an organization, which holds what
// GET /organization/{organizationId}/webhook answers, {"results":[…]}.
package webhookdir

import (
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
	Unusable bool               // the file is no list, so that nothing is known of its webhooks
}

// Read returns the organizations in dir by file name. What it cannot read, be it
// the contents of a file or one webhook in it, is left out and is one of the
// faults, which name the file; all else stands. So is a webhook without the id or the
// created_at that the API requires. err is for a folder that cannot be read or has no
// such file. What [webhook.DecodeList] does not look at is not validated.
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
		o := Organization{ID: id, File: path}
		var errs []error
		o.Webhooks, o.Unusable, errs = readFile(path)
		for _, err := range errs {
			faults = append(faults, fmt.Errorf("%s: %w", path, err))
		}
		organizations = append(organizations, o)
	}
	if !found {
		return nil, nil, fmt.Errorf("%s: no file <organizationId>.json in it", dir)
	}
	return organizations, faults, nil
}

// readFile decodes the webhooks of a list answer, so that a bad one never costs the
// others. There is one of faults for each that is bad, or for a file that is no such
// answer.
func readFile(path string) (webhooks []*webhook.Webhook, unusable bool, faults []error) {
	file, err := os.Open(path)
	if err == nil {
		defer file.Close()
		webhooks, err = webhook.DecodeList(file)
	}
	all := webhook.FieldErrors(err)
	if err != nil && (len(all) == 0 || all[0].Field == "results") {
		var pathError *os.PathError
		if errors.As(err, &pathError) {
			err = pathError.Err // the caller names the file
		}
		return nil, true, []error{err}
	}
	for len(all) > 0 {
		fault, place := error(all[0]), placeOf(all[0])
		for all = all[1:]; len(all) > 0 && place == placeOf(all[0]); all = all[1:] {
			fault = fmt.Errorf("%w; %w", fault, all[0])
		}
		faults = append(faults, fault)
	}
	return webhooks, false, faults
}

// placeOf returns that of the webhook at fault, as in results[3].
func placeOf(fault *webhook.FieldError) string {
	place, _, _ := strings.Cut(fault.Field, ".")
	return place
}
