package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
	"github.com/hookfilter/hookfilter/examples/internal/hook"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	recordedWebhooks = "testdata/recorded/webhooks"
	// firing is a delivery that fires the webhook "all".
	firing = `{"id":"d1","created_at":"2026-08-03T09:00:00Z","kind":"STANDARD","matched_event":"DEPLOYMENT_STARTED","target_url_used":"https://host.example/not-a-token",` +
		`"request":{"event_type":"DEPLOYMENT_STARTED","payload":{"organization":{"id":"5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21"},"project":{"name":"shop"},"environment":{"mode":"STAGING"}}},` +
		`"target_response_body":"s3cret"}`
	listWanted = "want a list of past deliveries, as GET /organization/{organizationId}/webhook/{webhookId}/event or qovery webhook list-event --json writes it"
)

func TestDeliveries(t *testing.T) {
	of := func(webhook, file string) []string {
		return []string{"-webhooks", recordedWebhooks, "-deliveries", webhook + "=testdata/recorded/" + file + ".json"}
	}
	for _, test := range []struct {
		golden string
		status int
		args   []string
	}{
		{"agree", 0, of("tier=api", "agree")}, // the description contains =
		{"agree-by-id", 0, of("22222222-0000-4000-8000-000000000000", "agree")},
		{"mixed", 1, of("tier=api", "mixed")},
		{"mixed-json", 1, append(of("tier=api", "mixed"), "-json")},
		{"cli", 1, of("tier=api", "cli")},
		{"edited", 0, of("tier=api", "edited")},
		{"not-judged", 0, of("chat", "not-judged")},
		{"none", 0, of("all", "none")},
		{"none-json", 0, append(of("all", "none"), "-json")},
		{"invalid-webhook", 1, of("invalid", "agree")},
		{"several", 1, append(of("all", "agree"), append(of("tier=api", "edited")[2:], of("elsewhere", "agree")[2:]...)...)},
		{"with-expectations", 1, append(of("tier=api", "agree"), "testdata/recorded/expect.json")},
		{"unknown", 2, of("tier=apis", "agree")},
		{"ambiguous", 2, of("here and there", "agree")},
		{"no-file", 2, append(of("nowhere", "absent"), of("all", "absent")[2:]...)},
		{"no-webhook", 2, of("", "agree")},
	} {
		t.Run(test.golden, func(t *testing.T) {
			golden(t, "deliveries-"+test.golden, test.status, test.args...)
			_, stdout, stderr := hooktest(test.args...)
			require.NotContains(t, stdout+stderr, "s3cret")
		})
	}
}

// The webhooks of testdata agree with the sample deliveries in each form.
func TestSampleDeliveries(t *testing.T) {
	for file, want := range map[string]string{
		"past-deliveries.json":       "deliveries 3, firing 3, not firing 0\n",
		"past-deliveries-cli.json":   "deliveries 3, firing 3, not firing 0\n",
		"past-deliveries-slack.json": "deliveries 1, firing 0, not firing 0, not judged 1 (to SLACK 1)\n",
	} {
		status, stdout, stderr := hooktest("-webhooks", shipped, "-deliveries", "Audit log=../../testdata/forms/"+file)
		require.Zero(t, status, stdout)
		require.Contains(t, stdout, `"Audit log": `+want)
		require.Empty(t, stderr)
	}
}

