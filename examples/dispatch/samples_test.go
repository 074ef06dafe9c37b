package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const samples = "../../testdata/forms"

// shop is the organization of the samples.
const shop = "8f36c487-4e75-4da9-a5bc-d7916f1acda0"

func sampleFile(name string) string { return filepath.Join(samples, name) }

// Each form of events gives the same verdicts as the same events in our form.
func TestSamplesOfEvents(t *testing.T) {
	number := regexp.MustCompile(`"line":\d+,`)
	run := func(name string) (status int, verdicts []string, stderr string) {
		got := dispatch(nil, "-webhooks", shippedWebhooks, "-events", sampleFile(name), "-json", "-why")
		for line := range strings.Lines(got.stdout) {
			verdicts = append(verdicts, number.ReplaceAllString(line, ""))
		}
		return got.status, verdicts, got.stderr
	}
	status, ours, _ := run("events.ndjson")
	require.Zero(t, status)
	require.Len(t, ours, 3)
	require.NotEqual(t, ours[0], ours[1])
	require.NotContains(t, ours[0], `"fires":[],`)

	files, err := os.ReadDir(samples)
	require.NoError(t, err)
	read := 0
	for _, tc := range []struct {
		file   string
		events []int
		report string
	}{
		{"events.ndjson", []int{0, 1, 2}, ""},
		{"delivered-request.json", []int{0}, ""},
		{"delivered-request-names.json", []int{1}, ""},
		{"past-deliveries.json", []int{0, 1, 2}, ""},
		{"past-deliveries-cli.json", []int{0, 1, 2}, ""},
		{"past-deliveries-slack.json", nil, ":3: kind: the delivery is to a SLACK webhook: its request is a message, not an event\n"},
		{"cloudevents.json", []int{0}, ""},
	} {
		read++
		t.Run(tc.file, func(t *testing.T) {
			status, verdicts, stderr := run(tc.file)
			var want []string
			for _, i := range tc.events {
				want = append(want, ours[i])
			}
			require.Equal(t, want, verdicts)
			if tc.report == "" {
				require.Zero(t, status, stderr)
				return
			}
			require.Equal(t, 1, status)
			require.True(t, strings.HasPrefix(stderr, sampleFile(tc.file)+tc.report), stderr)
			require.NotContains(t, stderr, "not-a-token")
		})
	}
	webhooks, err := filepath.Glob(sampleFile("webhook*"))
	require.NoError(t, err)
	require.Len(t, files, read+len(webhooks), "every sample is tested")
}

// folderOf returns a folder with a sample as the webhooks of its organization.
func folderOf(t *testing.T, sample string) (dir string) {
	t.Helper()
	text, err := os.ReadFile(sampleFile(sample))
	require.NoError(t, err)
	dir = t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, shop+".json"), text, 0o600))
	return dir
}

// Each form of webhooks is read. The API's list and the CLI's give the same output.
func TestSamplesOfWebhooks(t *testing.T) {
	run := func(sample string) result {
		got := dispatch(nil, "-webhooks", folderOf(t, sample), "-events", sampleFile("events.ndjson"), "-why")
		require.Zero(t, got.status, got.stderr)
		require.NotContains(t, got.stdout+got.stderr, "not-a-secret")
		return got
	}
	list := run("webhooks-list.json")
	require.Contains(t, list.stdout, "events 3, fired 3, deliveries 6,")
	require.Equal(t, list, run("webhooks-cli.json"))

	one := run("webhook.json").stdout
	require.Contains(t, one, "Pager for failed deployments\n")
	require.NotContains(t, one, "Checkout team")
	require.Contains(t, one, "events 3, fired 1, deliveries 1,")

	require.Contains(t, run("webhooks-cli-none.json").stdout, "events 3, fired 0, deliveries 0,")

	request := run("webhook-request.json").stdout
	require.Contains(t, request, "Pager for failed previews (not created yet)\n")
	require.Contains(t, request, "events 3, fired 1, deliveries 1,")
}

// Without the projects and environments, an event that has only their ids is reported.
func TestEventsWithoutProjects(t *testing.T) {
	got := dispatch(nil, "-webhooks", folderOf(t, "webhooks-list.json"), "-events", sampleFile("past-deliveries.json"))
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, sampleFile("past-deliveries.json")+":3: request.payload.project.name: missing, and next to the webhooks there is no "+shop+".projects.json")
	require.Contains(t, got.stdout, "events 1, fired 1, deliveries 2, malformed lines 2,", "only one delivery has the name and the mode")

	// An invalid project is reported, and the others are used.
	dir := folderOf(t, "webhooks-list.json")
	for _, kind := range []string{"projects", "environments"} {
		text, err := os.ReadFile(filepath.Join(shippedWebhooks, shop+"."+kind+".json"))
		require.NoError(t, err)
		if kind == "projects" {
			text = []byte(strings.Replace(string(text), "{\"results\": [", "{\"results\": [{},\n", 1))
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, shop+"."+kind+".json"), text, 0o600))
	}
	got = dispatch(nil, "-webhooks", dir, "-events", sampleFile("delivered-request.json"))
	require.Equal(t, 1, got.status)
	require.Equal(t, filepath.Join(dir, shop+".projects.json")+":1: results[0].id: required\n", got.stderr)
	require.Contains(t, got.stdout, "events 1, fired 1, deliveries 3, malformed lines 0,")

	// A file that cannot be read as a whole ends the program.
	require.NoError(t, os.WriteFile(filepath.Join(dir, shop+".projects.json"), []byte("[\n"), 0o600))
	got = dispatch(nil, "-webhooks", dir, "-events", sampleFile("delivered-request.json"))
	require.Equal(t, 2, got.status)
	require.Equal(t, "dispatch: -webhooks: "+filepath.Join(dir, shop+".projects.json")+":2: not JSON: unexpected end\n", got.stderr)
}

// If a document has a syntax error, the events before the error are judged, and the exit status is 2.
func TestDocumentCutOff(t *testing.T) {
	text, err := os.ReadFile(sampleFile("past-deliveries.json"))
	require.NoError(t, err)
	got := dispatch(strings.NewReader(string(text[:len(text)*2/3])), "-webhooks", shippedWebhooks, "-events", "-", "-json")
	require.Equal(t, 2, got.status)
	require.Equal(t, 1, strings.Count(got.stdout, "\n"))
	require.Regexp(t, `(?m)^dispatch: stdin: line \d+: not JSON: unexpected end$`, got.stderr)
}
