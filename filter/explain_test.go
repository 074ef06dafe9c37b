package filter_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/filter/internal/filtertest"
	"github.com/hookfilter/hookfilter/webhook"
)

// restricted returns a webhook that filters by event type, project name and mode.
func restricted() *webhook.Webhook {
	return &webhook.Webhook{
		Enabled:                true,
		Events:                 []webhook.EventType{webhook.DeploymentStarted, webhook.DeploymentFailure},
		ProjectNamesFilter:     []string{"product*", "*-api", "billing", "checkout-?pi"},
		EnvironmentTypesFilter: []webhook.EnvironmentMode{webhook.Production, webhook.Staging},
	}
}

// unrestricted returns a webhook that filters only by event type.
func unrestricted() *webhook.Webhook {
	return &webhook.Webhook{Enabled: true, Events: []webhook.EventType{webhook.DeploymentStarted}}
}

func TestExplain(t *testing.T) {
	disabled := restricted()
	disabled.Enabled = false
	for _, test := range []struct {
		name        string
		w           *webhook.Webhook
		e           webhook.Event
		explanation filter.Explanation
		stoppedBy   string // empty if the webhook fires
		line        string
		json        string
	}{{
		name: "every clause names the entry that matches",
		w:    restricted(),
		e:    webhook.Event{Type: "DEPLOYMENT_FAILURE", ProjectName: "Checkout-API", EnvironmentMode: "STAGING"},
		explanation: filter.Explanation{Fires: true, Clauses: []filter.Clause{
			{Name: "enabled", Holds: true},
			{Name: "events", Holds: true, Value: "DEPLOYMENT_FAILURE", Entry: &filter.Entry{Index: 1, Value: "DEPLOYMENT_FAILURE"}},
			{Name: "project_names_filter", Holds: true, Value: "Checkout-API", Entry: &filter.Entry{Index: 1, Value: "*-api"}},
			{Name: "environment_types_filter", Holds: true, Value: "STAGING", Entry: &filter.Entry{Index: 1, Value: "STAGING"}},
		}},
		line: `fires: enabled; ` +
			`events[1] "DEPLOYMENT_FAILURE" matches "DEPLOYMENT_FAILURE"; ` +
			`project_names_filter[1] "*-api" matches "Checkout-API"; ` +
			`environment_types_filter[1] "STAGING" matches "STAGING"`,
		json: `{"fires":true,"clauses":[` +
			`{"clause":"enabled","holds":true,"value":""},` +
			`{"clause":"events","holds":true,"value":"DEPLOYMENT_FAILURE","entry":{"index":1,"value":"DEPLOYMENT_FAILURE"}},` +
			`{"clause":"project_names_filter","holds":true,"value":"Checkout-API","entry":{"index":1,"value":"*-api"}},` +
			`{"clause":"environment_types_filter","holds":true,"value":"STAGING","entry":{"index":1,"value":"STAGING"}}]}`,
	}, {
		name: "empty lists restrict nothing",
		w:    unrestricted(),
		e:    webhook.Event{Type: "DEPLOYMENT_STARTED", ProjectName: "日本-shop", EnvironmentMode: "SANDBOX"},
		explanation: filter.Explanation{Fires: true, Clauses: []filter.Clause{
			{Name: "enabled", Holds: true},
			{Name: "events", Holds: true, Value: "DEPLOYMENT_STARTED", Entry: &filter.Entry{Index: 0, Value: "DEPLOYMENT_STARTED"}},
			{Name: "project_names_filter", Holds: true, Value: "日本-shop"},
			{Name: "environment_types_filter", Holds: true, Value: "SANDBOX"},
		}},
		line: `fires: enabled; ` +
			`events[0] "DEPLOYMENT_STARTED" matches "DEPLOYMENT_STARTED"; ` +
			`project_names_filter is empty and restricts nothing; ` +
			`environment_types_filter is empty and restricts nothing`,
		json: `{"fires":true,"clauses":[` +
			`{"clause":"enabled","holds":true,"value":""},` +
			`{"clause":"events","holds":true,"value":"DEPLOYMENT_STARTED","entry":{"index":0,"value":"DEPLOYMENT_STARTED"}},` +
			`{"clause":"project_names_filter","holds":true,"value":"日本-shop"},` +
			`{"clause":"environment_types_filter","holds":true,"value":"SANDBOX"}]}`,
	}, {
		name: "stopped by enabled",
		w:    disabled,
		e:    webhook.Event{Type: "DEPLOYMENT_STARTED", ProjectName: "billing", EnvironmentMode: "PRODUCTION"},
		explanation: filter.Explanation{Clauses: []filter.Clause{
			{Name: "enabled"},
			{Name: "events", Holds: true, Value: "DEPLOYMENT_STARTED", Entry: &filter.Entry{Index: 0, Value: "DEPLOYMENT_STARTED"}},
			{Name: "project_names_filter", Holds: true, Value: "billing", Entry: &filter.Entry{Index: 2, Value: "billing"}},
			{Name: "environment_types_filter", Holds: true, Value: "PRODUCTION", Entry: &filter.Entry{Index: 0, Value: "PRODUCTION"}},
		}},
		stoppedBy: "enabled",
		line: `does not fire: not enabled; ` +
			`events[0] "DEPLOYMENT_STARTED" matches "DEPLOYMENT_STARTED"; ` +
			`project_names_filter[2] "billing" matches "billing"; ` +
			`environment_types_filter[0] "PRODUCTION" matches "PRODUCTION"`,
		json: `{"fires":false,"clauses":[` +
			`{"clause":"enabled","holds":false,"value":""},` +
			`{"clause":"events","holds":true,"value":"DEPLOYMENT_STARTED","entry":{"index":0,"value":"DEPLOYMENT_STARTED"}},` +
			`{"clause":"project_names_filter","holds":true,"value":"billing","entry":{"index":2,"value":"billing"}},` +
			`{"clause":"environment_types_filter","holds":true,"value":"PRODUCTION","entry":{"index":0,"value":"PRODUCTION"}}]}`,
	}, {
		name: "stopped by events",
		w:    restricted(),
		e:    webhook.Event{Type: "DEPLOYMENT_CANCELLED", ProjectName: "checkout-\xffPI", EnvironmentMode: "STAGING"},
		explanation: filter.Explanation{Clauses: []filter.Clause{
			{Name: "enabled", Holds: true},
			{Name: "events", Value: "DEPLOYMENT_CANCELLED", List: []string{"DEPLOYMENT_STARTED", "DEPLOYMENT_FAILURE"}},
			{Name: "project_names_filter", Holds: true, Value: "checkout-\xffPI", Entry: &filter.Entry{Index: 3, Value: "checkout-?pi"}},
			{Name: "environment_types_filter", Holds: true, Value: "STAGING", Entry: &filter.Entry{Index: 1, Value: "STAGING"}},
		}},
		stoppedBy: "events",
		line: `does not fire: enabled; ` +
			`events ["DEPLOYMENT_STARTED" "DEPLOYMENT_FAILURE"] does not match "DEPLOYMENT_CANCELLED"; ` +
			`project_names_filter[3] "checkout-?pi" matches "checkout-\xffPI"; ` +
			`environment_types_filter[1] "STAGING" matches "STAGING"`,
		json: `{"fires":false,"clauses":[` +
			`{"clause":"enabled","holds":true,"value":""},` +
			`{"clause":"events","holds":false,"value":"DEPLOYMENT_CANCELLED"},` +
			`{"clause":"project_names_filter","holds":true,"value":"checkout-\ufffdPI","entry":{"index":3,"value":"checkout-?pi"}},` +
			`{"clause":"environment_types_filter","holds":true,"value":"STAGING","entry":{"index":1,"value":"STAGING"}}]}`,
	}, {
		name: "stopped by project_names_filter, with a result for the modes",
		w:    restricted(),
		e:    webhook.Event{Type: "DEPLOYMENT_STARTED", ProjectName: "a\n\"b\"", EnvironmentMode: "PREVIEW"},
		explanation: filter.Explanation{Clauses: []filter.Clause{
			{Name: "enabled", Holds: true},
			{Name: "events", Holds: true, Value: "DEPLOYMENT_STARTED", Entry: &filter.Entry{Index: 0, Value: "DEPLOYMENT_STARTED"}},
			{Name: "project_names_filter", Value: "a\n\"b\"", List: restricted().ProjectNamesFilter},
			{Name: "environment_types_filter", Value: "PREVIEW", List: []string{"PRODUCTION", "STAGING"}},
		}},
		stoppedBy: "project_names_filter",
		line: `does not fire: enabled; ` +
			`events[0] "DEPLOYMENT_STARTED" matches "DEPLOYMENT_STARTED"; ` +
			`project_names_filter ["product*" "*-api" "billing" "checkout-?pi"] does not match "a\n\"b\"": "*-api" expects "-" after "a\n\"b\"", the name ends; ` +
			`environment_types_filter ["PRODUCTION" "STAGING"] does not match "PREVIEW"`,
		json: `{"fires":false,"clauses":[` +
			`{"clause":"enabled","holds":true,"value":""},` +
			`{"clause":"events","holds":true,"value":"DEPLOYMENT_STARTED","entry":{"index":0,"value":"DEPLOYMENT_STARTED"}},` +
			`{"clause":"project_names_filter","holds":false,"value":"a\n\"b\""},` +
			`{"clause":"environment_types_filter","holds":false,"value":"PREVIEW"}]}`,
	}, {
		name: "stopped by environment_types_filter",
		w:    restricted(),
		e:    webhook.Event{Type: "DEPLOYMENT_STARTED", ProjectName: "Products", EnvironmentMode: "staging"},
		explanation: filter.Explanation{Clauses: []filter.Clause{
			{Name: "enabled", Holds: true},
			{Name: "events", Holds: true, Value: "DEPLOYMENT_STARTED", Entry: &filter.Entry{Index: 0, Value: "DEPLOYMENT_STARTED"}},
			{Name: "project_names_filter", Holds: true, Value: "Products", Entry: &filter.Entry{Index: 0, Value: "product*"}},
			{Name: "environment_types_filter", Value: "staging", List: []string{"PRODUCTION", "STAGING"}},
		}},
		stoppedBy: "environment_types_filter",
		line: `does not fire: enabled; ` +
			`events[0] "DEPLOYMENT_STARTED" matches "DEPLOYMENT_STARTED"; ` +
			`project_names_filter[0] "product*" matches "Products"; ` +
			`environment_types_filter ["PRODUCTION" "STAGING"] does not match "staging"`,
		json: `{"fires":false,"clauses":[` +
			`{"clause":"enabled","holds":true,"value":""},` +
			`{"clause":"events","holds":true,"value":"DEPLOYMENT_STARTED","entry":{"index":0,"value":"DEPLOYMENT_STARTED"}},` +
			`{"clause":"project_names_filter","holds":true,"value":"Products","entry":{"index":0,"value":"product*"}},` +
			`{"clause":"environment_types_filter","holds":false,"value":"staging"}]}`,
	}, {
		name: "the zero event",
		w:    &webhook.Webhook{Enabled: true},
		explanation: filter.Explanation{Clauses: []filter.Clause{
			{Name: "enabled", Holds: true},
			{Name: "events"},
			{Name: "project_names_filter", Holds: true},
			{Name: "environment_types_filter", Holds: true},
		}},
		stoppedBy: "events",
		line: `does not fire: enabled; events is empty and matches nothing; ` +
			`project_names_filter is empty and restricts nothing; ` +
			`environment_types_filter is empty and restricts nothing`,
		json: `{"fires":false,"clauses":[` +
			`{"clause":"enabled","holds":true,"value":""},` +
			`{"clause":"events","holds":false,"value":""},` +
			`{"clause":"project_names_filter","holds":true,"value":""},` +
			`{"clause":"environment_types_filter","holds":true,"value":""}]}`,
	}} {
		t.Run(test.name, func(t *testing.T) {
			f := filtertest.MustCompile(test.w)
			x := f.Explain(test.e)
			require.Equal(t, test.explanation, x)
			require.Equal(t, test.stoppedBy == "", x.Fires)
			require.Equal(t, test.stoppedBy == "", f.Match(test.e))
			stopped, ok := x.StoppedBy()
			require.Equal(t, test.stoppedBy != "", ok)
			require.Equal(t, test.stoppedBy, stopped.Name)
			require.Equal(t, test.line, x.String())
			encoded, err := json.Marshal(x)
			require.NoError(t, err)
			require.JSONEq(t, test.json, string(encoded))
		})
	}
}

