package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/form/formtest"
)

const shipped = "../../testdata/webhooks"

var positions = regexp.MustCompile(`\.json:\d+:\d+:|"(line|column)": \d+,`)

// withoutPositions returns an output without lines and columns, for a test that is about
// something else.
func withoutPositions(output string) string {
	return positions.ReplaceAllStringFunc(output, func(found string) string {
		return map[bool]string{true: ".json:"}[found[0] == '.']
	})
}

func shippedExpectations(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/expect/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// The CLI's form of the shipped webhooks gives the same output as the API's, except for the
// positions: the test writes the CLI's form in one line.
func TestWebhooksOfTheCLI(t *testing.T) {
	cli := formtest.Rewrite(t, shipped, true, formtest.AsCLI)
	for _, flags := range [][]string{{"-lint"}, {"-lint", "-json"}, {"-against", "testdata/old"}} {
		run := func(dir string) [3]any {
			status, stdout, stderr := hooktest(append(append(flags, "-webhooks", dir), shippedExpectations(t)...)...)
			// Reports name the file.
			return [3]any{status, strings.ReplaceAll(withoutPositions(stdout), dir, "DIR"), strings.ReplaceAll(stderr, dir, "DIR")}
		}
		want := run(shipped)
		require.Zero(t, want[0])
		require.Equal(t, want, run(cli))
	}
}

// Expectations name a request by its description, and the report says that it is not
// created yet.
func TestCreateRequests(t *testing.T) {
	describe := func(w map[string]any) {
		if w["description"] == nil {
			w["description"] = w["id"] // the expectations name it by its id
		}
	}
	requests := formtest.Rewrite(t, shipped, true, func(w map[string]any) {
		describe(w)
		delete(w, "id")
		delete(w, "created_at")
		w["target_secret"] = "s3cret"
	})
	dir := t.TempDir()
	var files []string
	for _, file := range shippedExpectations(t) {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		byDescription := strings.ReplaceAll(string(text), "462c9596-1554-4409-9c8a-0f3b48451efe", "Audit log")
		files = append(files, filepath.Join(dir, filepath.Base(file)))
		require.NoError(t, os.WriteFile(files[len(files)-1], []byte(byDescription), 0o600))
	}
	status, stdout, stderr := hooktest(append([]string{"-lint", "-webhooks", requests}, files...)...)
	require.Zero(t, status, stdout+stderr)
	require.Contains(t, stdout, " (not created yet)\n")
	require.NotContains(t, stdout+stderr, "s3cret")

	// The deployed webhooks are found by their descriptions, so no delivery is added or removed.
	deployed := formtest.Rewrite(t, shipped, true, describe)
	status, stdout, stderr = hooktest(append([]string{"-webhooks", requests, "-against", deployed, "-fail-on", "diff,change"}, files...)...)
	require.Zero(t, status, stdout+stderr)
	require.Contains(t, stdout, "\ndeliveries added 0, removed 0, against ")
	_, stdout, _ = hooktest(append([]string{"-json", "-webhooks", requests, "-lint"}, files...)...)
	require.Contains(t, stdout, `"not_created": true`)
}

// A reference names a request by its description, even if the request cannot be decoded.
func TestUndecodableRequest(t *testing.T) {
	dir := folder(t, "\n"+`{"description": "pager", "events": ["DEPLOYMENT_FAILURE", 7]}`)
	expect := filepath.Join(t.TempDir(), "expect.json")
	require.NoError(t, os.WriteFile(expect, []byte(`{"organization_id": "`+strings.TrimSuffix(organizationFile, ".json")+`", "events": [
		{"event_type": "DEPLOYMENT_FAILURE", "project_name": "shop", "environment_mode": "STAGING", "must_fire": ["pager"]}]}`), 0o600))
	file := filepath.Join(dir, organizationFile)
	status, stdout, stderr := hooktest("-webhooks", dir, expect)
	require.Equal(t, 1, status)
	require.Empty(t, stderr)
	require.Contains(t, stdout, expect+":2:3: events[0]: ")
	require.Regexp(t, `  should have fired: [-0-9a-f]{36} "pager" \(not created yet\): invalid: events\[1\]: want a string`, stdout)
	require.Regexp(t, `\n`+regexp.QuoteMeta(file)+`:2:59: [-0-9a-f]{36} "pager" \(not created yet\): events\[1\] "7": want a string, got the number 7 \(invalid\)\n`, stdout)
	_, _, stderr = hooktest("-webhooks", dir, "-against", dir)
	require.Equal(t, file+`:2: "pager" (not created yet): results[0].events[1]: want a string, got the number 7`+"\n", stderr)
}

// If two webhooks have the same id, a finding about the first one does not have the description of the
// second.
func TestRepeatedID(t *testing.T) {
	dir := folder(t, "\n"+stored(1, `, "description": "first"`), "\n"+stored(1, `, "description": "last"`), "\n"+stored(2, `, "events": 7`), "\n"+stored(2, `, "description": "valid"`))
	file := filepath.Join(dir, organizationFile)
	status, stdout, stderr := hooktest("-webhooks", dir, "-fail-on", "invalid")
	require.Equal(t, 1, status)
	require.Empty(t, stderr)
	require.Contains(t, stdout, file+`:2:8: 00000001-0000-4000-8000-000000000000: results[0].id "00000001-0000-4000-8000-000000000000": duplicate of results[1] (invalid)`+"\n")
	require.Contains(t, stdout, ": 00000002-0000-4000-8000-000000000000: results[2].events: duplicate member (invalid)\n")
	require.NotContains(t, stdout, `"last"`)
	require.NotContains(t, stdout, `"valid"`)
}
