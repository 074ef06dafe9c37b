package projects

import (
	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// ParseProjects sets o.Projects to the projects in text, which must have no byte order mark.
// Unless organizationID is uuid.Nil, text is the file of this organization: projects of other
// organizations are invalid, and err is not nil if the first element is not a project but, for
// example, an environment. invalid has an error for each invalid element, up to
// [webhook.MaxFieldErrors], and then one with the number of the others; the valid elements are in
// o.Projects. If text is not a list of projects, err says what it is. An error about a place in text
// wraps a [*jsonvalue.Error].
func (o *Organization) ParseProjects(text []byte, organizationID uuid.UUID) (invalid []error, err error) {
	o.Projects = make(map[uuid.UUID]string)
	return eachElement(text, "a project", organizationID, func(v jsonvalue.Value) error { return o.addProject(organizationID, v) })
}

// ParseEnvironments does for environments what [Organization.ParseProjects] does for projects.
func (o *Organization) ParseEnvironments(text []byte, organizationID uuid.UUID) (invalid []error, err error) {
	o.Environments = make(map[uuid.UUID]Environment)
	positions := jsonvalue.NewPositions(text)
	return eachElement(text, "an environment", organizationID, func(v jsonvalue.Value) error {
		return o.addEnvironment(organizationID, v, positions.At(v.Offset()).Line)
	})
}
