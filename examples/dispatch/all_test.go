package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/webhook"
)

// existingEvents returns the events of all existing pairs of the shipped organizations, one JSON
// object per line, from the files alone.
func existingEvents(t *testing.T) []byte {
	t.Helper()
	type element struct {
		ID, Name, Mode string
		Project        struct{ ID string }
	}
	read := func(file string) (elements []element) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &struct{ Results *[]element }{&elements}))
		return elements
	}
	files, err := filepath.Glob(filepath.Join(shippedWebhooks, "*.projects.json"))
	require.NoError(t, err)
	slices.Sort(files)
	var lines bytes.Buffer
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".projects.json")
		environments := read(strings.TrimSuffix(file, "projects.json") + "environments.json")
		projects := read(file)
		slices.SortFunc(projects, func(a, b element) int { return cmp.Compare(a.Name, b.Name) })
		for _, p := range projects {
			for _, mode := range []string{"DEVELOPMENT", "PREVIEW", "PRODUCTION", "STAGING"} {
				if !slices.ContainsFunc(environments, func(e element) bool { return e.Project.ID == p.ID && e.Mode == mode }) {
					continue
				}
				for _, t := range []string{"STARTED", "CANCELLED", "FAILURE", "SUCCESSFUL"} {
					line, _ := json.Marshal(eventJSON{id, "DEPLOYMENT_" + t, p.Name, mode})
					lines.Write(append(line, '\n'))
				}
			}
		}
	}
	return lines.Bytes()
}

// -all gives the same output as -events for a file with the events of all existing pairs.
func TestAllIsEveryExistingEvent(t *testing.T) {
	events := existingEvents(t)
	require.Equal(t, 320, bytes.Count(events, []byte("\n")))
	for _, flags := range [][]string{nil, {"-json"}, {"-why"}, {"-json", "-why"}} {
		args := append(flags, "-webhooks", shippedWebhooks)
		want := dispatch(bytes.NewReader(events), append(slices.Clone(args), "-events", "-")...)
		require.Contains(t, want.stdout+want.stderr, "events 320, fired 240, deliveries 334,")
		require.Equal(t, want, dispatch(nil, append(args, "-all")...), flags)
	}
}

func TestAll(t *testing.T) {
	const projects, environments = ".projects.json", ".environments.json"
	id := organization.String()
	project := `[{"id":"` + uuid.Max.String() + `","name":"shop","organization":{"id":"` + id + `"}}]`
	environment := `[{"id":"` + uuid.Max.String() + `","name":"live","mode":"PRODUCTION","project":{"id":"` + uuid.Max.String() + `"},"organization":{"id":"` + id + `"}}]`
	const missing = ": no such file: the organization's pairs of project and mode are not known\n"
	const whatToDo = "dispatch: -all: DIR: no organization has both <organizationId>.projects.json and <organizationId>.environments.json: " +
		"save the responses of GET /organization/{organizationId}/project and GET /organization/{organizationId}/environments under these names\n"
	for _, test := range []struct {
		name   string
		files  map[string]string
		args   []string
		status int
		events string // in the summary; "" if there is none
		stderr string
	}{
		{"both files", map[string]string{id + projects: project, id + environments: environment}, nil, 0, "events 4, fired 1, deliveries 1,", ""},
		{"no environments", map[string]string{id + projects: project, id + environments: "[]"}, nil, 0, "events 0, fired 0, deliveries 0,", ""},
		{"an environment of an unknown project", map[string]string{id + projects: "[]", id + environments: environment}, nil, 1, "events 0,",
			"DIR/" + id + environments + ":1: environment " + uuid.Max.String() + ": its project " + uuid.Max.String() + " is not in " + id + projects + "\n"},
		{"another organization without files", map[string]string{id + projects: project, id + environments: environment, shop + ".json": "[]"}, nil, 1, "events 4,",
			"DIR/" + shop + projects + " and DIR/" + shop + environments + missing},
		{"another organization with one file", map[string]string{id + projects: project, id + environments: environment, shop + environments: "[]"}, nil, 1, "events 4,",
			"DIR/" + shop + projects + missing},
		{"an organization without webhooks", map[string]string{
			id + projects: project, id + environments: environment,
			shop + projects: strings.ReplaceAll(project, id, shop), shop + environments: strings.ReplaceAll(environment, id, shop)}, nil, 0, "events 8, fired 1, deliveries 1,", ""},
		{"one file", map[string]string{id + projects: project}, nil, 2, "", whatToDo},
		{"no files", nil, nil, 2, "", whatToDo},
		{"environments in the place of projects", map[string]string{id + projects: environment, id + environments: environment}, nil, 2, "",
			"dispatch: -webhooks: DIR/" + id + projects + ":1: [0]: want a project, got an environment: name the file <organizationId>.environments.json\n"},
		{"with -events", nil, []string{"-events", "-"}, 2, "", "want -all or -events, not both\nUsage of dispatch:\n…"},
		{"an unreadable file", map[string]string{id + projects: "?"}, nil, 2, "", "dispatch: -webhooks: DIR/" + id + projects + ":1: not JSON: want a value, got '?'\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			writeOrganization(t, dir, organization, webhook.Webhook{ID: uuid.Max, Enabled: true, Events: webhook.EventTypes()[:1]})
			for name, text := range test.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
			}
			got := dispatch(nil, append([]string{"-webhooks", dir, "-all"}, test.args...)...)
			require.Equal(t, test.status, got.status, got.stderr)
			stderr := strings.ReplaceAll(strings.ReplaceAll(got.stderr, dir, "DIR"), `DIR\`, "DIR/")
			if beginning, cut := strings.CutSuffix(test.stderr, "…"); cut {
				require.True(t, strings.HasPrefix(stderr, beginning), stderr)
			} else {
				require.Equal(t, test.stderr, stderr)
			}
			if test.events == "" {
				require.Empty(t, got.stdout)
			} else {
				require.Contains(t, got.stdout, "\n"+test.events)
			}
		})
	}
}

// -h names the exit status of missing projects.
func TestHelpAboutAll(t *testing.T) {
	require.Contains(t, dispatch(nil, "-h").stderr, "or with -all projects or environments are missing")
}

// A write error and an interrupt end the output of -all.
func TestAllStops(t *testing.T) {
	args := []string{"-webhooks", shippedWebhooks, "-all", "-json", "-why"}
	for _, test := range []struct {
		err    error
		status int
		stderr string
	}{
		{syscall.EPIPE, 0, ""},
		{errors.New("disk full"), 2, "dispatch: disk full\n"},
	} {
		out := &brokenWriter{left: 1, err: test.err}
		var stderr bytes.Buffer
		require.Equal(t, test.status, cli.Status("dispatch", run(t.Context(), args, nil, out, &stderr), &stderr))
		require.Equal(t, test.stderr, stderr.String())
		require.NotZero(t, out.Len())
		require.Zero(t, out.left)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	require.Zero(t, cli.Status("dispatch", run(ctx, args, nil, &stdout, &stderr), &stderr))
	require.Equal(t, 4, strings.Count(stdout.String(), "\n"), "the events of one pair")
	require.Contains(t, stderr.String(), "events 4, ")
}
