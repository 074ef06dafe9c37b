package projects

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Pair is the name of a project and the mode of one of its environments.
type Pair struct {
	ProjectName     string                  `json:"project_name"`
	EnvironmentMode webhook.EnvironmentMode `json:"environment_mode"`
}

// Event returns the event of a type for the pair.
func (p Pair) Event(t webhook.EventType) webhook.Event {
	return webhook.Event{Type: t, ProjectName: p.ProjectName, EnvironmentMode: p.EnvironmentMode}
}

// Compare compares the names of p and q and then the modes, like [cmp.Compare].
func (p Pair) Compare(q Pair) int {
	return cmp.Or(cmp.Compare(p.ProjectName, q.ProjectName), cmp.Compare(p.EnvironmentMode, q.EnvironmentMode))
}

// Existing holds the existing pairs of an organization, each once, sorted by name and mode. A
// pair exists if a project with the name has an environment with the mode.
type Existing struct {
	OrganizationID uuid.UUID
	Pairs          []Pair
}

// Pairs returns the existing pairs of the organizations with both files, sorted by organization. dir
// is the folder of the files. reports has one error for each of these:
//   - an environment whose project is not in the file of projects, limited as in [Read]
//   - an organization with only one of the files
//   - an organization in ids with neither file
//
// Each error is one line and names the files that it is about.
func Pairs(dir string, organizations map[uuid.UUID]*Organization, ids []uuid.UUID) (all []Existing, reports []error) {
	ids = slices.AppendSeq(slices.Clone(ids), maps.Keys(organizations))
	slices.SortFunc(ids, compareIDs)
	for _, id := range slices.Compact(ids) {
		pairs, invalid := pairsOf(dir, id, organizations[id])
		reports = append(reports, invalid...)
		if pairs != nil {
			all = append(all, Existing{id, pairs})
		}
	}
	return all, reports
}

// ErrNoPairs is the error of a program that needs the existing pairs of a folder, if Pairs returns
// no organization.
var ErrNoPairs = errors.New("no organization has both <organizationId>.projects.json and <organizationId>.environments.json: " +
	"save the responses of GET /organization/{organizationId}/project and GET /organization/{organizationId}/environments under these names")

var errNoFile = errors.New("no such file: the organization's pairs of project and mode are not known")

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// pairsOf returns the existing pairs of an organization, or nil if o is nil or lacks a file.
func pairsOf(dir string, id uuid.UUID, o *Organization) (pairs []Pair, reports []error) {
	path := jsonvalue.Printable(filepath.Join(dir, id.String()))
	projects, environments := path+webhookdir.ProjectsSuffix+".json", path+webhookdir.EnvironmentsSuffix+".json"
	switch {
	case o == nil:
		return nil, []error{fmt.Errorf("%s and %s: %w", projects, environments, errNoFile)}
	case o.Projects == nil:
		return nil, []error{fmt.Errorf("%s: %w", projects, errNoFile)}
	case o.Environments == nil:
		return nil, []error{fmt.Errorf("%s: %w", environments, errNoFile)}
	}
	pairs, orphans := o.Pairs()
	for i, id := range orphans {
		if i == webhook.MaxFieldErrors {
			reports = append(reports, fmt.Errorf("%s: %d %w", environments, len(orphans)-i, webhook.ErrMore))
			break
		}
		e := o.Environments[id]
		reports = append(reports, fmt.Errorf("%s:%d: environment %s: its project %s is not in %s", environments, e.Line, id, e.ProjectID, filepath.Base(projects)))
	}
	return pairs, reports
}

// Pairs returns the existing pairs of the organization, each once, sorted by name and mode.
// orphans are the ids of the environments whose project is not in o.Projects, in the order of their
// lines.
func (o *Organization) Pairs() (pairs []Pair, orphans []uuid.UUID) {
	pairs = []Pair{}
	for _, id := range slices.SortedFunc(maps.Keys(o.Environments), compareIDs) {
		e := o.Environments[id]
		if name, ok := o.Projects[e.ProjectID]; ok {
			pairs = append(pairs, Pair{name, e.Mode})
		} else {
			orphans = append(orphans, id)
		}
	}
	slices.SortStableFunc(orphans, func(a, b uuid.UUID) int { return cmp.Compare(o.Environments[a].Line, o.Environments[b].Line) })
	slices.SortFunc(pairs, Pair.Compare)
	return slices.Compact(pairs), orphans
}
