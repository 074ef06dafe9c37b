package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/form/formtest"
)

// asRequest changes a webhook to a request that creates it.
func asRequest(w map[string]any) {
	for _, name := range []string{"id", "created_at", "updated_at", "target_secret_set"} {
		delete(w, name)
	}
	w["target_secret"] = "s3cret"
}

func TestWebhooksOfTheCLI(t *testing.T) {
	for _, args := range [][]string{{"-why"}, {"-why", "-json"}} {
		args = append(args, "-events", shippedEvents, "-webhooks")
		want := dispatch(nil, append(args, shippedWebhooks)...)
		require.Zero(t, want.status)
		require.Equal(t, want, dispatch(nil, append(args, formtest.Rewrite(t, shippedWebhooks, true, formtest.AsCLI))...))
		require.Equal(t, want, dispatch(nil, append(args, formtest.Rewrite(t, shippedWebhooks, true, func(map[string]any) {}))...))
	}
}

// A request to create a webhook fires as often as the webhook.
func TestCreateRequests(t *testing.T) {
	requests := formtest.Rewrite(t, shippedWebhooks, false, asRequest)
	// Requests are in another order, because their ids differ: compare only the numbers.
	counts := func(dir string) (fires []int) {
		got := dispatch(nil, "-webhooks", dir, "-events", shippedEvents, "-json")
		require.Zero(t, got.status, got.stderr)
		for line := range strings.Lines(got.stdout) {
			var v struct {
				Fires      []string
				NotCreated []string `json:"not_created"`
			}
			require.NoError(t, json.Unmarshal([]byte(line), &v))
			fires = append(fires, len(v.Fires))
			if dir == requests {
				require.ElementsMatch(t, v.Fires, v.NotCreated)
			} else {
				require.Empty(t, v.NotCreated)
			}
		}
		return append(fires, len(got.stderr))
	}
	require.Equal(t, counts(shippedWebhooks), counts(requests))

	// Descriptions are the same, and the output says that the webhooks do not exist.
	lines := func(dir string) (counted map[string]int) {
		counted = make(map[string]int)
		got := dispatch(nil, "-webhooks", dir, "-events", shippedEvents, "-why")
		require.NotContains(t, got.stdout+got.stderr, "s3cret")
		for _, line := range regexp.MustCompile(`(?m)^  (fires|skips) \S{36}  .*$`).FindAllString(got.stdout, -1) {
			kind, description := line[:len("  fires")], line[len("  fires ")+36:]
			counted[kind+strings.Replace(description, " (not created yet)", "", 1)]++
			require.Equal(t, dir == requests, strings.Contains(line, " (not created yet)"), line)
		}
		return counted
	}
	want := lines(shippedWebhooks)
	require.NotEmpty(t, want)
	require.Equal(t, want, lines(requests))
}

// A request keeps its id when the file is written again in another order.
func TestRequestIDIsStable(t *testing.T) {
	const first, second = `{"description":"first","events":["DEPLOYMENT_STARTED"]}`, `{"description":"second","events":[]}`
	run := func(list string) string {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, organization.String()+".json"), []byte(list), 0o600))
		got := dispatch(strings.NewReader(started("shop")), "-webhooks", dir, "-events", "-", "-json")
		require.Zero(t, got.status, got.stderr)
		return got.stdout
	}
	got := run(first)
	require.Equal(t, got, run(fmt.Sprintf("[%s,%s]", second, first)))
	require.Contains(t, got, `"fires":["`)
}
