package analysis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/analysis"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

type hooks = []*webhook.Webhook

func names(entries ...string) *webhook.Webhook { return filtertest.RestrictedTo(entries...) }

// hook returns a webhook without a project_names_filter.
func hook(events []webhook.EventType, modes ...webhook.EnvironmentMode) *webhook.Webhook {
	return &webhook.Webhook{Enabled: true, Events: events, EnvironmentTypesFilter: modes}
}

func types(types ...webhook.EventType) []webhook.EventType { return types }

// event returns an event of the first type and mode.
func event(name string) *webhook.Event {
	return &webhook.Event{Type: webhook.DeploymentStarted, ProjectName: name, EnvironmentMode: webhook.Development}
}

func split(characters string) (entries []string) {
	for _, r := range characters {
		entries = append(entries, string(r))
	}
	return entries
}

// between returns the characters from first to last but for the wildcards.
func between(first, last rune) (entries []string) {
	for r := first; r <= last; r++ {
		if r != '*' && r != '?' {
			entries = append(entries, string(r))
		}
	}
	return entries
}

func TestWitness(t *testing.T) {
	const lettersAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789"
	disabled := names("a")
	disabled.Enabled = false
	starts, fails := types(webhook.DeploymentStarted), types(webhook.DeploymentFailure)
	failsInShop := names("shop")
	failsInShop.Events = fails
	for _, test := range []struct {
		name          string
		fires, silent hooks
		want          *webhook.Event // or nil
	}{
		{"no webhooks", nil, nil, event("a")},
		{"any name", hooks{names()}, nil, event("a")},
		{"one name", hooks{names("Checkout")}, nil, event("checkout")},
		{"shortest entry", hooks{names("checkout", "pay?", "shop-*")}, nil, event("paya")},
		{"first letter that no silent entry matches", hooks{names("api-?*")}, hooks{names("api-a*", "api-b")}, event("api-c")},
		{"a name longer than all silent entries", hooks{names("prod-*")}, hooks{names("prod-", "prod-?", "prod-??")}, event("prod-aaa")},
		{"both", hooks{names("a*"), names("*b")}, nil, event("ab")},
		{"entries overlap", hooks{names("*aba*"), names("*bab*")}, nil, event("abab")},
		{"smallest of two names", hooks{names("zz", "bz", "za")}, nil, event("bz")},
		{"equal patterns", hooks{names("a*?")}, hooks{names("A?*")}, nil},
		{"covered by two together", hooks{names("a*")}, hooks{names("a"), names("a?*")}, nil},
		{"covered by two entries together", hooks{names("a*")}, hooks{names("a", "a?*")}, nil},
		{"not quite covered", hooks{names("a*")}, hooks{names("a"), names("a??*")}, event("aa")},
		{"the same webhook twice", hooks{names("a*", "*b?")}, hooks{names("a*", "*b?")}, nil},
		{"long tail", hooks{names("*a????")}, hooks{names("*a???b*", "?????")}, event("aaaaaa")},
		{"no empty name", hooks{names("*")}, hooks{names("?*")}, nil},
		{"disabled in fires", hooks{disabled}, nil, nil},
		{"disabled in silent", hooks{names("a")}, hooks{disabled}, event("a")},
		{"no events in fires", hooks{hook(nil)}, nil, nil},
		{"no events in silent", nil, hooks{hook(nil)}, event("a")},
		{"brackets stand for themselves", hooks{names("[PR]*")}, hooks{names("PR*")}, event("[pr]")},

		{"folding, K", hooks{names("\u212a"), names("k")}, nil, event("k")},
		{"folding, ſ", hooks{names("ſ"), names("S?")}, hooks{names("?")}, nil},
		{"folding, three sigmas", hooks{names("ΣΑΣ"), names("σας")}, nil, event("σασ")},
		{"folding, ẞ", hooks{names("STRAẞE")}, hooks{names("strasse")}, event("straße")},
		{"folding, iota with U+0345", hooks{names("\u0345")}, nil, event("ι")},
		{"folding, İ", hooks{names("İ")}, hooks{names("i", "I", "ı")}, event("İ")},
		{"folding, first letter that no entry has", hooks{names("?")}, hooks{names("A", "B", "\u212a", "ſ")}, event("c")},
		{"replacement character", hooks{names("\ufffd")}, nil, event("\ufffd")},
		{"combining accent", hooks{names("e\u0301*")}, hooks{names("é*")}, event("e\u0301")},
		{"no letter left", hooks{names()}, hooks{names(split("abcdefghijklmnopqrstuvwxyz")...)}, event("0")},
		{"no letter or digit left", hooks{names("?")}, hooks{names(split(lettersAndDigits)...)}, event("!")},
		{"no letter, digit or ASCII character left", hooks{names("?")}, hooks{names(between('!', '¿')...)}, event("×")},
		{"the letters after ß equal capital letters in entries", hooks{names("?")}, hooks{names(between('!', 'ß')...)}, event("÷")},
		{"other characters by code point, spaces and unprintable ones last", hooks{names("é", "-", " ", "\x00")}, nil, event("-")},
		{"digits before other characters", hooks{names("-", "5", "5a")}, nil, event("5")},
		{"spaces and unprintable characters come last", hooks{names("é", " ", "\x00")}, nil, event("é")},

		{"one type", hooks{hook(fails)}, nil, &webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "a", EnvironmentMode: webhook.Development}},
		{"no common type", hooks{hook(fails), hook(starts)}, nil, nil},
		{"no common mode", hooks{hook(starts, "STAGING"), hook(starts, "PREVIEW")}, nil, nil},
		{"mode that is left", hooks{hook(starts)}, hooks{hook(starts, "DEVELOPMENT", "PREVIEW")},
			&webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "a", EnvironmentMode: webhook.Production}},
		{"no documented mode left", hooks{hook(starts)}, hooks{hook(starts, webhook.EnvironmentModes()...)},
			&webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "a", EnvironmentMode: "OTHER"}},
		{"no mode left", hooks{hook(starts)}, hooks{hook(starts)}, nil},
		{"no documented type left", nil, hooks{hook(webhook.EventTypes())},
			&webhook.Event{Type: "OTHER", ProjectName: "a", EnvironmentMode: webhook.Development}},
		{"OTHER is in a list", nil, hooks{hook(append(webhook.EventTypes(), "OTHER", "OTHER_"))},
			&webhook.Event{Type: "OTHER__", ProjectName: "a", EnvironmentMode: webhook.Development}},
		{"undocumented type", hooks{hook(types("QUEUED", "PAUSED"), "SANDBOX")}, nil,
			&webhook.Event{Type: "PAUSED", ProjectName: "a", EnvironmentMode: "SANDBOX"}},
		{"undocumented type in another case", hooks{hook(types("deployment_started"))}, hooks{hook(starts)},
			&webhook.Event{Type: "deployment_started", ProjectName: "a", EnvironmentMode: webhook.Development}},
		{"documented pair before an undocumented mode of an earlier type", hooks{hook(append(starts, fails...))}, hooks{hook(starts, webhook.EnvironmentModes()...)},
			&webhook.Event{Type: webhook.DeploymentFailure, ProjectName: "a", EnvironmentMode: webhook.Development}},
		{"equally short names of two types", hooks{hook(append(starts, fails...))}, hooks{names("?"), failsInShop},
			&webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "aa", EnvironmentMode: webhook.Development}},
		{"shorter name of a later mode", hooks{names("b", "checkout")}, hooks{{Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: []string{"b"},
			EnvironmentTypesFilter: []webhook.EnvironmentMode{"DEVELOPMENT"}}},
			&webhook.Event{Type: webhook.DeploymentStarted, ProjectName: "b", EnvironmentMode: webhook.Preview}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, found, err := analysis.Witness(test.fires, test.silent)
			require.NoError(t, err)
			if test.want == nil {
				require.False(t, found, "%+q", e)
				require.Zero(t, e)
				return
			}
			require.True(t, found)
			require.Equal(t, *test.want, e)
			require.True(t, fits(e, test.fires, test.silent))
		})
	}
}

