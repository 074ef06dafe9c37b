// Package lint reports probable mistakes in the filters of webhooks that compile.
package lint

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/hookfilter/hookfilter/webhook"
)

// Check reports probable mistakes in the filters of a webhook that compiles. A disabled
// webhook is not a mistake. For a webhook that filter.Compile refuses, such as a nil one,
// Check returns nil: the webhook fires for nothing, and the error of Compile says why.
//
// Findings are in the order of the fields events, project_names_filter and
// environment_types_filter. Within a field, findings about the whole list come first, then
// findings about elements by index, and for one element in the order of the Code
// constants. An element that is a [DuplicateValue] has no other finding.
//
// The elements of [DuplicateValue], [ShadowedEntry] and [CoveredEntry] findings can be
// removed, one or all, without changing a verdict. Whether one entry shadows another is
// decided exactly, with * and ? anywhere and ignoring case. Of entries that match the same
// names, the first is kept. Whether several entries together cover another one is decided
// exactly too: *shop and sho??* cover shop*.
//
// The time grows with the square of the number of distinct entries, and for two entries at
// worst with the product of their lengths. It is bounded: Check compares entries in pairs for
// at most 2^27 steps, and one entry with several others for at most an eighth of the steps that
// package analysis allows. Then it stops looking for shadowed and covered entries and reports
// [NotCompared]. In a list of 1,000 entries of 10 characters, every shadowed entry is found.
// Check does not retain w.
func Check(w *webhook.Webhook) []Finding {
	if w == nil || w.ValidateFilters() != nil {
		return nil
	}
	return slices.Concat(lintEvents(w.Events), lintNames(w.ProjectNamesFilter), lintModes(w.EnvironmentTypesFilter))
}

func lintEvents(events []webhook.EventType) []Finding {
	if len(events) == 0 {
		return []Finding{{Code: NoEvents, Field: "events", Message: "the list is empty, so the webhook never fires"}}
	}
	return lintValues("events", events, func(t webhook.EventType) error {
		w := webhook.Webhook{Events: []webhook.EventType{t}}
		return w.Validate()
	})
}

func lintModes(modes []webhook.EnvironmentMode) (findings []Finding) {
	const field = "environment_types_filter"
	missing := func(m webhook.EnvironmentMode) bool { return !slices.Contains(modes, m) }
	if !slices.ContainsFunc(webhook.EnvironmentModes(), missing) {
		findings = append(findings, Finding{Code: AllModes, Field: field,
			Message: "the list has every documented mode, so it excludes only events with an undocumented mode"})
	}
	return append(findings, lintValues(field, modes, func(m webhook.EnvironmentMode) error {
		w := webhook.Webhook{EnvironmentTypesFilter: []webhook.EnvironmentMode{m}}
		return w.Validate()
	})...)
}

// lintValues returns a finding for each element that repeats an earlier one, and for each
// other element that is unknown. validate returns the error of Validate for a webhook with
// that one element: a webhook with many elements would reach [webhook.MaxFieldErrors].
func lintValues[S ~string](field string, list []S, validate func(S) error) (findings []Finding) {
	first := firsts(list)
	shown := make([]string, len(list)) // the values without the secrets of a URL
	for i, v := range list {
		if first[i] < i {
			findings = append(findings, Finding{Field: element(field, i), Value: shown[first[i]]}.repeats(element(field, first[i])))
			continue
		}
		shown[i] = string(v)
		for _, e := range webhook.FieldErrors(validate(v)) {
			if errors.Is(e, webhook.ErrUnknownValue) {
				shown[i] = e.Value
				findings = append(findings, Finding{Code: UnknownValue, Field: element(field, i), Value: e.Value, Message: e.Err.Error()})
			}
		}
	}
	return findings
}

// firsts returns for each element of list the position of the first equal element.
func firsts[S ~string](list []S) []int {
	first, at := make([]int, len(list)), make(map[S]int)
	for i, v := range list {
		if _, ok := at[v]; !ok {
			at[v] = i
		}
		first[i] = at[v]
	}
	return first
}

