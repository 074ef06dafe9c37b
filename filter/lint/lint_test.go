package lint_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

// nameFinding returns a finding about one entry, without Other.
func nameFinding(code lint.Code, i int, value, message string) lint.Finding {
	return lint.Finding{Code: code, Field: fmt.Sprintf("project_names_filter[%d]", i), Value: value, Message: message}
}

// shadowFinding returns the finding that an entry is shadowed by another.
func shadowFinding(i int, value string, other int, otherValue string) lint.Finding {
	f := nameFinding(lint.ShadowedEntry, i, value,
		fmt.Sprintf("every name that it matches is also matched by project_names_filter[%d] %q", other, otherValue))
	f.Other = fmt.Sprintf("project_names_filter[%d]", other)
	return f
}

func repeatFinding(list string, i int, value string, other int) lint.Finding {
	at := fmt.Sprintf("%s[%d]", list, other)
	return lint.Finding{Code: lint.DuplicateValue, Field: fmt.Sprintf("%s[%d]", list, i), Value: value, Message: "repeats " + at, Other: at}
}

// unknownFinding returns the finding of an unknown value. suggestion may be empty.
func unknownFinding(field, value, suggestion string) lint.Finding {
	message := "unknown value"
	if suggestion != "" {
		message += ", did you mean " + suggestion + "?"
	}
	return lint.Finding{Code: lint.UnknownValue, Field: field, Value: value, Message: message}
}

// checkNames returns the findings about entries, without UndocumentedWildcard, which most
// tests would have to list.
func checkNames(entries ...string) []lint.Finding {
	return withoutUndocumentedWildcard(lint.Check(filtertest.RestrictedTo(entries...)))
}

func withoutUndocumentedWildcard(findings []lint.Finding) (others []lint.Finding) {
	for _, f := range findings {
		if f.Code != lint.UndocumentedWildcard {
			others = append(others, f)
		}
	}
	return others
}

func TestLintLists(t *testing.T) {
	noEvents := lint.Finding{Code: lint.NoEvents, Field: "events", Message: "the list is empty, so the webhook never fires"}
	allModes := lint.Finding{Code: lint.AllModes, Field: "environment_types_filter",
		Message: "the list has every documented mode, so it excludes only events with an undocumented mode"}
	started := []webhook.EventType{webhook.DeploymentStarted}
	modes := webhook.EnvironmentModes()
	for _, test := range []struct {
		name string
		w    webhook.Webhook
		want []lint.Finding
	}{
		{"no events", webhook.Webhook{Enabled: true}, []lint.Finding{noEvents}},
		{"an empty list of events", webhook.Webhook{Enabled: true, Events: []webhook.EventType{}}, []lint.Finding{noEvents}},
		{"disabled is no finding", webhook.Webhook{Events: started}, nil},
		{"every event is no finding", webhook.Webhook{Events: webhook.EventTypes()}, nil},
		{"an event twice", webhook.Webhook{Events: append(started, started...)}, []lint.Finding{
			repeatFinding("events", 1, "DEPLOYMENT_STARTED", 0)}},
		{"all modes but one", webhook.Webhook{Events: started, EnvironmentTypesFilter: modes[1:]}, nil},
		{"all modes but one, one of them twice", webhook.Webhook{Events: started, EnvironmentTypesFilter: append(modes[1:], modes[1])},
			[]lint.Finding{repeatFinding("environment_types_filter", 3, "PREVIEW", 0)}},
		{"all modes", webhook.Webhook{Events: started, EnvironmentTypesFilter: modes}, []lint.Finding{allModes}},
		{"in the order of the document", webhook.Webhook{
			ProjectNamesFilter:     []string{"*"},
			EnvironmentTypesFilter: append(modes, modes[0]),
		}, []lint.Finding{
			noEvents,
			nameFinding(lint.AllNames, 0, "*", namesMessage),
			allModes,
			repeatFinding("environment_types_filter", 4, "DEVELOPMENT", 0),
		}},
		{"an unknown mode", webhook.Webhook{Events: started, ProjectNamesFilter: []string{"*"},
			EnvironmentTypesFilter: []webhook.EnvironmentMode{"SANDBOX", "production", "STAGING"}}, []lint.Finding{
			nameFinding(lint.AllNames, 0, "*", namesMessage),
			unknownFinding("environment_types_filter[0]", "SANDBOX", ""), unknownFinding("environment_types_filter[1]", "production", "PRODUCTION")}},
		{"an unknown event", webhook.Webhook{Events: []webhook.EventType{"X", "DEPLOYMENT_STARTED", "X", "DEPLOYMENT_FAILED"}}, []lint.Finding{
			unknownFinding("events[0]", "X", ""), repeatFinding("events", 2, "X", 0), unknownFinding("events[3]", "DEPLOYMENT_FAILED", "DEPLOYMENT_FAILURE")}},
		{"an unknown event with a slash", webhook.Webhook{Events: []webhook.EventType{"DEPLOYMENT/STARTED"}}, []lint.Finding{
			unknownFinding("events[0]", "[redacted]", "DEPLOYMENT_STARTED")}},
		{"target URLs", webhook.Webhook{
			Events:                 []webhook.EventType{"https://user:SECRET@example.com/SECRET", "https://user:SECRET@example.com/SECRET"},
			EnvironmentTypesFilter: []webhook.EnvironmentMode{"http://example.com:8080/SECRET", "//example.com/SECRET"},
		}, []lint.Finding{
			unknownFinding("events[0]", "https://example.com", ""), repeatFinding("events", 1, "https://example.com", 0),
			unknownFinding("environment_types_filter[0]", "http://example.com:8080", ""), unknownFinding("environment_types_filter[1]", "[redacted]", "")}},
		{"an unknown kind is not about filters", webhook.Webhook{Kind: "TEAMS", Events: started}, nil},
		{"all modes and an unknown one", webhook.Webhook{Events: started, EnvironmentTypesFilter: append(webhook.EnvironmentModes(), "QA")}, []lint.Finding{
			allModes, unknownFinding("environment_types_filter[4]", "QA", "")}},
		{"an empty mode", webhook.Webhook{Events: started, ProjectNamesFilter: []string{"*"},
			EnvironmentTypesFilter: []webhook.EnvironmentMode{""}}, nil},
		{"an empty event", webhook.Webhook{Events: []webhook.EventType{"X", ""}}, nil},
		{"an empty entry", webhook.Webhook{ProjectNamesFilter: []string{"", "*", "*"}}, nil},
		{"an entry that is not UTF-8", webhook.Webhook{ProjectNamesFilter: []string{"\xff*", "*"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, lint.Check(&test.w))
		})
	}
}

