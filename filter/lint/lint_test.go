package lint_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	idMessage    = "is a UUID, but entries are compared with the project's name, never with its ID"
	spaceMessage = "begins or ends with white space, which is compared too: nothing is trimmed"
	namesMessage = "matches every name, so the list restricts nothing"
)

// nameFinding returns a finding of one entry that concerns no other.
func nameFinding(code lint.Code, i int, value, message string) lint.Finding {
	return lint.Finding{Code: code, Field: fmt.Sprintf("project_names_filter[%d]", i), Value: value, Message: message}
}

// shadowFinding returns the finding that an entry is shadowed by another.
func shadowFinding(i int, value string, other int, otherValue string) lint.Finding {
	f := nameFinding(lint.ShadowedEntry, i, value,
		fmt.Sprintf("every name that it matches is matched by project_names_filter[%d] %q too", other, otherValue))
	f.Other = fmt.Sprintf("project_names_filter[%d]", other)
	return f
}

func repeatFinding(list string, i int, value string, other int) lint.Finding {
	at := fmt.Sprintf("%s[%d]", list, other)
	return lint.Finding{Code: lint.DuplicateValue, Field: fmt.Sprintf("%s[%d]", list, i), Value: value, Message: "repeats " + at, Other: at}
}

// unknownFinding returns the finding of an unknown value, with what was meant if that is
// known.
func unknownFinding(field, value, meant string) lint.Finding {
	message := "unknown value"
	if meant != "" {
		message += ", did you mean " + meant + "?"
	}
	return lint.Finding{Code: lint.UnknownValue, Field: field, Value: value, Message: message}
}

func foreignFinding(i int, value, part string) lint.Finding {
	return nameFinding(lint.LooksLikeRegexpOrGlob, i, value, fmt.Sprintf(
		"%q may be meant as a regular expression or a glob: here every character but * and ? stands for itself", part))
}

// checkNames returns the findings about names but for those of UndocumentedWildcard,
// which nearly every test of the others would have.
func checkNames(entries ...string) []lint.Finding {
	return documented(lint.Check(filtertest.RestrictedTo(entries...)))
}

func documented(findings []lint.Finding) (others []lint.Finding) {
	for _, f := range findings {
		if f.Code != lint.UndocumentedWildcard {
			others = append(others, f)
		}
	}
	return others
}

func TestLintUndocumentedWildcards(t *testing.T) {
	const message = "the API documents a * at the end alone, and the vendor's own engine may read a ? or another * otherwise"
	for entry, want := range map[string]bool{
		"shop": false, "shop*": false, "*": false, "[PR]*": false, "日本*": false,
		"*shop": true, "*shop*": true, "sh*p": true, "sh*p*": true, "shop?": true, "?": true, "?*": true, "*?": true, "shop**": true, "**": true, "sho?*": true,
	} {
		var got []lint.Finding
		for _, f := range lint.Check(filtertest.RestrictedTo(entry)) {
			if f.Code == lint.UndocumentedWildcard {
				got = append(got, f)
			}
		}
		if want {
			require.Equal(t, []lint.Finding{nameFinding(lint.UndocumentedWildcard, 0, entry, message)}, got, entry)
		} else {
			require.Empty(t, got, entry)
		}
	}
	findings := lint.Check(filtertest.RestrictedTo(" *x", " *x", "*$"))
	require.Equal(t, []lint.Finding{
		nameFinding(lint.SurroundingSpace, 0, " *x", spaceMessage), nameFinding(lint.UndocumentedWildcard, 0, " *x", message),
		repeatFinding("project_names_filter", 1, " *x", 0),
		foreignFinding(2, "*$", "$"), nameFinding(lint.UndocumentedWildcard, 2, "*$", message),
	}, findings, "the last of an entry's, and none of one that is repeated")
}

