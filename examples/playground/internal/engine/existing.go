package engine

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Existing describes the pasted projects and environments, with the names and modes from
// them that the page offers.
type Existing struct {
	Projects     Pasted `json:"projects"`
	Environments Pasted `json:"environments"`
	// Orphans is the number of environments whose project is not in the list.
	Orphans int `json:"orphans"`
	// Offers are the existing pairs of a name and a mode or, without environments, the
	// names. They are sorted.
	Offers []Offer `json:"offers"`
}

// Pasted describes one of the two texts.
type Pasted struct {
	Read  bool   `json:"read"`  // false if the text is empty or cannot be read
	Count int    `json:"count"` // of the valid elements
	Notes []Note `json:"notes"` // in the order of the text
	More  string `json:"more"`  // how many elements have problems without a note, or empty
}

// Offer is a project name, with a mode if modes are known.
type Offer struct {
	Label string `json:"label"`
	Line  string `json:"line"` // the name as a line of Request.Names
	Mode  string `json:"mode"`
}

// existing is a pasted list of projects and a pasted list of environments. It is immutable.
type existing struct {
	projectsText, environmentsText string

	modes    map[string][]webhook.EnvironmentMode // of each project name; nil if the projects are not known
	hasModes bool
	response Existing
}

// readExisting reads the two texts, unless they are the texts of known.
func readExisting(projectsText, environmentsText string, known *existing) *existing {
	if known != nil && known.projectsText == projectsText && known.environmentsText == environmentsText {
		return known
	}
	x := &existing{projectsText: projectsText, environmentsText: environmentsText}
	r := &x.response
	var o projects.Organization
	r.Projects, r.Environments = pasted(projectsText, o.ParseProjects), pasted(environmentsText, o.ParseEnvironments)
	r.Projects.Count, r.Environments.Count, r.Offers = len(o.Projects), len(o.Environments), []Offer{}
	if !r.Projects.Read {
		return x
	}
	x.modes, x.hasModes = make(map[string][]webhook.EnvironmentMode), r.Environments.Read
	for _, name := range o.Projects {
		x.modes[name] = nil
	}
	if !x.hasModes {
		for _, name := range slices.Sorted(maps.Keys(x.modes)) {
			r.Offers = append(r.Offers, Offer{jsonvalue.Printable(name), lineOf(name), ""})
		}
		return x
	}
	pairs, orphans := o.Pairs()
	for _, p := range pairs {
		x.modes[p.ProjectName] = append(x.modes[p.ProjectName], p.EnvironmentMode)
		mode := string(p.EnvironmentMode)
		r.Offers = append(r.Offers, Offer{jsonvalue.Printable(p.ProjectName) + " in " + jsonvalue.Printable(mode), lineOf(p.ProjectName), mode})
	}
	r.Orphans = len(orphans)
	return x
}

// pasted reads a text with parse.
func pasted(text string, parse func([]byte, uuid.UUID) ([]error, error)) Pasted {
	p := Pasted{Notes: []Note{}}
	readable := text
	if mark := "\ufeff"; strings.HasPrefix(text, mark) {
		readable = strings.Repeat(" ", len(mark)) + text[len(mark):] // so that offsets stay the same
	}
	content := strings.TrimSpace(readable)
	if content == "" {
		return p
	}
	errs, err := parse([]byte(readable), uuid.Nil)
	if p.Read = err == nil; !p.Read {
		errs = []error{err}
	}
	for _, err := range errs {
		if errors.Is(err, webhook.ErrMore) {
			p.More = err.Error()
			continue
		}
		start := strings.Index(text, content)
		var at *jsonvalue.Error
		if errors.As(err, &at) {
			start = at.Offset
		}
		p.Notes = append(p.Notes, Note{Kind: kindError, Code: "existing", Webhook: -1, Message: err.Error(), place: characterAt(text, start)})
	}
	locate(text, p.Notes)
	return p
}

// lineOf returns a line that Names reads as name.
func lineOf(name string) string {
	if jsonvalue.Printable(name) == name {
		return name
	}
	return quote(name)
}

// isUnknown reports whether the projects are known, and none has the name.
func (x *existing) isUnknown(name string) bool {
	_, ok := x.modes[name]
	return x.modes != nil && !ok
}

// ownModes returns the modes of the existing environments of a project. ok is false if no
// project has the name, or its environments are not known.
func (x *existing) ownModes(name string) (modes []webhook.EnvironmentMode, ok bool) {
	modes, ok = x.modes[name]
	return modes, ok && x.hasModes
}

// modesOf returns the modes that events of a name can have: all of modes, unless the
// project's own modes are known.
func (x *existing) modesOf(name string, modes []webhook.EnvironmentMode) []webhook.EnvironmentMode {
	own, ok := x.ownModes(name)
	if !ok {
		return modes
	}
	return slices.DeleteFunc(slices.Clone(modes), func(m webhook.EnvironmentMode) bool { return !slices.Contains(own, m) })
}
