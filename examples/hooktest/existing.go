package main

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
	"github.com/hookfilter/hookfilter/webhook"
)

// Codes of findings about the projects and environments of an organization.
const (
	noProject lint.Code = "no-project" // an entry matches no project
	unheard   lint.Code = "unheard"    // the failures of a project in a mode fire no webhook
)

// maxUnheard is the maximum number of findings with the code unheard that the text of a report
// has for each organization.
const maxUnheard = 10

// existing has the names of the projects of an organization, and its pairs of project name and
// mode, if the folder has both files.
type existing struct {
	names map[uuid.UUID]string // of the projects, by id; nil if the files are not there
	pairs []projects.Pair
}

// existingSummary counts existing pairs, with -against those of both folders, and the deliveries of
// these pairs that were added and removed.
type existingSummary struct {
	Pairs   int `json:"pairs"`
	Added   int `json:"added"`
	Removed int `json:"removed"`
}

// readExisting reads the projects and environments of both folders, if the arguments need them.
func (f *folders) readExisting(o options, stderr io.Writer) (err error) {
	unmet := o.unmet(true)
	if !o.lint && o.against == "" && unmet == "" {
		return nil
	}
	var reports, reportsOfOld []error
	if f.projects, f.existing, reports, err = readProjects(o.dir, f.now, unmet != "", stderr); err != nil {
		return err
	}
	if unmet != "" && len(f.existing) == 0 {
		return fmt.Errorf("%s: %s: %w", unmet, jsonvalue.Printable(o.dir), projects.ErrNoPairs)
	}
	if o.against != "" {
		if _, f.before, reportsOfOld, err = readProjects(o.against, f.old, false, stderr); err != nil {
			return err
		}
	}
	if o.lint || slices.ContainsFunc(o.failOn, kind.checksExisting) {
		f.incomplete = reports
	}
	if slices.ContainsFunc(o.failOn, func(k kind) bool { return k.name == "diff" }) { // only diff needs the old pairs
		f.incomplete = append(reports, reportsOfOld...)
	}
	return nil
}

// readProjects returns the projects and environments in dir, and the organizations that have both
// files. It prints and returns a report for each project and environment that is invalid, and for
// missing files. If an organization has neither file, that is reported only if they are required.
func readProjects(dir string, organizations []*organization, required bool, stderr io.Writer) (read map[uuid.UUID]*projects.Organization, byID map[uuid.UUID]existing, reports []error, err error) {
	if read, reports, err = projects.Read(dir); err != nil {
		return nil, nil, nil, webhookdir.Printable(err)
	}
	var ids []uuid.UUID
	if required {
		for _, o := range organizations {
			ids = append(ids, o.ID)
		}
	}
	all, missing := projects.Pairs(dir, read, ids)
	reports = append(reports, missing...)
	for _, report := range reports {
		fmt.Fprintln(stderr, report)
	}
	byID = make(map[uuid.UUID]existing)
	for _, x := range all {
		byID[x.OrganizationID] = existing{read[x.OrganizationID].Projects, x.Pairs}
	}
	return read, byID, reports, nil
}

// checks reports whether the arguments ask for the findings with a code about existing projects.
func (o options) checks(code lint.Code) bool {
	return o.lint || slices.ContainsFunc(o.failOn, func(k kind) bool { return k.name == string(code) })
}

// withoutProject returns a message for each entry of the webhooks that matches no project: a
// misspelled name, or one that a project no longer has. Entries of disabled webhooks are checked
// too, since the webhooks may be enabled again.
func (x existing) withoutProject(hooks []hook.Hook) map[string]string {
	if x.names == nil {
		return nil
	}
	messages := make(map[string]string)
	var entries []*webhook.Webhook // each restricted to one entry
	e := webhook.Event{Type: webhook.DeploymentFailure}
	for _, w := range webhooks(hooks) {
		if w == nil {
			continue
		}
		for _, entry := range w.ProjectNamesFilter {
			if _, ok := messages[entry]; !ok {
				messages[entry] = ""
				entries = append(entries, &webhook.Webhook{Enabled: true, Events: []webhook.EventType{e.Type}, ProjectNamesFilter: []string{entry}})
			}
		}
	}
	names := slices.Compact(slices.Sorted(maps.Values(x.names)))
	m := newMatcher(entries)
	for _, e.ProjectName = range names {
		for i := range m.matches(e) {
			delete(messages, entries[i].ProjectNamesFilter[0])
		}
	}
	similar := newProjectNames(names)
	for _, w := range entries {
		entry := w.ProjectNamesFilter[0]
		if _, ok := messages[entry]; ok {
			messages[entry] = "matches no project of the organization" + x.suggestion(entry, similar)
		}
	}
	return messages
}

// asNoProject returns a finding for each entry of h that has a message.
func asNoProject(h hook.Hook, messages map[string]string) (findings []lint.Finding) {
	if len(h.Invalid) > 0 {
		return nil
	}
	for i, entry := range h.ProjectNamesFilter {
		if message, ok := messages[entry]; ok {
			findings = append(findings, lint.Finding{Code: noProject, Field: fmt.Sprintf("project_names_filter[%d]", i), Value: entry, Message: message})
		}
	}
	return findings
}

// suggestion returns a suggestion to append to a message about an entry: the name of the project
// that has the entry as its id, or else a similar name.
func (x existing) suggestion(entry string, similar *projectNames) string {
	if id, err := webhook.ParseID(entry); err == nil && x.names[id] != "" {
		return suggested(x.names[id])
	}
	return similar.suggestion(entry)
}

// unheard returns a finding for each pair whose failures fire no webhook.
func (x existing) unheard(o *organization) (findings []finding) {
	m := newMatcher(webhooks(o.hooks))
	for _, pair := range x.pairs {
		if !m.fires(pair.Event(webhook.DeploymentFailure)) {
			findings = append(findings, finding{subject: o.subject(uuid.Nil, &webhook.FieldError{}), EnvironmentMode: pair.EnvironmentMode,
				Finding: lint.Finding{Code: unheard, Field: "project_name", Value: pair.ProjectName,
					Message: "failures in " + jsonvalue.Quote(string(pair.EnvironmentMode)) + " fire no webhook"}})
		}
	}
	return findings
}

// webhooks returns the webhooks of hooks, with nil for a missing or invalid one.
func webhooks(hooks []hook.Hook) []*webhook.Webhook {
	list := make([]*webhook.Webhook, len(hooks))
	for i, h := range hooks {
		if len(h.Invalid) == 0 {
			list[i] = h.Webhook
		}
	}
	return list
}

// leftOut returns the number of findings after findings[i] that a text leaves out. If findings[i] is
// the last finding with the code unheard that the text has for an organization, the text leaves out
// the rest of these findings. Otherwise leftOut returns 0.
func leftOut(findings []finding, i int) (n int) {
	shown := findings[max(0, i+1-maxUnheard) : i+1]
	other := func(f finding) bool { return f.Code != unheard || f.OrganizationID != findings[i].OrganizationID }
	if len(shown) < maxUnheard || slices.ContainsFunc(shown, other) {
		return 0
	}
	rest := findings[i+1:]
	if n = slices.IndexFunc(rest, other); n < 0 {
		n = len(rest)
	}
	return n
}