func TestLintNames(t *testing.T) {
	const id = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	for _, test := range []struct {
		name    string
		entries []string
		want    []lint.Finding
	}{
		{"no list", nil, nil},
		{"nothing to say", []string{"product*", "*-api", "billing", "[PR]*", "a.b", "team-?"}, nil},

		{"shadowed by a wildcard", []string{"product-*", "product*"}, []lint.Finding{shadowFinding(0, "product-*", 1, "product*")}},
		{"shadowed by a partner in case", []string{"Shop", "shop"}, []lint.Finding{shadowFinding(1, "shop", 0, "Shop")}},
		{"shadowed by a partner in case outside ASCII", []string{"ⱥ\u212aς?", "Ⱥkσ*"}, []lint.Finding{shadowFinding(0, "ⱥ\u212aς?", 1, "Ⱥkσ*")}},
		{"no partners in case", []string{"straße", "STRASSE", "İ", "i"}, nil},
		{"the same wildcards in another order", []string{"a*?", "a?*"}, []lint.Finding{shadowFinding(1, "a?*", 0, "a*?")}},
		{"a chain ends at what is not shadowed", []string{"a-b-c", "a-b-*", "a-*"}, []lint.Finding{
			shadowFinding(0, "a-b-c", 2, "a-*"), shadowFinding(1, "a-b-*", 2, "a-*")}},
		{"a chain through partners in case", []string{"AB", "ab", "A?"}, []lint.Finding{
			shadowFinding(0, "AB", 2, "A?"), shadowFinding(1, "ab", 2, "A?")}},
		{"covered by two together only", []string{"a*", "a", "a?*"}, []lint.Finding{
			shadowFinding(1, "a", 0, "a*"), shadowFinding(2, "a?*", 0, "a*")}},
		{"covered by two together and not by one", []string{"?a", "?b", "aa", "?"}, []lint.Finding{shadowFinding(2, "aa", 0, "?a")}},
		{"an overlap is no shadow", []string{"a*b", "*b?", "a?b?"}, []lint.Finding{shadowFinding(2, "a?b?", 1, "*b?")}},

		{"repeated", []string{"shop", "a*", "shop", "shop"}, []lint.Finding{
			repeatFinding("project_names_filter", 2, "shop", 0), repeatFinding("project_names_filter", 3, "shop", 0)}},
		{"repeated and shadowed", []string{"Shop", "shop", "shop"}, []lint.Finding{
			shadowFinding(1, "shop", 0, "Shop"), repeatFinding("project_names_filter", 2, "shop", 1)}},
		{"a repetition has no other finding", []string{id, id}, []lint.Finding{
			nameFinding(lint.LooksLikeID, 0, id, idMessage), repeatFinding("project_names_filter", 1, id, 0)}},

		{"all names", []string{"*"}, []lint.Finding{nameFinding(lint.AllNames, 0, "*", namesMessage)}},
		{"all names twice", []string{"shop", "**", "*"}, []lint.Finding{
			shadowFinding(0, "shop", 1, "**"), nameFinding(lint.AllNames, 1, "**", namesMessage), shadowFinding(2, "*", 1, "**")}},
		{"all names but the empty one", []string{"?*"}, nil},

		{"an ID", []string{id}, []lint.Finding{nameFinding(lint.LooksLikeID, 0, id, idMessage)}},
		{"an ID in capitals", []string{strings.ToUpper(id)}, []lint.Finding{
			nameFinding(lint.LooksLikeID, 0, strings.ToUpper(id), idMessage)}},
		{"parts of an ID and other forms", []string{id + "*", id[:35], strings.ReplaceAll(id, "-", "")}, nil},

		{"space around", []string{" shop", "billing\n", "\u00a0", "a b", " *"}, []lint.Finding{
			shadowFinding(0, " shop", 4, " *"), nameFinding(lint.SurroundingSpace, 0, " shop", spaceMessage),
			nameFinding(lint.SurroundingSpace, 1, "billing\n", spaceMessage),
			nameFinding(lint.SurroundingSpace, 2, "\u00a0", spaceMessage),
			nameFinding(lint.SurroundingSpace, 4, " *", spaceMessage)}},

		{"all about one entry", []string{" !" + id, "*" + id}, []lint.Finding{
			shadowFinding(0, " !"+id, 1, "*"+id), nameFinding(lint.SurroundingSpace, 0, " !"+id, spaceMessage)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, checkNames(test.entries...))
		})
	}
}

