package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// This file tests the findings and differences about existing pairs with a loop over all webhooks
// and pairs, which shares no code with the program.

var (
	loopTypes   = []string{"DEPLOYMENT_STARTED", "DEPLOYMENT_CANCELLED", "DEPLOYMENT_FAILURE", "DEPLOYMENT_SUCCESSFUL", "DEPLOYMENT_PAUSED"}
	loopModes   = []string{"STAGING", "PRODUCTION", "SANDBOX"}
	loopNames   = []string{"shop", "Shop-api", "straße", "billing", "api", "ab", "\u212a", "shop*"}
	loopEntries = []string{"shop", "SHOP*", "*-api", "?????", "*", "b?lling", "api*", "k", "gone", "*z*", "stra*"}
)

// model is a webhook.
type model struct {
	ID          string   `json:"id"`
	Description string   `json:"description"`
	Enabled     bool     `json:"enabled"`
	Events      []string `json:"events"`
	Names       []string `json:"project_names_filter"`
	Modes       []string `json:"environment_types_filter"`
}

// fires reports whether an event fires m, which may be nil.
func (m *model) fires(eventType, name, mode string) bool {
	return m != nil && m.Enabled && slices.Contains(m.Events, eventType) &&
		(len(m.Modes) == 0 || slices.Contains(m.Modes, mode)) &&
		(len(m.Names) == 0 || slices.ContainsFunc(m.Names, func(entry string) bool { return entryMatches(entry, name) }))
}

func entryMatches(entry, name string) bool {
	if entry == "" || name == "" {
		return strings.Trim(entry, "*") == "" && name == ""
	}
	_, e := utf8.DecodeRuneInString(entry)
	_, n := utf8.DecodeRuneInString(name)
	switch {
	case entry[0] == '*':
		return entryMatches(entry[1:], name) || entryMatches(entry, name[n:])
	case entry[0] == '?', strings.EqualFold(entry[:e], name[:n]):
		return entryMatches(entry[e:], name[n:])
	}
	return false
}

// state is the content of a folder. Each project has the form that withProjects takes.
type state struct {
	webhooks []*model
	projects []string
}

func randomState(random *rand.Rand) (s state) {
	some := func(from []string, chance float64) (list []string) {
		for _, value := range from {
			if random.Float64() < chance {
				list = append(list, value)
			}
		}
		return list
	}
	for i := range 5 {
		if random.IntN(2) == 0 {
			s.webhooks = append(s.webhooks, &model{ID: fmt.Sprintf("%08d-0000-4000-8000-000000000000", i+1), Description: []string{"", "x", "y", "z"}[random.IntN(4)],
				Enabled: random.IntN(5) > 0, Events: some(loopTypes, .5), Names: some(loopEntries, .15), Modes: some(loopModes, .3)})
		}
	}
	random.Shuffle(len(s.webhooks), func(i, j int) { s.webhooks[i], s.webhooks[j] = s.webhooks[j], s.webhooks[i] })
	for _, name := range some(loopNames, .6) {
		s.projects = append(s.projects, strings.Join(append([]string{name}, some(loopModes, .4)...), ":"))
	}
	return s
}

func (s state) write(t *testing.T) (dir string) {
	var list []string
	for _, m := range s.webhooks {
		text, err := json.Marshal(m)
		require.NoError(t, err)
		list = append(list, string(text))
	}
	return withProjects(t, folder(t, list...), s.projects...)
}

func (s state) pairs() (pairs [][2]string) {
	for _, project := range s.projects {
		parts := strings.Split(project, ":")
		for _, mode := range parts[1:] {
			pairs = append(pairs, [2]string{parts[0], mode})
		}
	}
	return pairs
}

// only returns the only webhook with a property, or nil.
func (s state) only(property func(*model) bool) *model {
	i := slices.IndexFunc(s.webhooks, property)
	if i < 0 || slices.ContainsFunc(s.webhooks[i+1:], property) {
		return nil
	}
	return s.webhooks[i]
}

// before returns the version of m in old, if there is one.
func (s state) before(m *model, old state) *model {
	if same := old.only(func(o *model) bool { return o.ID == m.ID }); same != nil {
		return same
	}
	described := func(o *model) bool { return o.Description == m.Description }
	same := old.only(described)
	if m.Description == "" || same == nil || s.only(described) == nil || s.only(func(o *model) bool { return o.ID == same.ID }) != nil {
		return nil
	}
	return same
}

