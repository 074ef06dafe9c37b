package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/form/formtest"
)

const shipped = "../../testdata/webhooks"

func shippedExpectations(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/expect/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

// The CLI's form of the shipped webhooks gives the same output as the API's.
func TestWebhooksOfTheCLI(t *testing.T) {
	cli := formtest.Rewrite(t, shipped, true, formtest.AsCLI)
	for _, flags := range [][]string{{"-lint"}, {"-lint", "-json"}, {"-against", "testdata/old"}} {
		run := func(dir string) [3]any {
			status, stdout, stderr := hooktest(append(append(flags, "-webhooks", dir), shippedExpectations(t)...)...)
			// Reports name the file.
			return [3]any{status, strings.ReplaceAll(stdout, dir, "DIR"), strings.ReplaceAll(stderr, dir, "DIR")}
		}
		want := run(shipped)
		require.Zero(t, want[0])
		require.Equal(t, want, run(cli))
	}
}

// Expectations name a request by its description, and the report says that it is not
// created yet.
func TestCreateRequests(t *testing.T) {
	requests := formtest.Rewrite(t, shipped, true, func(w map[string]any) {
		if w["description"] == nil {
			w["description"] = w["id"] // the expectations name it by its id
		}
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

	// Against the deployed webhooks all deliveries are added and removed.
	_, stdout, _ = hooktest(append([]string{"-webhooks", requests, "-against", shipped}, files...)...)
	require.Regexp(t, `  added: [-0-9a-f]{36} "Audit log" \(not created yet\): `, stdout)
	require.Regexp(t, `  removed: [-0-9a-f]{36} "Audit log": `, stdout)
	_, stdout, _ = hooktest(append([]string{"-json", "-webhooks", requests, "-against", shipped}, files...)...)
	require.Contains(t, stdout, `"not_created": true`)
}
