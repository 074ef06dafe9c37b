package lint_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/filter/lint"
	"github.com/hookfilter/hookfilter/webhook"
)

func coveredFinding(i int, value string) lint.Finding {
	return nameFinding(lint.CoveredEntry, i, value, "every name that it matches is also matched by one of several other entries")
}

func TestCoveredEntries(t *testing.T) {
	for _, test := range []struct {
		name    string
		entries []string
		want    []lint.Finding
	}{
		{"by two together", []string{"shop*", "*SHOP", "sho??*"}, []lint.Finding{coveredFinding(0, "shop*")}},
		{"not quite", []string{"shop*", "*shop", "sho???*"}, nil},
		{"by two different pairs of others, and a shadowed entry", []string{"ab*", "*ab", "a??*", "?ba", "?b?*"}, []lint.Finding{
			coveredFinding(0, "ab*"), shadowFinding(3, "?ba", 4, "?b?*")}},
		{"a shadow that is covered", []string{"shop-1*", "shop*", "*shop", "sho??*"}, []lint.Finding{
			shadowFinding(0, "shop-1*", 1, "shop*"), coveredFinding(1, "shop*")}},
		{"a covered entry that is repeated", []string{"shop*", "*shop", "sho??*", "shop*"}, []lint.Finding{
			coveredFinding(0, "shop*"), repeatFinding("project_names_filter", 3, "shop*", 0)}},
		{"* is not covered by ?*", []string{"*", "?*"}, []lint.Finding{
			nameFinding(lint.AllNames, 0, "*", "matches every name, so the list restricts nothing"),
			shadowFinding(1, "?*", 0, "*")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, checkNames(test.entries...))
		})
	}
}

// After the superfluous entries are removed, each remaining entry matches a name that no other
// remaining entry matches, so nothing is left that could be reported.
func TestNoCoveredEntryIsMissed(t *testing.T) {
	names := filtertest.Texts([]string{"a", "b", "c"}, 6)
	covered, left := 0, 0
	filtertest.Check(t, 1000, func(entries []string) string {
		w := filtertest.RestrictedTo(entries...)
		for _, f := range lint.Check(w) {
			if f.Code == lint.CoveredEntry {
				covered++
			}
		}
		kept := without(w, superfluous(w)...).ProjectNamesFilter
		own := make(map[string]bool)
		for _, name := range names {
			matching := slices.DeleteFunc(slices.Clone(kept), func(entry string) bool { return !filtertest.MatchName(entry, name) })
			if len(matching) == 1 {
				own[matching[0]] = true
			}
		}
		left += len(kept)
		if len(own) != len(kept) {
			return fmt.Sprintf("%q: of %q only %v match a name alone", entries, kept, own)
		}
		return ""
	}, func(r *rand.Rand) (entries []string) {
		stem := filtertest.Text(r, []string{"a", "b"}, 2, 3) // *stem and the last of these entries cover stem*
		entries = []string{stem + "*", "*" + stem, stem[1:] + "??*", stem[:len(stem)-1] + "??*"}
		for range r.Intn(8) {
			entry := filtertest.Text(r, []string{"a", "b", "?", "?", "*"}, 1, 4)
			if strings.Trim(entry, "*?") != "" { // one without a letter may cover all others
				entries = filtertest.Insert(r, entries, entry)
			}
		}
		return entries
	})
	require.Greater(t, covered, 20)
	require.Greater(t, left, 300)
}

// costly returns an entry and others that cover it together, which is too costly to decide.
func costly() (entry string, others []string) {
	return "*a" + strings.Repeat("?", 40) + "b*", []string{strings.Repeat("?", 42), strings.Repeat("?", 43) + "*"}
}

func TestLintStopsLookingForCovers(t *testing.T) {
	entry, others := costly()
	findings := checkNames(append([]string{"shop*", "*shop", "sho??*", entry, "pay*", "*pay", "pa??*"}, others...)...)
	require.Equal(t, []lint.Finding{coveredFinding(0, "shop*"),
		nameFinding(lint.NotCompared, 3, entry, "the list is too expensive to compare: this entry and later ones are not compared with all others")}, findings)
}

