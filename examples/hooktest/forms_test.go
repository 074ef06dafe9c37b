package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// rewritten returns a copy of the folder testdata/clean or of the shipped webhooks with
// changed webhooks, as lists without an object around them.
func rewritten(t *testing.T, dir string, change func(w map[string]any)) string {
	t.Helper()
	to := t.TempDir()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, file := range files {
		if strings.Count(file.Name(), ".") > 1 {
			continue // projects and environments
		}
		text, err := os.ReadFile(filepath.Join(dir, file.Name()))
		require.NoError(t, err)
		var list struct {
			Results []map[string]any `json:"results"`
		}
		require.NoError(t, json.Unmarshal(text, &list))
		for _, w := range list.Results {
			change(w)
		}
		text, err = json.Marshal(list.Results)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(to, file.Name()), text, 0o600))
	}
	return to
}

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
	cli := rewritten(t, shipped, func(w map[string]any) {
		delete(w, "target_secret_set")
		for name, value := range w {
			if list, ok := value.([]any); ok && len(list) == 0 {
				delete(w, name)
			}
			if text, ok := value.(string); ok && strings.HasSuffix(name, "_at") {
				at, err := time.Parse(time.RFC3339, text)
				require.NoError(t, err)
				w[name] = at.String()
			}
		}
	})
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
	requests := rewritten(t, shipped, func(w map[string]any) {
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
