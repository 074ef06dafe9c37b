package engine

import (
	"slices"

	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

type notes []Note

// findings returns the lint findings on a webhook.
func findings(w *webhook.Webhook) (all notes) {
	for _, f := range lint.Check(w) {
		all = append(all, Note{Kind: kindFinding, Code: string(f.Code), Field: f.Field, Message: f.Message, Advice: advice[string(f.Code)]})
	}
	return all
}

// has reports whether one of the notes is about a field.
func (all notes) has(field string) bool {
	return slices.ContainsFunc(all, func(n Note) bool { return n.Field == field })
}

// advice says what to do about a finding, by its code.
var advice = map[string]string{
	"no-events":                 "Add the event types that it should fire for, or disable the webhook.",
	"duplicate-value":           "Remove it: no verdict changes.",
	"shadowed-entry":            "Remove it: no verdict changes.",
	"covered-entry":             "Remove it: no verdict changes.",
	"not-compared":              "Split the list over several webhooks, or shorten it.",
	"all-names":                 "Remove the filter if every project is meant; otherwise list the projects.",
	"all-modes":                 "Remove the filter, unless a mode that is not documented must not fire.",
	"looks-like-id":             "Write the project's name instead.",
	"surrounding-space":         "Remove the space, unless the project's name has it too.",
	"confusable-character":      "Write the plain character, unless the project's name has this one.",
	"looks-like-regexp-or-glob": "Write it with * and ?, and alternatives as separate entries.",
	"unknown-value":             "Correct it, unless the API has values that are not documented yet.",
	"undocumented-wildcard":     "Put the * at the end if that is enough, or list the names.",
}