// If entries have all characters, there is no other one to try.
func TestWitnessWithAllCharacters(t *testing.T) {
	var entries []string
	entry := ""
	for r := rune(0); r <= 0x10ffff; r++ {
		if r >= 0xd800 && r < 0xe000 || r == '*' || r == '?' {
			continue
		}
		if entry += string(r); len(entry) > webhook.MaxProjectNamesFilterEntry-4 {
			entries, entry = append(entries, entry), ""
		}
	}
	entries = append(entries, entry)
	e, found, err := analysis.Witness(hooks{names("??")}, hooks{names(entries...)})
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, *event("aa"), e)
}

func TestWitnessRefusesInvalidWebhooks(t *testing.T) {
	invalid := names("a", "", "\xff")
	invalid.Events = types("")
	invalid.EnvironmentTypesFilter = []webhook.EnvironmentMode{""}
	for _, test := range []struct {
		name          string
		fires, silent hooks
		bad           *webhook.Webhook
		place         string
	}{
		{"in fires", hooks{names("b"), invalid}, nil, invalid, "fires[1]: "},
		{"in silent", hooks{hook(nil)}, hooks{invalid}, invalid, "silent[0]: "},
		{"nil in fires", hooks{nil}, hooks{invalid}, nil, "fires[0]: "},
		{"nil in silent", nil, hooks{names("b"), nil}, nil, "silent[1]: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, refused := filter.Compile(test.bad)
			e, found, err := analysis.Witness(test.fires, test.silent)
			require.EqualError(t, err, test.place+refused.Error())
			require.Equal(t, webhook.FieldErrors(refused), webhook.FieldErrors(err))
			require.NotErrorIs(t, err, analysis.ErrTooComplex)
			require.False(t, found)
			require.Zero(t, e)
		})
	}
}

