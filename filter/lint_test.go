package filter_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	idMessage    = "is a UUID, but entries are compared with the project's name, never with its ID"
	spaceMessage = "begins or ends with white space, which is compared too: nothing is trimmed"
	namesMessage = "matches every name, so the list restricts nothing"
)

// nameFinding returns a finding of one entry that concerns no other.
func nameFinding(code filter.FindingCode, i int, value, message string) filter.Finding {
	return filter.Finding{Code: code, Field: fmt.Sprintf("project_names_filter[%d]", i), Value: value, Message: message}
}

// shadowFinding returns the finding that an entry is shadowed by another.
func shadowFinding(i int, value string, other int, otherValue string) filter.Finding {
	f := nameFinding(filter.ShadowedEntry, i, value,
		fmt.Sprintf("every name that it matches is matched by project_names_filter[%d] %q too", other, otherValue))
	f.Other = fmt.Sprintf("project_names_filter[%d]", other)
	return f
}

func repeatFinding(list string, i int, value string, other int) filter.Finding {
	at := fmt.Sprintf("%s[%d]", list, other)
	return filter.Finding{Code: filter.DuplicateValue, Field: fmt.Sprintf("%s[%d]", list, i), Value: value, Message: "repeats " + at, Other: at}
}

func foreignFinding(i int, value, part string) filter.Finding {
	return nameFinding(filter.LooksLikeRegexpOrGlob, i, value, fmt.Sprintf(
		"%q may be meant as a regular expression or a glob: here every character but * and ? stands for itself", part))
}

func TestLintNames(t *testing.T) {
	const id = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	for _, test := range []struct {
		name    string
		entries []string
		want    []filter.Finding
	}{
		{"no list", nil, nil},
		{"nothing to say", []string{"product*", "*-api", "billing", "[PR]*", "a.b", "team-?"}, nil},

		{"shadowed by a wildcard", []string{"product-*", "product*"}, []filter.Finding{shadowFinding(0, "product-*", 1, "product*")}},
		{"shadowed by a partner in case", []string{"Shop", "shop"}, []filter.Finding{shadowFinding(1, "shop", 0, "Shop")}},
		{"shadowed by a partner in case outside ASCII", []string{"ⱥ\u212aς?", "Ⱥkσ*"}, []filter.Finding{shadowFinding(0, "ⱥ\u212aς?", 1, "Ⱥkσ*")}},
		{"no partners in case", []string{"straße", "STRASSE", "İ", "i"}, nil},
		{"the same wildcards in another order", []string{"a*?", "a?*"}, []filter.Finding{shadowFinding(1, "a?*", 0, "a*?")}},
		{"a chain ends at what is not shadowed", []string{"a-b-c", "a-b-*", "a-*"}, []filter.Finding{
			shadowFinding(0, "a-b-c", 2, "a-*"), shadowFinding(1, "a-b-*", 2, "a-*")}},
		{"a chain through partners in case", []string{"AB", "ab", "A?"}, []filter.Finding{
			shadowFinding(0, "AB", 2, "A?"), shadowFinding(1, "ab", 2, "A?")}},
		{"covered by two together only", []string{"a*", "a", "a?*"}, []filter.Finding{
			shadowFinding(1, "a", 0, "a*"), shadowFinding(2, "a?*", 0, "a*")}},
		{"covered by two together and not by one", []string{"?a", "?b", "aa", "?"}, []filter.Finding{shadowFinding(2, "aa", 0, "?a")}},
		{"an overlap is no shadow", []string{"a*b", "*b?", "a?b?"}, []filter.Finding{shadowFinding(2, "a?b?", 1, "*b?")}},

		{"repeated", []string{"shop", "a*", "shop", "shop"}, []filter.Finding{
			repeatFinding("project_names_filter", 2, "shop", 0), repeatFinding("project_names_filter", 3, "shop", 0)}},
		{"repeated and shadowed", []string{"Shop", "shop", "shop"}, []filter.Finding{
			shadowFinding(1, "shop", 0, "Shop"), repeatFinding("project_names_filter", 2, "shop", 1)}},
		{"a repetition has no other finding", []string{id, id}, []filter.Finding{
			nameFinding(filter.LooksLikeID, 0, id, idMessage), repeatFinding("project_names_filter", 1, id, 0)}},

		{"all names", []string{"*"}, []filter.Finding{nameFinding(filter.AllNames, 0, "*", namesMessage)}},
		{"all names twice", []string{"shop", "**", "*"}, []filter.Finding{
			shadowFinding(0, "shop", 1, "**"), nameFinding(filter.AllNames, 1, "**", namesMessage), shadowFinding(2, "*", 1, "**")}},
		{"all names but the empty one", []string{"?*"}, nil},

		{"an ID", []string{id}, []filter.Finding{nameFinding(filter.LooksLikeID, 0, id, idMessage)}},
		{"an ID in capitals", []string{strings.ToUpper(id)}, []filter.Finding{
			nameFinding(filter.LooksLikeID, 0, strings.ToUpper(id), idMessage)}},
		{"parts of an ID and other forms", []string{id + "*", id[:35], strings.ReplaceAll(id, "-", "")}, nil},

		{"space around", []string{" shop", "billing\n", "\u00a0", "a b", " *"}, []filter.Finding{
			shadowFinding(0, " shop", 4, " *"), nameFinding(filter.SurroundingSpace, 0, " shop", spaceMessage),
			nameFinding(filter.SurroundingSpace, 1, "billing\n", spaceMessage),
			nameFinding(filter.SurroundingSpace, 2, "\u00a0", spaceMessage),
			nameFinding(filter.SurroundingSpace, 4, " *", spaceMessage)}},

		{"all about one entry", []string{" !" + id, "*" + id}, []filter.Finding{
			shadowFinding(0, " !"+id, 1, "*"+id), nameFinding(filter.SurroundingSpace, 0, " !"+id, spaceMessage)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, filter.Lint(restrictedTo(test.entries...)))
		})
	}
}

