package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// absent is what no decoded string is: encoding/json yields valid UTF-8 only.
const absent = "\xff"

// parseEvent decodes a line of the input. Its error says what is wrong, in one
// line of printable characters.
func parseEvent(line []byte) (organization uuid.UUID, e webhook.Event, err error) {
	if line[0] != '{' {
		return organization, e, errors.New("not a JSON object")
	}
	fields := struct {
		OrganizationID string `json:"organization_id"`
		webhook.Event
	}{absent, webhook.Event{Type: absent, ProjectName: absent, EnvironmentMode: absent}}
	if err := json.Unmarshal(line, &fields); err != nil {
		var typeError *json.UnmarshalTypeError
		if errors.As(err, &typeError) {
			field := typeError.Field[strings.LastIndexByte(typeError.Field, '.')+1:]
			return organization, e, fmt.Errorf("%s: a JSON %s, not a string", field, typeError.Value)
		}
		return organization, e, fmt.Errorf("not a JSON object: %w", err)
	}
	switch absent {
	case fields.OrganizationID:
		return organization, e, errors.New("organization_id: missing")
	case string(fields.Type):
		return organization, e, errors.New("event_type: missing")
	case fields.ProjectName:
		return organization, e, errors.New("project_name: missing")
	case string(fields.EnvironmentMode):
		return organization, e, errors.New("environment_mode: missing")
	}
	organization, err = webhook.ParseID(fields.OrganizationID)
	if err != nil {
		return organization, e, fmt.Errorf("organization_id: not a UUID: %.80q", fields.OrganizationID)
	}
	return organization, fields.Event, nil
}