// expected returns the findings and differences, each as one string.
func expected(now, old state) map[string]int {
	all := make(map[string]int)
	for _, p := range now.pairs() {
		if !slices.ContainsFunc(now.webhooks, func(m *model) bool { return m.fires("DEPLOYMENT_FAILURE", p[0], p[1]) }) {
			all["unheard "+p[0]+" "+p[1]] = 1
		}
	}
	for _, m := range now.webhooks {
		for i, entry := range m.Names {
			if !slices.ContainsFunc(now.projects, func(p string) bool { return entryMatches(entry, strings.Split(p, ":")[0]) }) {
				all[fmt.Sprintf("no-project %s project_names_filter[%d]", m.ID, i)] = 1
			}
		}
	}
	compare := func(id string, m, before *model) {
		for _, p := range append(now.pairs(), old.pairs()...) {
			for _, eventType := range loopTypes[:4] {
				switch fires, fired := m.fires(eventType, p[0], p[1]), before.fires(eventType, p[0], p[1]); {
				case fires && !fired:
					all[fmt.Sprintf("added %s %s %s %s", id, eventType, p[0], p[1])] = 1
				case fired && !fires:
					all[fmt.Sprintf("removed %s %s %s %s", id, eventType, p[0], p[1])] = 1
				}
			}
		}
	}
	kept := make(map[*model]bool)
	for _, m := range now.webhooks {
		before := now.before(m, old)
		kept[before] = true
		compare(m.ID, m, before)
	}
	for _, m := range old.webhooks {
		if !kept[m] {
			compare(m.ID, nil, m)
		}
	}
	return all
}

// printed returns the findings and differences of a report in JSON, in the form that the function
// expected returns, with the number of times that each occurs.
func printed(t *testing.T, stdout string) (all map[string]int, added, removed int) {
	type deliveries []struct {
		Types []string `json:"event_types"`
		Pairs []struct {
			Name string `json:"project_name"`
			Mode string `json:"environment_mode"`
		}
	}
	var report struct {
		Changes []struct {
			ID      string     `json:"webhook_id"`
			Added   deliveries `json:"added_pairs"`
			Removed deliveries `json:"removed_pairs"`
		}
		Findings []struct {
			ID                 string `json:"webhook_id"`
			Mode               string `json:"environment_mode"`
			Code, Field, Value string
		}
		Summary struct {
			Existing struct{ Added, Removed int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &report))
	all = make(map[string]int)
	for _, f := range report.Findings {
		switch f.Code {
		case "unheard":
			all["unheard "+f.Value+" "+f.Mode]++
		case "no-project":
			all["no-project "+f.ID+" "+f.Field]++
		}
	}
	for _, c := range report.Changes {
		for what, list := range map[string]deliveries{"added": c.Added, "removed": c.Removed} {
			for _, d := range list {
				for _, p := range d.Pairs {
					for _, eventType := range d.Types {
						all[strings.Join([]string{what, c.ID, eventType, p.Name, p.Mode}, " ")]++
					}
				}
			}
		}
	}
	return all, report.Summary.Existing.Added, report.Summary.Existing.Removed
}

// eventsOf returns a file of expectations with the events of all pairs, or nothing if there are none.
func eventsOf(t *testing.T, now, old state) []string {
	var list []any
	pairs := append(now.pairs(), old.pairs()...)
	slices.SortFunc(pairs, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	for _, p := range slices.Compact(pairs) {
		for _, eventType := range loopTypes[:4] {
			list = append(list, map[string]any{"event_type": eventType, "project_name": p[0], "environment_mode": p[1], "must_not_fire": []string{}})
		}
	}
	if list == nil {
		return nil
	}
	text, err := json.Marshal(map[string]any{"organization_id": organizationID, "events": list})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "expect.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return []string{file}
}

func TestLoopOverPairs(t *testing.T) {
	seen := make(map[string]int)
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 30))
		now, old := randomState(random), randomState(random)
		args := append([]string{"-webhooks", now.write(t), "-against", old.write(t), "-fail-on", "no-project,unheard,diff", "-json"}, eventsOf(t, now, old)...)
		status, stdout, stderr := hooktest(args...)
		require.Empty(t, stderr, seed)
		want := expected(now, old)
		got, added, removed := printed(t, stdout)
		require.Equal(t, want, got, seed)
		require.Equal(t, map[bool]int{true: 1}[len(want) > 0], status, seed)
		counts := make(map[string]int)
		for text := range got {
			what, _, _ := strings.Cut(text, " ")
			counts[what]++
			seen[what]++
		}
		require.Equal(t, []int{counts["added"], counts["removed"]}, []int{added, removed}, seed)
		if len(now.pairs())+len(old.pairs()) > 0 {
			inFile := fmt.Sprintf("\"added\": %d,\n    \"removed\": %d,\n    \"changed\"", added, removed)
			require.True(t, strings.Contains(stdout, inFile), "seed %d: the summary has other counts for the events of the file than for the pairs: want %s", seed, inFile)
		}
		for _, m := range now.webhooks {
			if before := now.before(m, old); before != nil && before.ID != m.ID {
				seen["paired by description"]++
			}
		}
	}
	for _, what := range []string{"unheard", "no-project", "added", "removed", "paired by description"} {
		require.Greater(t, seen[what], 20, what)
	}
}