func TestLintForeignSyntax(t *testing.T) {
	for entry, part := range map[string]string{
		"shop.*": ".*", "shop.+x": ".+", "^shop": "^", "shop$": "$", "shop|api": "|", `shop\d`: `\`, `\*`: `\`,
		"[a-z]*": "[a-z]", "v[0-9][0-9]": "[0-9]", "[!x]y": "[!x]", "[^x]y": "[^x]",
		"{a,b}": "{a,b}", "x{,y}": "{,y}", "x{a,b}": "{a,b}", "!shop": "!",
		"checkout,billing": "checkout,billing", "a,b,c": "a,b", "x a,b y": "a,b", "%like%": "%", "%like": "%", "like%": "%",
		"re:foo": "re:", "regex:foo": "regex:", "regexp:foo": "regexp:", "glob:foo*": "glob:",
	} {
		require.Equal(t, []lint.Finding{foreignFinding(0, entry, part)}, checkNames(entry), entry)
	}
	for _, entry := range []string{"[PR]*", "[]", "[-]", "[a-", "{a}", "a, b", ",a", "b,", "a-b", "shop!", "50% off", "core:foo", "re", "Re:foo", "a.b*", "a$b", "v1.?", "a^b", "(x)"} {
		require.Nil(t, checkNames(entry), entry)
	}
}

func TestLintLists(t *testing.T) {
	noEvents := lint.Finding{Code: lint.NoEvents, Field: "events", Message: "the list is empty, so the webhook never fires"}
	allModes := lint.Finding{Code: lint.AllModes, Field: "environment_types_filter",
		Message: "the list has every documented mode, so it stops only an event whose mode is none of them"}
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
		{"as many modes, one twice", webhook.Webhook{Events: started, EnvironmentTypesFilter: append(modes[1:], modes[1])},
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

// Lint says where it stops comparing, and what it found before that stands. Both
// lists are costly: one for where parts of entries may be, one for what they skip.
func TestLintStopsComparing(t *testing.T) {
	run := strings.Repeat("a", 333)
	for _, test := range []struct {
		name, format string
		entries      int
	}{
		{"many places", "*" + run + "%c*" + run + run + "?", 60},
		{"many characters to skip", strings.Repeat("?", 1000) + "*%c", 600},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries := []string{"product-*", "product*", "product*"}
			for i := range test.entries {
				entries = append(entries, fmt.Sprintf(test.format, '一'+i))
			}
			entries = append(entries, "billing-*", "billing*")

			findings := checkNames(entries...)
			require.Len(t, findings, 3)
			require.Equal(t, shadowFinding(0, "product-*", 1, "product*"), findings[0])
			require.Equal(t, repeatFinding("project_names_filter", 2, "product*", 1), findings[1])
			require.Equal(t, lint.NotCompared, findings[2].Code)
			var at int
			_, err := fmt.Sscanf(findings[2].Field, "project_names_filter[%d]", &at)
			require.NoError(t, err)
			require.Greater(t, at, 3)
			require.Less(t, at, len(entries)-2)
			require.Equal(t, entries[at], findings[2].Value)
		})
	}
}

// Thousand entries of 10 characters are compared, also where a part of each nearly
// fits at many places of all others.
func TestLintComparesThousandEntries(t *testing.T) {
	entries := make([]string, 1000)
	for i := range entries {
		entries[i] = fmt.Sprintf("*aaaa%c*aaa", '一'+i)
	}
	require.Nil(t, checkNames(entries...))
}

// A long list is no reason to stop.
func TestLintComparesLongLists(t *testing.T) {
	var entries []string
	for i := range 750 {
		entries = append(entries, fmt.Sprintf("*-team-%d-*", i), fmt.Sprintf("team-%d-?", i))
	}
	entries = append(entries, "team-749-*")
	require.Equal(t, []lint.Finding{shadowFinding(1499, "team-749-?", 1500, "team-749-*")}, checkNames(entries...))
}

// Others compare with these strings: they never change.
func TestFindingCodes(t *testing.T) {
	for code, want := range map[lint.Code]string{
		lint.NoEvents:              "no-events",
		lint.DuplicateValue:        "duplicate-value",
		lint.ShadowedEntry:         "shadowed-entry",
		lint.NotCompared:           "not-compared",
		lint.AllNames:              "all-names",
		lint.AllModes:              "all-modes",
		lint.LooksLikeID:           "looks-like-id",
		lint.SurroundingSpace:      "surrounding-space",
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
	require.Equal(t, `project_names_filter[1] "shop": every name that it matches is matched by project_names_filter[0] "Shop" too (shadowed-entry)`,
		findings[1].String())
	data, err := json.Marshal(findings)
	require.NoError(t, err)
	require.JSONEq(t, `[
		{"code": "no-events", "field": "events", "value": "", "message": "the list is empty, so the webhook never fires"},
		{"code": "shadowed-entry", "field": "project_names_filter[1]", "value": "shop", "other": "project_names_filter[0]",
		 "message": "every name that it matches is matched by project_names_filter[0] \"Shop\" too"}
	]`, string(data))
}