func TestLintForeignSyntax(t *testing.T) {
	for entry, part := range map[string]string{
		"shop.*": ".*", "shop.+x": ".+", "^shop": "^", "shop$": "$", "shop|api": "|", `shop\d`: `\`, `\*`: `\`,
		"[a-z]*": "[a-z]", "v[0-9][0-9]": "[0-9]", "[!x]y": "[!x]", "[^x]y": "[^x]",
		"{a,b}": "{a,b}", "x{,y}": "{,y}", "!shop": "!",
	} {
		require.Equal(t, []filter.Finding{foreignFinding(0, entry, part)}, filter.Lint(restrictedTo(entry)), entry)
	}
	for _, entry := range []string{"[PR]*", "[]", "[-]", "[a-", "{a}", "a,b", "a-b", "shop!", "a.b*", "a$b", "v1.?", "a^b", "(x)"} {
		require.Nil(t, filter.Lint(restrictedTo(entry)), entry)
	}
}

func TestLintLists(t *testing.T) {
	noEvents := filter.Finding{Code: filter.NoEvents, Field: "events", Message: "the list is empty, so the webhook never fires"}
	allModes := filter.Finding{Code: filter.AllModes, Field: "environment_types_filter",
		Message: "the list has every documented mode, so it stops only an event whose mode is none of them"}
	started := []webhook.EventType{webhook.DeploymentStarted}
	modes := webhook.EnvironmentModes()
	for _, test := range []struct {
		name string
		w    webhook.Webhook
		want []filter.Finding
	}{
		{"no events", webhook.Webhook{Enabled: true}, []filter.Finding{noEvents}},
		{"an empty list of events", webhook.Webhook{Enabled: true, Events: []webhook.EventType{}}, []filter.Finding{noEvents}},
		{"disabled is no finding", webhook.Webhook{Events: started}, nil},
		{"every event is no finding", webhook.Webhook{Events: webhook.EventTypes()}, nil},
		{"an event twice", webhook.Webhook{Events: append(started, started...)}, []filter.Finding{
			repeatFinding("events", 1, "DEPLOYMENT_STARTED", 0)}},
		{"all modes but one", webhook.Webhook{Events: started, EnvironmentTypesFilter: modes[1:]}, nil},
		{"as many modes, one twice", webhook.Webhook{Events: started, EnvironmentTypesFilter: append(modes[1:], modes[1])},
			[]filter.Finding{repeatFinding("environment_types_filter", 3, "PREVIEW", 0)}},
		{"all modes", webhook.Webhook{Events: started, EnvironmentTypesFilter: modes}, []filter.Finding{allModes}},
		{"in the order of the document", webhook.Webhook{
			ProjectNamesFilter:     []string{"*"},
			EnvironmentTypesFilter: append(modes, modes[0]),
		}, []filter.Finding{
			noEvents,
			nameFinding(filter.AllNames, 0, "*", namesMessage),
			allModes,
			repeatFinding("environment_types_filter", 4, "DEVELOPMENT", 0),
		}},
		{"an unknown mode", webhook.Webhook{Events: started, ProjectNamesFilter: []string{"*"},
			EnvironmentTypesFilter: []webhook.EnvironmentMode{"SANDBOX"}}, nil},
		{"an unknown event", webhook.Webhook{Events: []webhook.EventType{"X", "X"}}, nil},
		{"an empty entry", webhook.Webhook{ProjectNamesFilter: []string{"", "*", "*"}}, nil},
		{"an entry that is not UTF-8", webhook.Webhook{ProjectNamesFilter: []string{"\xff*", "*"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, filter.Lint(&test.w))
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

			findings := filter.Lint(restrictedTo(entries...))
			require.Len(t, findings, 3)
			require.Equal(t, shadowFinding(0, "product-*", 1, "product*"), findings[0])
			require.Equal(t, repeatFinding("project_names_filter", 2, "product*", 1), findings[1])
			require.Equal(t, filter.NotCompared, findings[2].Code)
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
	require.Nil(t, filter.Lint(restrictedTo(entries...)))
}

// A long list is no reason to stop.
func TestLintComparesLongLists(t *testing.T) {
	var entries []string
	for i := range 750 {
		entries = append(entries, fmt.Sprintf("*-team-%d-*", i), fmt.Sprintf("team-%d-?", i))
	}
	entries = append(entries, "team-749-*")
	require.Equal(t, []filter.Finding{shadowFinding(1499, "team-749-?", 1500, "team-749-*")}, filter.Lint(restrictedTo(entries...)))
}

// Others compare with these strings: they never change.
func TestFindingCodes(t *testing.T) {
	for code, want := range map[filter.FindingCode]string{
		filter.NoEvents:              "no-events",
		filter.DuplicateValue:        "duplicate-value",
		filter.ShadowedEntry:         "shadowed-entry",
		filter.NotCompared:           "not-compared",
		filter.AllNames:              "all-names",
		filter.AllModes:              "all-modes",
		filter.LooksLikeID:           "looks-like-id",
		filter.SurroundingSpace:      "surrounding-space",
		filter.LooksLikeRegexpOrGlob: "looks-like-regexp-or-glob",
	} {
		require.Equal(t, want, string(code))
	}
}

func TestFindingForms(t *testing.T) {
	findings := filter.Lint(&webhook.Webhook{ProjectNamesFilter: []string{"Shop", "shop"}})
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