// Neither the webhooks nor their lists are changed.
func TestWitnessChangesNothing(t *testing.T) {
	w, v := names("b*", "A*"), names("B?", "a")
	w.EnvironmentTypesFilter = []webhook.EnvironmentMode{"Z", webhook.Staging}
	_, found, err := analysis.Witness(hooks{w}, hooks{v})
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, []string{"b*", "A*"}, w.ProjectNamesFilter)
	require.Equal(t, []webhook.EnvironmentMode{"Z", webhook.Staging}, w.EnvironmentTypesFilter)
	require.Equal(t, []string{"B?", "a"}, v.ProjectNamesFilter)
	require.Equal(t, webhook.EventTypes(), w.Events)
}

func TestBudgetBoundsCallsTogether(t *testing.T) {
	b := analysis.Budget{Steps: 5000}
	calls := 0
	for ; ; calls++ {
		e, found, err := b.Witness(hooks{names("a")}, nil)
		if err != nil {
			require.ErrorIs(t, err, analysis.ErrTooComplex)
			break
		}
		require.True(t, found)
		require.Equal(t, *event("a"), e)
	}
	require.Equal(t, 2, calls)
	require.Less(t, b.Steps, 0)
	_, _, err := b.Witness(nil, nil)
	require.ErrorIs(t, err, analysis.ErrTooComplex)
	_, _, err = new(analysis.Budget).Witness(nil, nil)
	require.ErrorIs(t, err, analysis.ErrTooComplex)
	_, _, err = new(analysis.Budget).Witness(hooks{names("")}, nil)
	require.NotErrorIs(t, err, analysis.ErrTooComplex)
	require.Len(t, webhook.FieldErrors(err), 1)
}