func TestNilHasNoFindings(t *testing.T) {
	require.Empty(t, lint.Check(nil))
}

// Users compare codes with these strings, so they must not change.
func TestFindingCodes(t *testing.T) {
	for code, want := range map[lint.Code]string{
		lint.NoEvents:              "no-events",
		lint.DuplicateValue:        "duplicate-value",
		lint.ShadowedEntry:         "shadowed-entry",
		lint.CoveredEntry:          "covered-entry",
		lint.CoveredWebhook:        "covered-webhook",
		lint.NotCompared:           "not-compared",
		lint.AllNames:              "all-names",
		lint.AllModes:              "all-modes",
		lint.LooksLikeID:           "looks-like-id",
		lint.SurroundingSpace:      "surrounding-space",
		lint.ConfusableCharacter:   "confusable-character",
		lint.LooksLikeRegexpOrGlob: "looks-like-regexp-or-glob",
		lint.UnknownValue:          "unknown-value",
		lint.UndocumentedWildcard:  "undocumented-wildcard",
	} {
		require.Equal(t, want, string(code))
	}
}

func TestFindingForms(t *testing.T) {
	findings := lint.Check(&webhook.Webhook{ProjectNamesFilter: []string{"Shop", "shop"}})
	require.Len(t, findings, 2)
	require.Equal(t, `events: the list is empty, so the webhook never fires (no-events)`, findings[0].String())
	require.Equal(t, `project_names_filter[1] "shop": every name that it matches is also matched by project_names_filter[0] "Shop" (shadowed-entry)`,
		findings[1].String())
	data, err := json.Marshal(findings)
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"code": "no-events", "field": "events", "value": "", "message": "the list is empty, so the webhook never fires"},
		{"code": "shadowed-entry", "field": "project_names_filter[1]", "value": "shop", "other": "project_names_filter[0]",
		 "message": "every name that it matches is also matched by project_names_filter[0] \"Shop\""}
	]`, string(data))
}

// Check reports more unknown values than webhook.MaxFieldErrors, and shows only the scheme
// and host of a URL.
func TestManyUnknownValues(t *testing.T) {
	w := &webhook.Webhook{Enabled: true}
	for i := range 120 {
		w.Events = append(w.Events, webhook.EventType(fmt.Sprint("X", i)))
	}
	w.Events = append(w.Events, "https://hooks.example.com/SECRET", "https://hooks.example.com/SECRET")
	w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"QA"}
	findings := lint.Check(w)
	require.Len(t, findings, 123)
	require.Equal(t, lint.Finding{Code: lint.UnknownValue, Field: "events[120]", Value: "https://hooks.example.com", Message: "unknown value"}, findings[120])
	require.Equal(t, lint.Finding{Code: lint.DuplicateValue, Field: "events[121]", Value: "https://hooks.example.com", Message: "repeats events[120]", Other: "events[120]"}, findings[121])
	require.Equal(t, "environment_types_filter[0]", findings[122].Field)
}
