// Package conformance reads the conformance vectors of testdata/conformance, whose README
// describes their fields, for the tests of every engine of this project.
package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hookfilter/hookfilter/webhook"
)

// Case is a conformance vector.
type Case struct {
	File, ID       string
	Rule           int
	Corner, Reason string
	Webhook        string   // JSON text, without Entries
	Entries        []string // of project_names_filter, if they are in base64 in the file
	Event          webhook.Event
	Text           bool // the file has neither the entries nor the project name in base64
	Fires          bool
	StoppedBy      string
	Invalid        []string
}

// Read returns the cases of a folder in the order of its files. It is an error if a file, a
// case or an event has a field that the README does not document.
func Read(dir string) (cases []Case, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "[0-9]*.json"))
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("%s: no vectors", dir)
	}
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		var content struct {
			Cases []vector `json:"cases"`
		}
		data, err := os.ReadFile(file)
		if err == nil {
			err = decodeStrictly(data, &content)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, v := range content.Cases {
			c, err := v.decode()
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, v.ID, err)
			}
			c.File = filepath.Base(file)
			cases = append(cases, c)
		}
	}
	return cases, nil
}

// vector is the JSON form of a Case.
type vector struct {
	ID          string          `json:"id"`
	Rule        int             `json:"rule"`
	Corner      string          `json:"corner"`
	Reason      string          `json:"reason"`
	Webhook     json.RawMessage `json:"webhook"`
	WebhookJSON string          `json:"webhook_json"`
	Clause      json.RawMessage `json:"clause"`
	Event       json.RawMessage `json:"event"`
	Fires       bool            `json:"fires"`
	StoppedBy   string          `json:"stopped_by"`
	Invalid     []string        `json:"invalid"`
}

func (v vector) decode() (Case, error) {
	c := Case{ID: v.ID, Rule: v.Rule, Corner: v.Corner, Reason: v.Reason, Webhook: string(v.Webhook) + v.WebhookJSON,
		Fires: v.Fires, StoppedBy: v.StoppedBy, Invalid: v.Invalid}
	event := struct {
		webhook.Event
		NameBase64 []byte `json:"project_name_base64"`
	}{Event: webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "shop", EnvironmentMode: webhook.Production}}
	if err := decodeStrictly(v.Event, &event); err != nil {
		return c, err
	}
	c.Event = event.Event
	if event.NameBase64 != nil {
		c.Event.ProjectName = string(event.NameBase64)
	}
	if v.Clause != nil {
		fields := map[string]json.RawMessage{"enabled": json.RawMessage("true"), "events": json.RawMessage(`["DEPLOYMENT_STARTED"]`)}
		if err := json.Unmarshal(v.Clause, &fields); err != nil {
			return c, err
		}
		var entries [][]byte
		if inBase64, ok := fields["project_names_filter_base64"]; ok {
			if err := json.Unmarshal(inBase64, &entries); err != nil {
				return c, err
			}
			delete(fields, "project_names_filter_base64")
		}
		for _, entry := range entries {
			c.Entries = append(c.Entries, string(entry))
		}
		text, err := json.Marshal(fields)
		if err != nil {
			return c, err
		}
		c.Webhook = string(text)
	}
	c.Text = c.Entries == nil && event.NameBase64 == nil
	return c, nil
}

func decodeStrictly(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	return d.Decode(v)
}
