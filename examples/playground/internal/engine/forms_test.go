package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/playground/internal/engine"
	"github.com/hookfilter/hookfilter/webhook"
)

// A create request is judged like a webhook. Two requests with the same description cannot be
// told apart, so neither fires.
func TestRequests(t *testing.T) {
	q := ask("["+request("a")+"]", "shop")
	q.Types = []webhook.EventType{webhook.DeploymentFailure}
	require.Equal(t, 1, table(t, new(engine.Engine), q).Deliveries)

	q.Webhooks = "[" + request("a") + "," + request("b") + "," + request("a") + "," + request("") + "," + request("") + "]"
	e := new(engine.Engine)
	got := table(t, e, q)
	require.Equal(t, 3, got.Deliveries)
	var states []string
	for _, w := range got.Webhooks {
		states = append(states, w.State)
	}
	require.Equal(t, []string{"ambiguous", "", "ambiguous", "", ""}, states)
	q.Ask = "explanation"
	r := answer(t, e, q)
	require.Equal(t, "ambiguous", r.Explanation.State)
	require.Empty(t, r.Explanation.Clauses)
	require.Empty(t, r.Explanation.Fires)

	// After an edit of one description, the other webhook fires too.
	q.Ask, q.Webhooks = "table", strings.Replace(q.Webhooks, `"a"`, `"c"`, 1)
	require.Equal(t, 5, table(t, e, q).Deliveries)
}

// A link has neither the secret of a request nor its target URL.
func TestStateOfRequest(t *testing.T) {
	_, text := share(t, ask("["+strings.Replace(request("a"), "{", `{"target_secret": "s3cret", "Target_Secret": "s3cret", "target_url": "https://host/x",`, 1)+"]", "shop"))
	require.Contains(t, text, "DEPLOYMENT_FAILURE")
	require.NotContains(t, text, "s3cret")
	require.NotContains(t, text, "host")
}

// The CLI's list gives the same table as the API's.
func TestTableOfTheCLI(t *testing.T) {
	api := list(hook(id1, `, "project_names_filter": []`), hook(id2, ""))
	cli := strings.NewReplacer("2023-11-07T05:31:56Z", "2023-11-07 05:31:56 +0000 UTC", `, "project_names_filter": []`, "").
		Replace(strings.TrimSuffix(strings.TrimPrefix(api, `{"results": `), "}"))
	want, got := table(t, new(engine.Engine), ask(api, "shop")), table(t, new(engine.Engine), ask(cli, "shop"))
	require.Equal(t, 2, want.Deliveries)
	require.Equal(t, want.Deliveries, got.Deliveries)
	require.Empty(t, got.Notes)
}