func TestZeroExplanation(t *testing.T) {
	var x filter.Explanation
	require.False(t, x.Fires)
	stopped, ok := x.StoppedBy()
	require.True(t, ok)
	require.Zero(t, stopped)
	require.Equal(t, "no clause", stopped.String())
	require.Equal(t, "no verdict", x.String())
	require.Equal(t, "no verdict", fmt.Sprint(x))
	require.Equal(t, "no verdict", x.LogValue().String())
	_, ok = x.Clause(filter.ClauseEnabled)
	require.False(t, ok)
}

func TestClauseByName(t *testing.T) {
	x := filtertest.MustCompile(filtertest.RestrictedTo("a")).Explain(filtertest.Named("b"))
	require.Len(t, x.Clauses, 4)
	for i, name := range []string{filter.ClauseEnabled, filter.ClauseEvents, filter.ClauseProjectNames, filter.ClauseModes} {
		c, ok := x.Clause(name)
		require.True(t, ok)
		require.Equal(t, x.Clauses[i], c)
		require.Equal(t, name, c.Name)
	}
	for _, name := range []string{"", "Enabled", "kind"} {
		c, ok := x.Clause(name)
		require.False(t, ok)
		require.Zero(t, c)
	}
}

func TestExplanationLogValue(t *testing.T) {
	f := filtertest.MustCompile(filtertest.RestrictedTo("a"))
	for name, want := range map[string]string{
		"A": `x.fires=true x.enabled=enabled x.events="events[0] \"DEPLOYMENT_STARTED\" matches \"DEPLOYMENT_STARTED\"" ` +
			`x.project_names_filter="project_names_filter[0] \"a\" matches \"A\"" ` +
			`x.environment_types_filter="environment_types_filter is empty and restricts nothing"`,
		"b": `x.fires=false x.enabled=enabled x.events="events[0] \"DEPLOYMENT_STARTED\" matches \"DEPLOYMENT_STARTED\"" ` +
			`x.project_names_filter="project_names_filter [\"a\"] does not match \"b\": \"a\" expects \"a\" at the start, the name has \"b\"" ` +
			`x.environment_types_filter="environment_types_filter is empty and restricts nothing"`,
	} {
		var b strings.Builder
		slog.New(slog.NewTextHandler(&b, nil)).Info("explained", "x", f.Explain(filtertest.Named(name)))
		require.Contains(t, b.String(), " msg=explained "+want+"\n")
	}
}

// Long values and long lists are truncated.
func TestClauseStringIsShort(t *testing.T) {
	long := strings.Repeat("é", 81)
	c := filter.Clause{Name: "project_names_filter", Value: long, List: []string{long, "b", "c"}}
	require.Equal(t, `project_names_filter ["`+long[:160]+`"… "b" "c"] does not match "`+long[:160]+`"…`, c.String())
	c.List = make([]string, 100_000)
	require.Regexp(t, `^project_names_filter \["" ("" )+and 99\d{3} more\] does not match`, c.String())
	require.Less(t, len(c.String()), 500)
	c.List = []string{strings.Repeat("a", 80), strings.Repeat("b", 90)}
	require.Contains(t, c.String(), `b"…] does`)
	c.Name, c.List = "events", []string{strings.Repeat("a", 80), strings.Repeat("b", 80), strings.Repeat("c", 24), "d", "e"}
	require.Contains(t, c.String(), `cc" "d" and 1 more] does`, "the first three take 200 bytes")
	c.Name = "project_names_filter"
	c.Entry = &filter.Entry{Index: 7, Value: long}
	require.Equal(t, `project_names_filter[7] "`+long[:160]+`"… matches "`+long[:160]+`"…`, c.String())
}
