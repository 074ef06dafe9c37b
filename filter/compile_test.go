package filter_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/gobwas/glob"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

func TestCompileReportsEveryProblem(t *testing.T) {
	type problem struct {
		field, value string
		reason       error
	}
	tooLong := strings.Repeat("a", webhook.MaxProjectNamesFilterEntry+1)
	for _, test := range []struct {
		name string
		w    webhook.Webhook
		want []problem
	}{
		{"empty type", webhook.Webhook{
			Events: []webhook.EventType{webhook.DeploymentStarted, ""},
		}, []problem{{"events[1]", "", webhook.ErrEmpty}}},
		{"empty mode", webhook.Webhook{
			EnvironmentTypesFilter: []webhook.EnvironmentMode{"", webhook.Production, ""},
		}, []problem{{"environment_types_filter[0]", "", webhook.ErrEmpty}, {"environment_types_filter[2]", "", webhook.ErrEmpty}}},
		{"empty entry", webhook.Webhook{
			ProjectNamesFilter: []string{"*", ""},
		}, []problem{{"project_names_filter[1]", "", webhook.ErrEmpty}}},
		{"entry over the length limit", webhook.Webhook{
			ProjectNamesFilter: []string{tooLong, tooLong[1:]},
		}, []problem{{"project_names_filter[0]", tooLong, webhook.ErrTooLong}}},
		{"entry not valid UTF-8", webhook.Webhook{
			ProjectNamesFilter: []string{"a", "b", "*\xff*"},
		}, []problem{{"project_names_filter[2]", "*\xff*", webhook.ErrInvalidUTF8}}},
		{"several problems, in the order of the fields", webhook.Webhook{
			Events:                 []webhook.EventType{"", webhook.DeploymentStarted, "A", ""},
			ProjectNamesFilter:     []string{"", "ok", "\xff", "[", tooLong},
			EnvironmentTypesFilter: []webhook.EnvironmentMode{"B", "", webhook.Staging},
		}, []problem{
			{"events[0]", "", webhook.ErrEmpty},
			{"events[3]", "", webhook.ErrEmpty},
			{"project_names_filter[0]", "", webhook.ErrEmpty},
			{"project_names_filter[2]", "\xff", webhook.ErrInvalidUTF8},
			{"project_names_filter[4]", tooLong, webhook.ErrTooLong},
			{"environment_types_filter[1]", "", webhook.ErrEmpty},
		}},
	} {
		t.Run("rule 13: "+test.name, func(t *testing.T) {
			for _, enabled := range []bool{true, false} {
				test.w.Enabled = enabled
				f, err := filter.Compile(&test.w)
				require.Nil(t, f)
				require.Equal(t, test.w.ValidateFilters(), err)
				got := webhook.FieldErrors(err)
				require.Len(t, got, len(test.want))
				for i, want := range test.want {
					require.Equal(t, want.field, got[i].Field)
					require.Equal(t, want.value, got[i].Value)
					require.ErrorIs(t, got[i], want.reason)
				}
				require.False(t, errors.As(err, new(*glob.SyntaxError)))
			}
		})
	}
}

// An entry with special syntax of gobwas/glob, valid or not, matches itself. Package wildcard
// uses gobwas/glob to match the parts of an entry that contain a ?.
func TestCompileAcceptsGlobSyntax(t *testing.T) {
	for _, entry := range []string{
		"[", "[?", "[]?", "[a", "[z-a]?", "[a-]?", "{", "{?", "}?", "{a,?", "{a,b}}?", ",?", `\`, `?\`, `{\}?`, "**/?", "[!]?",
	} {
		t.Run(entry, func(t *testing.T) {
			f, err := filter.Compile(filtertest.RestrictedTo(entry))
			require.NoError(t, err)
			require.True(t, f.Match(filtertest.Named(entry)))
		})
	}
}

func TestCompileIgnoresOtherFields(t *testing.T) {
	w := &webhook.Webhook{Kind: "CARRIER_PIGEON", TargetURL: "not a URL"}
	require.Error(t, w.Validate())
	_, err := filter.Compile(w)
	require.NoError(t, err)
}

func TestFilterSharesNoMemoryWithTheWebhook(t *testing.T) {
	w := &webhook.Webhook{
		Enabled:                true,
		Events:                 []webhook.EventType{webhook.DeploymentStarted, webhook.DeploymentFailure},
		ProjectNamesFilter:     []string{"shop", "api-*", "?b*c?"},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Production, webhook.Staging},
	}
	var events []webhook.Event
	for _, typ := range w.Events {
		for _, name := range []string{"Shop", "API-1", "abcd"} {
			for _, mode := range w.EnvironmentTypesFilter {
				events = append(events, webhook.Event{Type: typ, ProjectName: name, EnvironmentMode: mode})
			}
		}
	}
	f := filtertest.MustCompile(w)
	var before []filter.Explanation
	for _, e := range events {
		require.True(t, f.Match(e))
		before = append(before, f.Explain(e))
	}

	for i := range w.Events {
		w.Events[i] = webhook.DeploymentCancelled
	}
	for i := range w.ProjectNamesFilter {
		w.ProjectNamesFilter[i] = "changed"
	}
	for i := range w.EnvironmentTypesFilter {
		w.EnvironmentTypesFilter[i] = webhook.Preview
	}
	w.Enabled = false

	for i, e := range events {
		require.True(t, f.Match(e))
		require.Equal(t, before[i], f.Explain(e))
	}
	require.False(t, f.Match(webhook.Event{
		Type: webhook.DeploymentCancelled, ProjectName: "changed", EnvironmentMode: webhook.Preview,
	}))
}

func TestCompileDoesNotChangeTheWebhook(t *testing.T) {
	w := &webhook.Webhook{
		Events:                 []webhook.EventType{webhook.DeploymentSuccessful, webhook.DeploymentFailure},
		ProjectNamesFilter:     []string{"Z?*", "K", "a"},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Staging, webhook.Development},
	}
	filtertest.MustCompile(w).Match(filtertest.Named("k"))
	require.Equal(t, []webhook.EventType{webhook.DeploymentSuccessful, webhook.DeploymentFailure}, w.Events)
	require.Equal(t, []string{"Z?*", "K", "a"}, w.ProjectNamesFilter)
	require.Equal(t, []webhook.EnvironmentMode{webhook.Staging, webhook.Development}, w.EnvironmentTypesFilter)
}

func TestZeroFilter(t *testing.T) {
	var f filter.Filter
	for _, e := range []webhook.Event{{}, filtertest.Named(""), filtertest.Named("shop")} {
		require.False(t, f.Match(e))
		x := f.Explain(e)
		require.False(t, x.Fires)
		stopped, ok := x.StoppedBy()
		require.True(t, ok)
		require.Equal(t, filter.Clause{Name: "enabled"}, stopped)
	}
}

// Many goroutines use one Filter, for the race detector.
func TestConcurrentUse(t *testing.T) {
	f := filtertest.MustCompile(filtertest.RestrictedTo("shop-*", "*a*b?", "Ⱥ?ⱥ*K", "billing"))
	verdicts := map[string]bool{
		"Shop-1": true, "xaxbx": true, "ⱥ日Ⱥ\u212a": true, "BILLING": true,
		"": false, "sho": false, "ab": false, strings.Repeat("ⱥ", 100): false, "\xffa\xffb": false,
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				for name, want := range verdicts {
					if f.Match(filtertest.Named(name)) != want || f.Explain(filtertest.Named(name)).Fires != want {
						t.Errorf("verdict on %+q is not %t", name, want)
					}
				}
			}
		})
	}
	wg.Wait()
}
