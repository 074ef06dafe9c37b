package workload_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/benchmarks/workload"
	"github.com/hookfilter/hookfilter/filter"
	"github.com/hookfilter/hookfilter/webhook"
)

func draw(seed uint64, n int) (webhooks []*webhook.Webhook, events []webhook.Event) {
	g := workload.New(seed, workload.Narrow)
	for range n {
		webhooks, events = append(webhooks, g.Webhook()), append(events, g.Event())
	}
	return webhooks, events
}

func TestSameSeedGivesTheSameWorkload(t *testing.T) {
	webhooks, events := draw(1, 1000)
	sameWebhooks, sameEvents := draw(1, 1000)
	require.Equal(t, webhooks, sameWebhooks)
	require.Equal(t, events, sameEvents)

	_, otherEvents := draw(2, 1000)
	require.NotEqual(t, events, otherEvents)
}

func TestNamed(t *testing.T) {
	g, all := workload.New(1, workload.Narrow).Named(), 0
	for _, w := range firstN(g, 1000) {
		require.NotEmpty(t, w.ProjectNamesFilter)
	}
	for _, w := range firstN(workload.New(1, workload.Narrow), 1000) {
		if len(w.ProjectNamesFilter) == 0 {
			all++
		}
	}
	require.NotZero(t, all)
}

func firstN(g *workload.Generator, n int) (webhooks []*webhook.Webhook) {
	for range n {
		webhooks = append(webhooks, g.Webhook())
	}
	return webhooks
}

func TestEveryProcessGivesTheSameWorkload(t *testing.T) {
	webhooks, events := draw(1, 1)
	require.Equal(t, "6e763b00-88ab-4bed-a0cb-7da842555a05", webhooks[0].ID.String())
	require.Equal(t, "Team-145-Pricing-Api", events[0].ProjectName)
}

// kind returns the form of an entry.
func kind(entry string) string {
	first, last := strings.Index(entry, "*"), strings.LastIndex(entry, "*")
	switch {
	case first < 0:
		return "plain name"
	case first != last:
		return "contained word"
	case first == 0:
		return "suffix"
	case first == len(entry)-1:
		return "prefix"
	default:
		return "both ends"
	}
}

func TestProportions(t *testing.T) {
	const n = 50_000
	webhooks, events := draw(1, n)
	shares := map[string]float64{}
	entries := 0
	count := func(what string, is bool) {
		if is {
			shares[what]++
		}
	}
	for _, w := range webhooks {
		require.NoError(t, w.Validate())
		require.True(t, w.Enabled)
		require.LessOrEqual(t, len(w.ProjectNamesFilter), 3)
		count("any name", len(w.ProjectNamesFilter) == 0)
		count("any mode", len(w.EnvironmentTypesFilter) == 0)
		count("started", slices.Contains(w.Events, webhook.DeploymentStarted))
		count("two entries", len(w.ProjectNamesFilter) == 2)
		entries += len(w.ProjectNamesFilter)
	}
	for _, e := range events {
		count("name in upper case", e.ProjectName == strings.ToUpper(e.ProjectName))
		count("name in lower case", e.ProjectName == strings.ToLower(e.ProjectName))
	}
	kinds := map[string]float64{}
	for _, w := range webhooks {
		for _, entry := range w.ProjectNamesFilter {
			kinds[kind(entry)] += n / float64(entries)
		}
	}
	for what, want := range map[string]float64{
		"any name":           5,
		"any mode":           40,
		"started":            100. * 8 / 15, // 8 of the 15 non-empty sets of types
		"two entries":        95. / 3,
		"name in upper case": 100. / 3,
		"name in lower case": 100. / 3,
	} {
		require.InDelta(t, want, 100*shares[what]/n, 1, what)
	}
	// The shares are out of 95 entries, as in the package comment.
	for what, want := range map[string]float64{"plain name": 50, "prefix": 30, "suffix": 8, "contained word": 5, "both ends": 2} {
		require.InDelta(t, want, 95*kinds[what]/n, 0.5, what)
	}
}

func TestEventFiresTwoPercent(t *testing.T) {
	webhooks, events := draw(1, 10_000)
	organization, x := uuid.UUID{1}, filter.NewIndex()
	for _, w := range webhooks {
		require.NoError(t, x.Put(organization, w))
	}
	fired := 0
	for _, e := range events {
		fired += len(x.AppendMatches(nil, organization, e))
	}
	require.InDelta(t, 2, 100*float64(fired)/float64(len(events)*len(webhooks)), 0.5)
}
