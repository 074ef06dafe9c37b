package webhook

// Event is a deployment event of a project in an environment. To match events of another Go
// type, copy the event type, the project name and the environment mode into an Event.
//
// Neither decoding nor matching validates an Event. An event with an unknown type or
// mode, or with missing fields, is matched by the same rules as any other: without a mode
// it can fire only webhooks that do not filter by mode. Call [Event.Validate] for events
// from other programs. The zero Event fires nothing.
type Event struct {
	Type            EventType       `json:"event_type"`
	ProjectName     string          `json:"project_name"`
	EnvironmentMode EnvironmentMode `json:"environment_mode"`
}

// Validate returns nil if no field of e is missing. Otherwise the error has a
// [*FieldError] with [ErrRequired] for each missing field, in the order of the fields;
// [FieldErrors] lists them. A type or mode that the API does not document is not an
// error.
func (e Event) Validate() error {
	var p collected
	for _, field := range []struct{ name, value string }{
		{"event_type", string(e.Type)},
		{"project_name", e.ProjectName},
		{"environment_mode", string(e.EnvironmentMode)},
	} {
		if field.value == "" {
			p.add(&FieldError{Field: field.name, Err: ErrRequired})
		}
	}
	return p.err()
}
