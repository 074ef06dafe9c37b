package webhook

// Event is what happened: a deployment event of a project in an environment.
//
// Nothing in an Event is validated. One with an unknown type, an unknown mode or
// an empty project name is judged by the same rules as any other. The zero Event
// has no type, and fires nothing.
type Event struct {
	Type            EventType       `json:"event_type"`
	ProjectName     string          `json:"project_name"`
	EnvironmentMode EnvironmentMode `json:"environment_mode"`
}