// repeats returns f as a DuplicateValue.
func (f Finding) repeats(other string) Finding {
	f.Code, f.Message, f.Other = DuplicateValue, "repeats "+other, other
	return f
}

func element(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }

func lintNames(entries []string) (findings []Finding) {
	const field = "project_names_filter"
	first := firsts(entries)
	shadows, compared := findShadows(entries)
	covered, compared := findCovered(entries, shadows, compared)
	for i, entry := range entries {
		at := element(field, i)
		if first[i] < i {
			findings = append(findings, Finding{Field: at, Value: entry}.repeats(element(field, first[i])))
			continue
		}
		add := func(code Code, message string) {
			findings = append(findings, Finding{Code: code, Field: at, Value: entry, Message: message})
		}
		switch j := shadows[i]; {
		case j >= 0:
			other := element(field, j)
			findings = append(findings, Finding{ShadowedEntry, at, entry,
				fmt.Sprintf("every name that it matches is also matched by %s %.80q", other, entries[j]), other})
		case covered[i]:
			add(CoveredEntry, "every name that it matches is also matched by one of several other entries")
		case i == compared:
			add(NotCompared, "the list is too expensive to compare: this entry and later ones are not compared with all others")
		}
		if shadows[i] < 0 && strings.Trim(entry, "*") == "" {
			add(AllNames, "matches every name, so the list restricts nothing")
		}
		if len(entry) == len(uuid.Nil.String()) && uuid.Validate(entry) == nil {
			add(LooksLikeID, "is a UUID, but entries are compared with the project's name, never with its ID")
		}
		if strings.TrimSpace(entry) != entry {
			add(SurroundingSpace, "begins or ends with white space, which is not trimmed: a matching name must have it too")
		}
		if at := strings.IndexFunc(entry, isConfusable); at >= 0 {
			r, _ := utf8.DecodeRuneInString(entry[at:])
			add(ConfusableCharacter, fmt.Sprintf("has the character %U, %s: a matching name must have exactly this character", r, confusable(r)))
		}
		if found := foreignSyntax.FindString(entry); found != "" {
			add(LooksLikeRegexpOrGlob, fmt.Sprintf("%q may be meant as a regular expression or a glob: here every character except * and ? stands for itself", found))
		}
		if strings.ContainsAny(strings.TrimSuffix(entry, "*"), "*?") {
			add(UndocumentedWildcard, "the API documents only a * at the end: the vendor's own engine may treat ? and any other * differently")
		}
	}
	return findings
}

func isConfusable(r rune) bool { return confusable(r) != "" }

// confusable describes one of a few characters that are invisible or look like another one.
// For any other character it returns "".
func confusable(r rune) string {
	switch {
	case r == '\u200b':
		return "an invisible zero-width space"
	case r == '\ufeff':
		return "an invisible byte order mark"
	case r == '\u00a0':
		return "a no-break space"
	case r == '\uff0a':
		return "a full-width asterisk, which is not a wildcard"
	case r == '\uff1f':
		return "a full-width question mark, which is not a wildcard"
	case r == '\u2217':
		return "an asterisk operator, which is not a wildcard"
	case '\u0300' <= r && r <= '\u036f':
		return "a combining mark, so a precomposed letter does not match"
	}
	return ""
}

// foreignSyntax matches syntax of regular expressions, other globs and comma-separated
// lists: .* .+ and |, a bracket with a range or a negation, alternatives in braces, an
// escape, a leading ! or ^, a trailing $, a prefix like re:, the % of SQL at either end, a
// comma without a space. It does not match a bracket like [PR], which is common in project
// names.
var foreignSyntax = regexp.MustCompile(`^(?:re|regexp?|glob):|\.[*+]|\||\[([!^]|[^\]]+-)[^\]]+\]|\{[^{}]*,[^{}]*\}|\\|^[!^%]|[$%]$|[^\s,{}]+,[^\s,{}]+`)
