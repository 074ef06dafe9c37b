package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/cli"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// hooktest runs the program and returns its exit status and output.
func hooktest(args ...string) (status int, stdout, stderr string) {
	return hooktestWith(noVariables, args...)
}

func noVariables(string) string { return "" }

// hooktestWith is like hooktest, with environment variables.
func hooktestWith(getenv func(string) string, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = cli.Status("hooktest", run(args, getenv, strings.NewReader(stdin), &out, &err), &err)
	return status, out.String(), err.String()
}

// stdin is a file of expectations that the webhooks of testdata fulfill.
const stdin = `{"organization_id": "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21", "events": [
	{"event_type": "DEPLOYMENT_FAILURE", "project_name": "shop", "environment_mode": "PRODUCTION", "must_fire": ["ops", "audit"]}
]}`

const (
	misspelt = "testdata/unreadable/misspelt.json"
	right    = "testdata/expect/right.json"
	wrong    = "testdata/expect/wrong.json"
)

// TestGolden compares whole runs with files.
func TestGolden(t *testing.T) {
	with := func(args ...string) []string { return append([]string{"-webhooks", "testdata/webhooks"}, args...) }
	for _, test := range []struct {
		golden string
		status int
		args   []string
	}{
		{"right", 0, with(right)},
		{"right-json", 0, with("-json", right)},
		{"wrong", 1, with(right, wrong)},
		{"wrong-json", 1, with("-json", wrong)},
		{"lint", 0, with("-lint")},
		{"lint-json", 0, with("-lint", "-json")},
		{"lint-right", 0, with("-lint", right)},
		{"lint-wrong", 1, with("-lint", wrong)},
		{"against", 0, with("-against", "testdata/old", right)},
		{"against-json", 0, with("-against", "testdata/old", "-json", right)},
		{"against-itself", 0, with("-against", "testdata/webhooks", right)},
		{"against-wrong", 1, with("-against", "testdata/old", wrong)},
		{"against-other-organization", 0, with("-against", "../../testdata/webhooks", right)},
		{"everything", 1, with("-against", "testdata/old", "-lint", right, wrong)},

		{"undocumented", 0, with("testdata/expect/undocumented.json")},
		{"undocumented-json", 0, with("-json", "testdata/expect/undocumented.json")},
		{"outdated", 1, with("-against", "testdata/old", "testdata/expect/outdated.json")},
		{"outdated-json", 1, with("-against", "testdata/old", "-json", "testdata/expect/outdated.json")},
		{"outdated-without-against", 2, with("testdata/expect/outdated.json")},
		{"organization-deleted", 0, with("-against", "testdata/old", "testdata/unreadable/other-organization.json")},
		{"organization-deleted-and-misspelt", 2, with("-against", "testdata/old", misspelt)},
		{"stdin", 0, with("-")},
		{"every", 0, with("testdata/expect/every.json")},
		{"every-wrong", 1, with("testdata/expect/every-wrong.json")},
		{"every-wrong-json", 1, with("-json", "testdata/expect/every-wrong.json")},
		{"every-against", 0, with("-against", "testdata/old", "testdata/expect/every.json")},

		{"fail-on-invalid", 1, with("-fail-on", "invalid")},
		{"fail-on-lint", 1, with("-fail-on", "lint", right)},
		{"fail-on-undocumented", 1, []string{"-webhooks", "testdata/clean", "-fail-on", "invalid,lint", "testdata/expect/undocumented.json"}},
		{"fail-on-diff", 1, with("-against", "testdata/old", "-fail-on", "diff", right)},
		{"changes", 0, with("-against", "testdata/old")},
		{"changes-json", 0, with("-against", "testdata/old", "-json")},
		{"fail-on-change", 1, with("-against", "testdata/old", "-fail-on", "change")},
		{"fail-on-all", 1, with("-against", "testdata/old", "-fail-on", "lint,diff", "-fail-on", "invalid", right)},
		{"fail-on-all-json", 1, with("-against", "testdata/old", "-fail-on", "lint,diff,invalid", "-json", right)},
		{"fail-on-no-findings", 0, []string{"-webhooks", "testdata/clean", "-against", "testdata/clean", "-fail-on", "invalid,lint,diff,change", "testdata/expect/clean.json"}},

		{"allow", 1, []string{"-webhooks", "testdata/webhooks", "-allow", "unknown-value,all-names", "-allow", "no-events", "-fail-on", "invalid,lint", "testdata/expect/undocumented.json"}},
		{"allow-json", 0, []string{"-webhooks", "testdata/webhooks", "-allow", "unknown-value,all-names,no-events", "-lint", "-json", "testdata/expect/undocumented.json"}},
		{"github", 1, with("-github", "-against", "testdata/old", "-fail-on", "lint,change,diff", "-allow", "unknown-value", right, wrong)},
		{"github-json", 1, with("-github", "-json", "-fail-on", "invalid", wrong)},
		{"no-junit-file", 2, with("-junit", "", right)},
		{"allow-unknown-name", 2, with("-allow", "no-event")},
		{"allow-a-group", 2, with("-allow", "all-names,lint")},
		{"existing", 1, []string{"-webhooks", "../../testdata/webhooks", "-fail-on", "no-project,unheard"}},
		{"existing-json", 1, []string{"-webhooks", "../../testdata/webhooks", "-fail-on", "unheard", "-allow", "unheard", "-fail-on", "no-project", "-json"}},
		{"existing-fail-on-diff", 1, []string{"-webhooks", "../../testdata/webhooks", "-against", "testdata/old", "-fail-on", "diff"}},
		{"existing-missing", 2, with("-fail-on", "no-project,unheard")},

		{"fail-on-unknown-name", 2, with("-fail-on", "invalid,links", right)},
		{"fail-on-diff-without-against", 2, with("-fail-on", "diff", right)},
		{"fail-on-change-without-against", 2, with("-fail-on", "change", right)},
		{"late-flag", 2, with(right, "-lint")},
		{"no-arguments", 2, nil},
		{"no-webhooks", 2, []string{right}},
		{"no-files", 2, with()},
		{"no-files-diff", 2, with("-against", "testdata/old", "-fail-on", "change,diff")},
		{"unknown-flag", 2, with("-verbose", right)},
		{"empty-old-folder", 2, with("-against", "", right)},
		{"no-folder", 2, []string{"-webhooks", "testdata/absent", right}},
		{"no-old-folder", 2, with("-against", "testdata/absent", right)},
		{"no-file", 2, with(right, "testdata/expect/absent.json")},
		{"unreadable", 2, append(with(wrong), unreadable(t)...)},
	} {
		t.Run(test.golden, func(t *testing.T) {
			golden(t, test.golden, test.status, test.args...)
		})
	}
}

