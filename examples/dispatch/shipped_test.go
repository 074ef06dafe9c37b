package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
)

// This file implements the rules independently, from the text of filter/doc.go alone. The
// implementation shares no code with the program, not even the decoding.

type hookJSON struct {
	ID      string
	Enabled *bool
	Events  []string
	Names   []string `json:"project_names_filter"`
	Modes   []string `json:"environment_types_filter"`
}

type eventJSON struct {
	Organization string `json:"organization_id"`
	Type         string `json:"event_type"`
	Name         string `json:"project_name"`
	Mode         string `json:"environment_mode"`
}

// stoppedBy returns the first clause that stops h from firing for e, or "".
func (h hookJSON) stoppedBy(e eventJSON) string {
	matches := func(entry string) bool { return matches([]rune(entry), []rune(e.Name)) }
	switch {
	case h.Enabled != nil && !*h.Enabled:
		return "enabled"
	case !slices.Contains(h.Events, e.Type):
		return "events"
	case len(h.Names) > 0 && !slices.ContainsFunc(h.Names, matches):
		return "project_names_filter"
	case len(h.Modes) > 0 && !slices.Contains(h.Modes, e.Mode):
		return "environment_types_filter"
	}
	return ""
}

func matches(entry, name []rune) bool {
	if len(entry) == 0 {
		return len(name) == 0
	}
	if entry[0] == '*' {
		return matches(entry[1:], name) || len(name) > 0 && matches(entry, name[1:])
	}
	return len(name) > 0 && (entry[0] == '?' || strings.EqualFold(string(entry[0]), string(name[0]))) &&
		matches(entry[1:], name[1:])
}

func readShipped(t *testing.T) (map[string][]hookJSON, []eventJSON) {
	t.Helper()
	hooks := make(map[string][]hookJSON)
	files, err := filepath.Glob(filepath.Join(shippedWebhooks, "*[0-9a-f].json"))
	require.NoError(t, err)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		var list struct{ Results []hookJSON }
		require.NoError(t, json.Unmarshal(data, &list))
		hooks[strings.TrimSuffix(filepath.Base(file), ".json")] = list.Results
	}
	data, err := os.ReadFile(shippedEvents)
	require.NoError(t, err)
	var events []eventJSON
	for line := range bytes.Lines(data) {
		var e eventJSON
		require.NoError(t, json.Unmarshal(line, &e))
		events = append(events, e)
	}
	return hooks, events
}

// skippedJSON and verdictJSON are the documented output, with the members in order.
type skippedJSON struct {
	WebhookID string `json:"webhook_id"`
	Clause    string `json:"clause"`
	Reason    string `json:"reason,omitempty"`
}

type verdictJSON struct {
	Line         int           `json:"line"`
	Organization string        `json:"organization_id"`
	State        string        `json:"organization"`
	Type         string        `json:"event_type"`
	Name         string        `json:"project_name"`
	Mode         string        `json:"environment_mode"`
	Fires        []string      `json:"fires"`
	Skipped      []skippedJSON `json:"skipped"`
}

func TestShippedDataAgreesWithIndependentRules(t *testing.T) {
	hooks, events := readShipped(t)
	var want bytes.Buffer
	for i, e := range events {
		v := verdictJSON{i + 1, e.Organization, "unknown", e.Type, e.Name, e.Mode, []string{}, []skippedJSON{}}
		if hooks[e.Organization] != nil {
			v.State = "known"
		}
		for _, h := range hooks[e.Organization] {
			if clause := h.stoppedBy(e); clause == "" {
				v.Fires = append(v.Fires, h.ID)
			} else {
				v.Skipped = append(v.Skipped, skippedJSON{h.ID, clause, ""})
			}
		}
		slices.Sort(v.Fires)
		require.NoError(t, json.NewEncoder(&want).Encode(v))
	}
	args := []string{"-webhooks", shippedWebhooks, "-events", shippedEvents, "-json"}
	// The wording of a reason may change, but it must name the clause.
	why := dispatch(nil, append(args, "-why")...).stdout
	for line := range strings.Lines(why) {
		var v verdictJSON
		require.NoError(t, json.Unmarshal([]byte(line), &v))
		for _, h := range v.Skipped {
			require.Contains(t, h.Reason, h.Clause)
		}
	}
	why = regexp.MustCompile(`,"reason":"([^"\\]|\\.)*"`).ReplaceAllString(why, "")
	require.Equal(t, want.String(), why)

	// The output without -why is equal, except for "skipped".
	withoutSkipped := ""
	for line := range strings.Lines(want.String()) {
		before, _, found := strings.Cut(line, `,"skipped":`)
		require.True(t, found)
		withoutSkipped += before + "}\n"
	}
	require.Equal(t, withoutSkipped, dispatch(nil, args...).stdout)
}

// Every clause stops some webhook. For each number from 0 to 3, some event fires that many
// webhooks. Every webhook that can fire does.
func TestShippedDataCoversTheCases(t *testing.T) {
	organizations, err := webhookdir.Read(shippedWebhooks)
	require.NoError(t, err)
	for _, o := range organizations {
		require.Empty(t, o.Problems)
		for _, w := range o.Webhooks {
			require.NoError(t, w.Validate(), "%s %s", o.File, w.ID)
		}
	}

	hooks, events := readShipped(t)
	require.Len(t, hooks, 3)
	require.Len(t, events, 200)
	fired := make(map[string]bool)
	clauses := make(map[string]bool)
	deliveries := make(map[int]bool)
	for _, e := range events {
		n := 0
		for _, h := range hooks[e.Organization] {
			clause := h.stoppedBy(e)
			clauses[clause] = true
			if clause == "" {
				n++
				fired[h.ID] = true
			}
		}
		deliveries[n] = true
	}
	require.Len(t, clauses, 5, "each clause stops a webhook, and some webhook fires")
	require.Subset(t, deliveries, map[int]bool{0: true, 1: true, 2: true, 3: true})
	for _, list := range hooks {
		for _, h := range list {
			can := (h.Enabled == nil || *h.Enabled) && len(h.Events) > 0 &&
				!slices.ContainsFunc(h.Names, func(name string) bool { return uuid.Validate(name) == nil })
			require.Equal(t, can, fired[h.ID], "%s fires for some event if it can", h.ID)
		}
	}
}