// If a file is not a list of deliveries, the error says what it is. A list that is cut off is
// judged up to the place where it ends.
func TestFilesOfDeliveries(t *testing.T) {
	const agreed = `stdin: 11111111-0000-4000-8000-000000000000 "all": `
	for _, test := range []struct {
		name, text     string
		status         int
		stdout, stderr string
	}{
		{"a list", "[" + firing + "]", 0, agreed + "deliveries 1, firing 1, not firing 0\n", ""},
		{"results after another member", `{"page":1,"results":[` + firing + "]}", 0, agreed + "deliveries 1, firing 1, not firing 0\n", ""},
		{"null", "null\n", 0, agreed + "no recorded deliveries\n", ""},
		{"an empty list", "[]", 0, agreed + "no recorded deliveries\n", ""},
		{"an invalid delivery before a valid one", "[\n7,\n" + firing + "]", 1, "stdin:2: invalid: want an object, got the number 7\n" + agreed + "deliveries 2, firing 1, not firing 0, invalid 1\n", ""},
		{"a delivery that is too long", "[" + firing + ",\n" + `"` + strings.Repeat("x", 1<<20) + `"]`, 1,
			"stdin:2: invalid: longer than 1048576 bytes\n" + agreed + "deliveries 2, firing 1, not firing 0, invalid 1\n", ""},
		{"a repeated member", "[" + strings.Replace(firing, `"kind"`, `"kind":"SLACK","kind"`, 1) + "]", 1, `stdin:1: invalid: "kind" is repeated` + "\n", ""},
		{"a kind that is a number", "[" + strings.Replace(firing, `"STANDARD"`, "7", 1) + "]", 1, "stdin:1: invalid: kind: want a string, got the number 7\n", ""},
		{"no created_at", "[" + strings.Replace(firing, `"created_at"`, `"at"`, 1) + "]", 1, "stdin:1: invalid: created_at: required\n", ""},
		{"a long id with a line break", "[" + strings.Replace(firing, `"d1"`, `"\n`+strings.Repeat("x", 200)+`"`, 1) + "]", 0, agreed + "deliveries 1, firing 1, not firing 0\n", ""},
		{"a repeated name and an environment without mode and id", "[" + strings.Replace(strings.Replace(firing, `"name":"shop"`, `"name":"shop","name":"shop"`, 1), `"mode":"STAGING"`, "", 1) + "]", 1,
			`stdin:1: invalid: request.payload.project: "name" is repeated; request.payload.environment.mode: missing, and request.payload.environment.id: required` + "\n", ""},

		{"cut off after a delivery", "[" + firing + ",\n", 2, "", "stdin: line 2: not JSON: unexpected end\n"},
		{"cut off in a delivery", "[\n" + firing[:40], 2, "", "stdin: line 2: not JSON: unexpected end\n"},
		{"empty", "", 2, "", "stdin: " + listWanted + ", got nothing\n"},
		{"blank", " \n", 2, "", "stdin: " + listWanted + ", got nothing\n"},
		{"HTML", "<html>", 2, "", "stdin: HTML, not JSON: check the URL and the token, and repeat the call, with curl --fail\n"},
		{"plain text", "Unauthorized", 2, "", "stdin: plain text, not JSON: the vendor's CLI prints JSON with --json; otherwise check the URL and the token, and repeat the call, with curl --fail\n"},
		{"an error response", `{"status":401,"detail":"s3cret"}`, 2, "", "stdin:1: " + listWanted + ", got an error response, status 401: check the URL and the token, and repeat the call, with curl --fail\n"},
		{"a number", "7", 2, "", "stdin:1: " + listWanted + "\n"},
		{"one delivery", firing, 2, "", "stdin:1: " + listWanted + ", got a past delivery\n"},
		{"one delivery a line", firing + "\n" + firing, 2, "", "stdin:1: " + listWanted + ", got a past delivery\n"},
		{"webhooks", `{"results":[` + "\n" + `{"id":"x","target_url":"https://host/s3cret"}]}`, 2, "", "stdin:2: " + listWanted + ", got a webhook\n"},
		{"events", `[{"organization_id":"x","event_type":"y"}]`, 2, "", "stdin:1: " + listWanted + ", got an event\n"},
		{"results that are null", `{"results":null}`, 2, "", "stdin:1: " + listWanted + ", got a response of a list call whose results are not a list\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out, err bytes.Buffer
			status := cli.Status("hooktest", run([]string{"-webhooks", recordedWebhooks, "-deliveries", "all=-"}, noVariables, strings.NewReader(test.text), &out, &err), &err)
			require.Equal(t, test.status, status, out.String()+err.String())
			require.Contains(t, out.String(), test.stdout)
			require.Equal(t, test.stderr, err.String())
			require.NotContains(t, out.String()+err.String(), "s3cret")
		})
	}
}

