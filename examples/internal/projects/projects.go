// Package projects reads the projects and environments of organizations, usually from the
// folder of their webhooks. The folder may have <organizationId>.projects.json and
// <organizationId>.environments.json, with the responses of
// GET /organization/{organizationId}/project and
// GET /organization/{organizationId}/environments.
package projects

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/form"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Organization has the projects and environments of an organization. After [Read], a map is
// nil if the folder has no file for it. Without Read, a map is nil until ParseProjects or
// ParseEnvironments sets it.
type Organization struct {
	Projects     map[uuid.UUID]string // the names
	Environments map[uuid.UUID]Environment
}

// Environment is an environment of a project.
type Environment struct {
	Name      string
	Mode      webhook.EnvironmentMode
	ProjectID uuid.UUID
	Line      int // in the file
}

// Read returns the projects and environments of the organizations of a folder. For each file,
// reports has an error for each invalid element, up to [webhook.MaxFieldErrors], and then one with
// the number of the others; the valid elements are returned. If a file cannot be read as a whole, or
// has elements and all are invalid, Read returns only err. It names such files, up to ten, and then has
// the number of the others. All errors name the file and, unless they are about the whole file, the
// line.
func Read(dir string) (organizations map[uuid.UUID]*Organization, reports []error, err error) {
	files, err := webhookdir.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	organizations = make(map[uuid.UUID]*Organization)
	var errs []error
	for _, file := range files {
		stem, isJSON := strings.CutSuffix(file.Name(), ".json")
		name, isProjects := strings.CutSuffix(stem, webhookdir.ProjectsSuffix)
		name, isEnvironments := strings.CutSuffix(name, webhookdir.EnvironmentsSuffix)
		id, err := webhook.ParseID(name)
		if !isJSON || isProjects == isEnvironments || err != nil {
			continue // webhookdir.Read reports unknown names
		}
		o := organizations[id]
		if o == nil {
			o = new(Organization)
			organizations[id] = o
		}
		path := filepath.Join(dir, file.Name())
		text, err := webhookdir.ReadFile(path)
		if err == nil {
			text, err = jsonvalue.UTF8(text)
		}
		var invalid []error
		switch {
		case err != nil:
		case isProjects && o.Projects != nil || isEnvironments && o.Environments != nil:
			err = errors.New("the organization already has such a file")
		case isProjects:
			invalid, err = o.ParseProjects(text, id)
		default:
			invalid, err = o.ParseEnvironments(text, id)
		}
		if err == nil && len(invalid) > 0 && (isProjects && len(o.Projects) == 0 || isEnvironments && len(o.Environments) == 0) {
			err = fmt.Errorf("all elements are invalid: %w", invalid[0]) // otherwise the file would count as an empty list
		}
		if err != nil {
			errs = append(errs, inFile(path, text, err)...)
		}
		reports = append(reports, inFile(path, text, invalid...)...)
	}
	if errs != nil {
		return nil, nil, webhookdir.Joined(errs)
	}
	return organizations, reports, nil
}

// inFile returns errs with the name of the file and the lines. It is fastest if errs are in the
// order of their places in text.
func inFile(path string, text []byte, errs ...error) (located []error) {
	path = jsonvalue.Printable(path)
	positions := jsonvalue.NewPositions(text)
	for _, err := range errs {
		var at *jsonvalue.Error
		if !errors.As(err, &at) {
			located = append(located, fmt.Errorf("%s: %w", path, err))
			continue
		}
		located = append(located, fmt.Errorf("%s:%d: %w", path, positions.At(at.Offset).Line, err))
	}
	return located
}

// eachElement calls do with each element of a list. It returns the first errors of do, and
// the number of the others as a last error. wanted is the name of an element, such as "a project".
// Unless organizationID is uuid.Nil, err is not nil if the first element is recognized as something
// else.
func eachElement(text []byte, wanted string, organizationID uuid.UUID, do func(jsonvalue.Value) error) (invalid []error, err error) {
	if err := form.NotJSON(text); err != nil {
		return nil, err
	}
	root, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, err
	}
	list := root
	switch root.Kind() {
	case '[':
	case '{':
		fields, err := root.Fields([]string{"results"}, nil)
		if err != nil {
			return nil, err
		}
		if list = fields[0]; list.Absent() {
			if err := form.Not("a list", root); err != nil {
				return nil, root.Errorf("%v", err)
			}
		}
	case 'n':
		return nil, nil
	}
	elements, err := list.Elements()
	if len(elements) > 0 && organizationID != uuid.Nil {
		if err := webhookdir.Not(wanted, elements[0]); err != nil {
			return nil, err
		}
	}
	more := 0
	for _, v := range elements {
		switch err := do(v); {
		case err == nil:
		case len(invalid) < webhook.MaxFieldErrors:
			invalid = append(invalid, err)
		default:
			more++
		}
	}
	if more > 0 {
		invalid = append(invalid, fmt.Errorf("%d %w", more, webhook.ErrMore))
	}
	return invalid, err
}

func (o *Organization) addProject(organizationID uuid.UUID, v jsonvalue.Value) error {
	id, fields, err := element("a project", organizationID, v, "name")
	if err != nil {
		return err
	}
	name, err := form.Text(fields[0])
	if err != nil {
		return err
	}
	if _, ok := o.Projects[id]; ok {
		return v.Errorf("a second project %s", id)
	}
	o.Projects[id] = name
	return nil
}

func (o *Organization) addEnvironment(organizationID uuid.UUID, v jsonvalue.Value, line int) error {
	id, fields, err := element("an environment", organizationID, v, "name", "mode", "project")
	if err != nil {
		return err
	}
	name, err := form.Text(fields[0])
	if err != nil {
		return err
	}
	mode, err := form.Text(fields[1])
	if err != nil {
		return err
	}
	project, err := form.Reference(fields[2])
	if err != nil {
		return err
	}
	if _, ok := o.Environments[id]; ok {
		return v.Errorf("a second environment %s", id)
	}
	o.Environments[id] = Environment{name, webhook.EnvironmentMode(mode), project, line}
	return nil
}

// element returns the id of v and the fields with the given names. v must be what wanted says,
// and belong to the organization unless organizationID is uuid.Nil.
func element(wanted string, organizationID uuid.UUID, v jsonvalue.Value, names ...string) (id uuid.UUID, fields []jsonvalue.Value, err error) {
	if err := form.Not(wanted, v); err != nil {
		return id, nil, v.Errorf("%v", err)
	}
	if fields, err = v.Fields(append(names, "id", "organization"), nil); err != nil {
		return id, nil, err
	}
	if id, err = form.ID(fields[len(names)]); err != nil {
		return id, nil, err
	}
	of, err := form.Reference(fields[len(names)+1])
	if err == nil && organizationID != uuid.Nil && of != organizationID {
		err = v.Errorf("%s of organization %s: want %s, as in the file's name", wanted, of, organizationID)
	}
	return id, fields, err
}
