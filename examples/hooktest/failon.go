package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// kind is a name that -fail-on accepts. README.md has the table of kinds for users.
type kind struct {
	name    string
	meaning string // of one finding
	// lint is true if the kind needs the findings of -lint, which it then implies.
	lint bool
	// requires lists the arguments and files without which the kind is an error.
	requires []requirement
	// codes has the codes of the findings, and count returns their number if they have no
	// code. If both are nil, the name is the code.
	codes []lint.Code
	count func(r *report) int
}

// isCode reports whether the name is a code of findings, which -allow accepts.
func (k kind) isCode() bool { return k.codes == nil && k.count == nil }

// covers reports whether findings with a code are of the kind.
func (k kind) covers(code lint.Code) bool {
	return slices.Contains(k.codes, code) || k.isCode() && k.name == string(code)
}

// checksExisting reports whether the kind is about existing projects.
func (k kind) checksExisting() bool {
	return slices.ContainsFunc(k.requires, func(r requirement) bool { return r.existing })
}

// kinds is the table of -fail-on.
var kinds = slices.Concat(
	[]kind{
		{name: string(invalid), meaning: "a webhook cannot be decoded or compiled, or a later one in the file has the same id: it fires for nothing"},
		{name: "lint", meaning: "a finding has one of the codes from `no-events` to `looks-like-regexp-or-glob`", lint: true, codes: codesOfLint()},
	},
	lintKinds,
	[]kind{
		{name: string(noProject), meaning: "an entry of `project_names_filter` matches no project", requires: []requirement{withExisting}},
		{name: string(unheard), meaning: "the failures of a project in a mode fire no webhook", requires: []requirement{withExisting}},
		{name: "diff", meaning: "a delivery of an event in the files, or of an existing pair of project and mode, was added or removed",
			requires: []requirement{withAgainst, withFilesOrExisting}, count: countDiff},
		{name: "change", meaning: "a webhook fires for other events than in the folder of `-against`, or is too complex to compare", requires: []requirement{withAgainst},
			count: func(r *report) int { return r.Summary.Changed }},
	},
)

// lintKinds has every code of package lint.
var lintKinds = []kind{
	lintKind(lint.NoEvents, "`events` is empty, so the webhook never fires"),
	lintKind(lint.DuplicateValue, "the same value occurs earlier in the list"),
	lintKind(lint.UnknownValue, "the API does not document the event type or the mode, in a webhook or in an expectation"),
	lintKind(lint.ShadowedEntry, "another entry matches every name that the entry matches"),
	lintKind(lint.CoveredEntry, "several other entries together match every name that the entry matches"),
	lintKind(lint.CoveredWebhook, "every event that fires the webhook also fires another one with the same target"),
	lintKind(lint.NotCompared, "the entries or the webhooks are too expensive to compare"),
	lintKind(lint.AllNames, "the entry matches every name, so `project_names_filter` restricts nothing"),
	lintKind(lint.AllModes, "`environment_types_filter` has every documented mode"),
	lintKind(lint.LooksLikeID, "the entry is a UUID, but entries are compared with names"),
	lintKind(lint.SurroundingSpace, "the entry begins or ends with white space"),
	lintKind(lint.ConfusableCharacter, "the entry has a character that is invisible or looks like another one"),
	lintKind(lint.LooksLikeRegexpOrGlob, "the entry looks like a regular expression or a glob"),
	lintKind(lint.UndocumentedWildcard, "the entry has a `?`, or a `*` that is not its last character: the API does not document these"),
}

func lintKind(code lint.Code, meaning string) kind {
	return kind{name: string(code), meaning: meaning, lint: true}
}

// codesOfLint returns the codes of the kind lint.
func codesOfLint() (codes []lint.Code) {
	for _, k := range lintKinds {
		if code := lint.Code(k.name); code != lint.UndocumentedWildcard {
			codes = append(codes, code)
		}
	}
	return codes
}

// countIn returns the number of findings of the kind that are not allowed.
func (k kind) countIn(r *report) (n int) {
	if k.count != nil {
		return k.count(r)
	}
	for _, f := range r.Findings {
		if k.covers(f.Code) && !f.Allowed {
			n++
		}
	}
	for _, o := range r.Events {
		for _, v := range o.Undocumented {
			if k.covers(lint.UnknownValue) && !v.Allowed {
				n++
			}
		}
	}
	return n
}

// countDiff counts the deliveries that were added or removed. If a delivery is of an event in the
// files and also of an existing pair, it counts twice.
func countDiff(r *report) int {
	n := r.Summary.Added + r.Summary.Removed
	if x := r.Summary.Existing; x != nil {
		n += x.Added + x.Removed
	}
	return n
}

// requirement is something that a kind requires.
type requirement struct {
	words string
	met   func(o options) bool // by the arguments
	// existing is true if the projects and environments in the folder meet the requirement too.
	existing bool
}

var (
	withAgainst         = requirement{"-against", func(o options) bool { return o.against != "" }, false}
	withExisting        = requirement{"projects and environments", func(options) bool { return false }, true}
	withFilesOrExisting = requirement{"a file of expectations, or projects and environments", func(o options) bool { return len(o.files) > 0 }, true}
)

// unmet returns a message about a requirement of the kinds that the arguments do not meet, or "".
// With existing, it considers only the requirements that projects and environments can meet;
// otherwise it considers only the others.
func (o options) unmet(existing bool) string {
	for _, k := range o.failOn {
		for _, r := range k.requires {
			if r.existing == existing && !r.met(o) {
				return fmt.Sprintf("-fail-on %s requires %s", k.name, r.words)
			}
		}
	}
	return ""
}

// kindNames returns the names of the kinds for a message. With onlyCodes, it returns only the
// names that -allow accepts.
func kindNames(onlyCodes bool) string {
	text := ""
	for _, k := range kinds {
		if k.isCode() && !k.lint || !k.isCode() && !onlyCodes {
			text += k.name + ", "
		}
	}
	return strings.TrimSuffix(text, ", ") + " or a code of lint"
}

// appendKinds appends to found the kinds that a comma-separated list names. It skips a kind that is
// already in found. With onlyCodes, it accepts only the kinds that -allow accepts.
func appendKinds(found []kind, list string, onlyCodes bool) ([]kind, error) {
	var names []string
	for _, k := range kinds {
		if k.isCode() || !onlyCodes {
			names = append(names, k.name)
		}
	}
	for name := range strings.SplitSeq(list, ",") {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("unknown name %s: want %s%s", jsonvalue.Quote(name), kindNames(onlyCodes), didYouMean(name, names))
		}
		named := func(k kind) bool { return k.name == name }
		if !slices.ContainsFunc(found, named) {
			found = append(found, kinds[slices.IndexFunc(kinds, named)])
		}
	}
	return found, nil
}

// allow marks the findings whose code is one of the kinds.
func (r *report) allow(allowed []kind) {
	accepts := func(code lint.Code) bool {
		return slices.ContainsFunc(allowed, func(k kind) bool { return k.name == string(code) })
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Allowed = accepts(f.Code); f.Allowed {
			r.Summary.Allowed++
		}
	}
	for _, o := range r.Events {
		for i := range o.Undocumented {
			v := &o.Undocumented[i]
			if v.Allowed = accepts(lint.UnknownValue); v.Allowed {
				r.Summary.Allowed++
			}
		}
	}
}

// allowedSuffix ends the line of an allowed finding.
func allowedSuffix(allowed bool) string {
	if allowed {
		return ", allowed"
	}
	return ""
}