// The deliveries before the place where a list is cut off are judged, and so are the other files.
func TestUnreadableFileOfDeliveries(t *testing.T) {
	file := filepath.Join(t.TempDir(), "deliveries.json")
	silent := strings.Replace(firing, "shop", "cart", 1)
	require.NoError(t, os.WriteFile(file, []byte("[\n"+silent+","), 0o600))
	args := []string{"-webhooks", recordedWebhooks, "-deliveries", "tier=api=" + file, "-deliveries", "all=testdata/recorded/agree.json"}
	status, stdout, stderr := hooktest(args...)
	require.Equal(t, 2, status)
	require.Contains(t, stdout, file+":2: d1, 2026-08-03T09:00:00Z, \"DEPLOYMENT_STARTED\" of \"cart\" in \"STAGING\"\n  does not fire: ")
	require.Contains(t, stdout, `"all": deliveries 2, firing 2, not firing 0`)
	require.Equal(t, file+": line 2: not JSON: unexpected end\n", stderr)
	status, stdout, _ = hooktest(append(args, "-json")...)
	require.Equal(t, 2, status)
	require.Empty(t, stdout)

	status, _, stderr = hooktest("-webhooks", recordedWebhooks, "-deliveries", "all="+t.TempDir())
	require.Equal(t, 2, status)
	require.NotEmpty(t, stderr)
}

// Invalid projects are reported. A file of projects that cannot be read is an error.
func TestDeliveriesWithInvalidProjects(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(recordedWebhooks)))
	file := filepath.Join(dir, "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21.projects.json")
	for text, want := range map[string]struct {
		status int
		stderr string
	}{
		`[7,{"id":"5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e22","name":"x","organization":{"id":"5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21"}}]`: {0, ":1: [0]: want an object, got the number 7\n"},
		"[7]": {2, ":1: all elements are invalid: [0]: want an object, got the number 7\n"},
		"[":   {2, ":1: not JSON: unexpected end\n"},
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		status, _, stderr := hooktest("-webhooks", dir, "-deliveries", "chat=testdata/recorded/not-judged.json")
		require.Equal(t, want.status, status)
		require.Equal(t, file+want.stderr, stderr)
	}
}

// atEnd calls done when r has been read.
type atEnd struct {
	r    io.Reader
	done func()
}

func (a atEnd) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if err == io.EOF {
		a.done()
	}
	return n, err
}

// Without -json, the program needs constant memory for a file of deliveries.
func TestManyDeliveries(t *testing.T) {
	const count = 1 << 14
	long := strings.Replace(firing, "d1", strings.Repeat("x", 1<<10), 1)
	parts := []io.Reader{strings.NewReader("[")}
	for range count - 1 {
		parts = append(parts, strings.NewReader(long), strings.NewReader(","))
	}
	parts = append(parts, strings.NewReader(long+"]"))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	in := atEnd{io.MultiReader(parts...), func() {
		runtime.GC()
		runtime.ReadMemStats(&after)
	}}
	var out, stderr bytes.Buffer
	require.NoError(t, run([]string{"-webhooks", recordedWebhooks, "-deliveries", "all=-"}, noVariables, in, &out, &stderr), stderr.String())
	require.Contains(t, out.String(), fmt.Sprintf("deliveries %d, firing %d, not firing 0\n", count, count))
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(4<<20))
}

// An error of the output makes the program fail.
func TestOutputOfDeliveriesFails(t *testing.T) {
	var stderr bytes.Buffer
	err := run([]string{"-webhooks", recordedWebhooks, "-deliveries", "all=testdata/recorded/agree.json"}, noVariables, nil, failingWriter{io.ErrShortWrite}, &stderr)
	require.Equal(t, 2, cli.Status("hooktest", err, io.Discard))
	require.Equal(t, "short write\n", stderr.String())
}

// Each entry of docs/calibration.md matches the one project that its table names.
func TestCalibrationEntries(t *testing.T) {
	for entry, want := range map[string]string{"*-ei*ght": "calibration-eight", "calibration?": "calibration9"} {
		h := hook.Compile(&webhook.Webhook{Enabled: true, Events: webhook.EventTypes(), ProjectNamesFilter: []string{entry}})
		for _, name := range []string{"calibration", "calibration9", "calibration-eight"} {
			require.Equal(t, name == want, h.Match(webhook.Event{Type: webhook.DeploymentStarted, ProjectName: name}), entry+" "+name)
		}
	}
}