func unreadable(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/unreadable/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// If one file of expectations is unreadable, no event is evaluated.
func TestUnreadableExpectations(t *testing.T) {
	for _, file := range unreadable(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			status, stdout, stderr := hooktest("-webhooks", "testdata/webhooks", file, wrong)
			require.Equal(t, 2, status)
			require.Empty(t, stdout)
			require.Contains(t, stderr, file)
		})
	}
}

// A reference that is an id takes precedence over an equal description.
func TestIDBeforeDescription(t *testing.T) {
	const organization, id = "3c90c3cc-0d44-4b50-8888-8dd25736052a", "abcdef00-0000-4000-8000-000000000000"
	dir := t.TempDir()
	write := func(path, text string) string {
		path = filepath.Join(dir, path)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write(organization+".json", fmt.Sprintf(`{"results": [
		{"id": "11111111-0000-4000-8000-000000000000", "created_at": "2024-01-01T00:00:00Z", "description": %[1]q, "events": ["DEPLOYMENT_FAILURE"]},
		{"id": "22222222-0000-4000-8000-000000000000", "created_at": "2024-01-01T00:00:00Z", "description": %[1]q, "events": ["DEPLOYMENT_FAILURE"]},
		{"id": %[1]q, "created_at": "2024-01-01T00:00:00Z", "events": ["DEPLOYMENT_STARTED"]}
	]}`, id))
	expect := write("expect.txt", fmt.Sprintf(`{"organization_id": %q, "events": [
		{"event_type": "DEPLOYMENT_STARTED", "project_name": "shop", "environment_mode": "STAGING", "must_fire": [%q]},
		{"event_type": "DEPLOYMENT_STARTED", "project_name": "shop", "environment_mode": "STAGING", "must_fire": [%q]}
	]}`, organization, id, strings.ToUpper(id)))
	status, stdout, stderr := hooktest("-webhooks", dir, "-lint", expect)
	require.Zero(t, status, stderr)
	require.Contains(t, stdout, "\nevents 2, not as expected 0\nfindings 0\nnot exercised: webhooks 2, entries 0\n")
	require.NotContains(t, stdout, "abcdef00-0000-4000-8000-000000000000\n", "the third webhook is exercised")
}

// Long strings are truncated in messages.
func TestLongStrings(t *testing.T) {
	long := strings.Repeat("x", 1<<17)
	expect := filepath.Join(t.TempDir(), "expect.json")
	write := func(event, more string) {
		require.NoError(t, os.WriteFile(expect, []byte(`{"organization_id": "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21", "events": [{"comment": "`+long+`", "event_type": "`+event+
			`", "project_name": "`+long+`", "environment_mode": "`+long+`", `+more+`}]}`), 0o600))
	}
	for _, event := range []string{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STARTED", long} {
		for _, more := range []string{`"must_fire": ["ops"]`, `"must_fire": ["66666666-0000-4000-8000-000000000000"]`, `"must_fire": ["` + long + `"]`, `"` + long + `": 1`} {
			write(event, more)
			status, stdout, stderr := hooktest("-webhooks", "testdata/webhooks", "-against", "testdata/old", expect)
			require.NotZero(t, status)
			require.NotEmpty(t, stdout+stderr)
			require.Less(t, len(stdout)+len(stderr), 8000)
		}
	}
}

// If a file of webhooks cannot be read as a whole, no event is evaluated.
func TestUnreadableWebhooks(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"results":[`), 0o600))
	for _, args := range [][]string{
		{"-webhooks", dir, wrong},
		{"-webhooks", "testdata/webhooks", "-against", dir, wrong},
		{"-webhooks", dir, "-lint"},
	} {
		status, stdout, stderr := hooktest(args...)
		require.Equal(t, 2, status)
		require.Empty(t, stdout)
		require.Equal(t, file+":1: invalid format: not JSON: unexpected end\n", stderr)
	}
}

// A webhook that cannot be decoded fires for nothing and is reported. The others are
// evaluated.
func TestUndecodableWebhooks(t *testing.T) {
	const first, second = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
	dir := t.TempDir()
	file := filepath.Join(dir, "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21.json")
	expect := filepath.Join(dir, "expect.txt")
	event := `{"event_type": "DEPLOYMENT_FAILURE", "project_name": "shop", "environment_mode": "STAGING", `
	require.NoError(t, os.WriteFile(expect, []byte(`{"organization_id": "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21", "events": [
		`+event+`"must_fire": ["`+first+`", "valid"]}]}`), 0o600))
	for _, test := range []struct{ name, invalid, heading, finding, missing string }{
		{"a repeated member", `{"id":"` + first + `","events":[],"events":["DEPLOYMENT_FAILURE"]}`,
			first, "events: duplicate member (invalid)", first + ": invalid: events: duplicate member"},
		{"a misspelled member", `{"id":"` + first + `","Events":["DEPLOYMENT_FAILURE"]}`,
			first, `events "Events": misspelled: member names are case-sensitive (invalid)`, first + `: invalid: events "Events": misspelled`},
		{"a member of another type", `{"id":"` + first + `","events":"DEPLOYMENT_FAILURE"}`,
			first, `events "DEPLOYMENT_FAILURE": want a list of strings, got the string "DEPLOYMENT_FAILURE" (invalid)`, first + ": invalid: events: want a list"},
		{"an invalid webhook after a valid one with the same id", `{"id":"` + first + `","events":["DEPLOYMENT_FAILURE"]},{"id":"` + first + `","events":[""]}`,
			first, `results[0].id "` + first + `": duplicate of results[1] (invalid)`, first + ": invalid: events[0]: empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			valid := `{"id":"` + second + `","description":"valid","events":["DEPLOYMENT_FAILURE"]}`
			require.NoError(t, os.WriteFile(file, []byte(`{"results":[`+test.invalid+`,`+valid+`]}`), 0o600))
			status, stdout, stderr := hooktest("-webhooks", dir, expect)
			require.Equal(t, 1, status)
			require.Empty(t, stderr)
			require.Contains(t, withoutPositions(stdout), file+": "+test.heading+": "+test.finding+"\n")
			require.Contains(t, stdout, "  should have fired: "+test.missing)
			require.NotContains(t, stdout, "should have fired: "+second)
			status, stdout, _ = hooktest("-webhooks", dir, "-fail-on", "invalid")
			require.Equal(t, 1, status)
			require.Contains(t, stdout, "fails on invalid")
			status, _, stderr = hooktest("-webhooks", "testdata/webhooks", "-against", dir, right)
			require.Zero(t, status)
			require.Contains(t, stderr, file+":1: results[0].")
		})
	}

	// A reference by description to such a webhook does not resolve.
	require.NoError(t, os.WriteFile(file, []byte(`{"results":[{"id":"`+second+`","description":"valid","kind":1}]}`), 0o600))
	status, stdout, stderr := hooktest("-webhooks", dir, expect)
	require.Equal(t, 2, status)
	require.Empty(t, stdout)
	require.Contains(t, stderr, file+":1: results[0].kind (webhook "+second+"): want a string, got the number 1\n")
	require.Contains(t, stderr, `no webhook in `+file+` has the id or the description "valid"`)

	// An element whose id cannot be decoded is reported under its file.
	require.NoError(t, os.WriteFile(file, []byte(`{"results":[7]}`), 0o600))
	_, stdout, _ = hooktest("-webhooks", dir, "-lint")
	require.Contains(t, stdout, file+":1:13: results[0] \"7\": want an object, got the number 7 (invalid)\n")
}

// TestShippedSample runs the command of the program's doc comment and of the README.
func TestShippedSample(t *testing.T) {
	t.Chdir("../..")
	files, err := filepath.Glob("testdata/expect/*.json")
	require.NoError(t, err)
	organizations, err := filepath.Glob("testdata/webhooks/*[0-9a-f].json")
	require.NoError(t, err)
	require.Len(t, files, len(organizations))
	status, stdout, stderr := hooktest(append([]string{"-webhooks", "testdata/webhooks"}, files...)...)
	require.Equal(t, "testdata/webhooks/0e83ed77-3c22-4883-8e42-cb6dec0c41a0.json:43:5: 9aeec1f6-9016-4a10-92b3-68b944b47162 \"Filtered by project ID, so it never fires\"\n"+
		"  no event is expected to fire it\n"+
		"  project_names_filter[0] \"1ded795f-5e05-45db-80dd-7295bce9549c\": matches no event's project name\n"+
		"events 35, not as expected 0\nnot exercised: webhooks 1, entries 1\n", stdout)
	require.Empty(t, stderr)
	require.Zero(t, status)
}

func TestHelp(t *testing.T) {
	status, stdout, stderr := hooktest("-h")
	require.Zero(t, status)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "usage: hooktest")
}

// A write error makes the program fail.
func TestOutputFails(t *testing.T) {
	full := errors.New("disk full")
	for _, args := range [][]string{{right}, {"-json", right}, {wrong}} {
		var stderr bytes.Buffer
		err := run(append([]string{"-webhooks", "testdata/webhooks"}, args...), noVariables, nil, failingWriter{full}, &stderr)
		require.Equal(t, "disk full\n", stderr.String())
		require.Equal(t, 2, cli.Status("hooktest", err, io.Discard))
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