func codes(findings []lint.Finding) (codes []lint.Code) {
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestCheckAll(t *testing.T) {
	const chat, pager = "https://chat.example.com/services/not-a-token", "https://pager.example.com"
	hook := func(id byte, target string, entries ...string) *webhook.Webhook {
		w := filtertest.RestrictedTo(entries...)
		w.ID[15], w.TargetURL = id, target
		return w
	}
	id := func(n byte) string { return fmt.Sprintf("00000000-0000-0000-0000-0000000000%02d", n) }
	covered := func(n, by byte) lint.Finding {
		return lint.Finding{Code: lint.CoveredWebhook, Field: "id", Value: id(n), Other: id(by),
			Message: "every event that fires it also fires webhook " + id(by) + ", which has the same target"}
	}
	disabled, invalid, noEvents := hook(1, chat, "shop"), hook(1, chat, "shop", ""), hook(1, chat, "shop")
	disabled.Enabled, noEvents.Events = false, nil
	failures := hook(1, chat, "shop*")
	failures.Events = []webhook.EventType{webhook.DeploymentFailure}
	for _, test := range []struct {
		name string
		ws   []*webhook.Webhook
		want []lint.Finding
	}{
		{"none", nil, nil},
		{"one", []*webhook.Webhook{hook(1, chat, "shop")}, nil},
		{"covered by a later one", []*webhook.Webhook{hook(1, chat, "shop"), hook(2, chat, "s*")}, []lint.Finding{covered(1, 2)}},
		{"covered by an earlier one", []*webhook.Webhook{hook(1, chat), hook(2, chat, "s*")}, []lint.Finding{covered(2, 1)}},
		{"of equal ones the first is kept", []*webhook.Webhook{hook(1, chat, "a", "b*"), hook(2, chat, "B*", "a"), hook(3, chat, "b*", "A")},
			[]lint.Finding{covered(2, 1), covered(3, 1)}},
		{"covered by two together", []*webhook.Webhook{hook(1, chat, "a*"), hook(2, chat, "a", "b"), hook(3, chat, "?*c", "??*")},
			[]lint.Finding{{Code: lint.CoveredWebhook, Field: "id", Value: id(1), Message: "every event that fires it also fires at least one of several other webhooks with the same target"}}},
		{"another target", []*webhook.Webhook{hook(1, chat, "shop"), hook(2, pager, "s*")}, nil},
		{"no target", []*webhook.Webhook{hook(1, "", "shop"), hook(2, "", "s*")}, nil},
		{"fewer types", []*webhook.Webhook{failures, hook(2, chat, "shop*")}, []lint.Finding{covered(1, 2)}},
		{"more types", []*webhook.Webhook{failures, hook(2, chat, "shop")}, nil},
		{"disabled", []*webhook.Webhook{disabled, hook(2, chat)}, nil},
		{"without events", []*webhook.Webhook{noEvents, hook(2, chat)}, nil},
		{"invalid", []*webhook.Webhook{invalid, hook(2, chat)}, nil},
		{"nil", []*webhook.Webhook{nil, hook(1, chat, "shop"), nil, hook(2, chat)}, []lint.Finding{covered(1, 2)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := lint.CheckAll(test.ws)
			require.Equal(t, len(test.want), len(got), "%v", got)
			if len(got) > 0 {
				require.Equal(t, test.want, got)
			}
			require.NotContains(t, fmt.Sprint(got), "not-a-token")
		})
	}
}

func TestCheckAllStopsComparing(t *testing.T) {
	entry, others := costly()
	var ws []*webhook.Webhook
	for i, entries := range [][]string{{"shop", "y"}, {"shop*"}, {entry}, others, {"x"}, {"x*"}} {
		w := filtertest.RestrictedTo(entries...)
		w.ID[15], w.TargetURL = byte(i), "https://example.com"
		ws = append(ws, w)
	}
	findings := lint.CheckAll(ws)
	require.Equal(t, []lint.Code{lint.NotCompared, lint.CoveredWebhook}, codes(findings), "%v", findings)
	require.Equal(t, ws[2].ID.String(), findings[0].Value)
	require.Equal(t, ws[4].ID.String(), findings[1].Value)
}
