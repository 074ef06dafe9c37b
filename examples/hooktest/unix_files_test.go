//go:build unix

package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Text quotes a path that is not printable, and the formats for other programs have the path itself.
func TestPathsThatAreNotPrintable(t *testing.T) {
	t.Chdir(t.TempDir())
	const dir, expect = "we\nb,%: hooks", "ex\x1b\xffpect.json"
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, organizationFile), []byte("["+stored(1, `, "project_names_filter": [""]`)+"]"), 0o600))
	require.NoError(t, os.WriteFile(expect, []byte(`{"organization_id": "`+organizationID+`", "events": [
		{"event_type": "DEPLOYMENT_FAILURE", "project_name": "a", "environment_mode": "STAGING", "must_fire": ["00000001-0000-4000-8000-000000000000"]}]}`), 0o600))
	status, stdout, stderr := hooktest("-github", "-webhooks", dir, "-against", dir, "-fail-on", "invalid", "-junit", "junit.xml", "-sarif", "a.sarif", expect)
	require.Equal(t, 1, status, stderr)
	require.Contains(t, stdout, `"ex\x1b\xffpect.json":2:3: events[0]`)
	require.Contains(t, stdout, `, against "we\nb,%: hooks"`+"\n")
	require.Contains(t, stdout, "\n::error file=ex\x1b\xffpect.json,line=2,")
	require.Contains(t, stdout, "\n::error file=we%0Ab%2C%25%3A hooks/"+organizationFile+",line=1,")

	text, err := os.ReadFile("a.sarif")
	require.NoError(t, err)
	var sarif sarifLog
	require.NoError(t, json.Unmarshal(text, &sarif))
	require.Equal(t, "./we%0Ab,%25:%20hooks/"+organizationFile, sarif.Runs[0].Results[0].Locations[0].Physical.Artifact.URI)

	text, err = os.ReadFile("junit.xml")
	require.NoError(t, err)
	var junit junitReport
	require.NoError(t, xml.Unmarshal(text, &junit))
	require.Equal(t, "ex\ufffd\ufffdpect.json", junit.Suites[0].Name)
	require.Equal(t, "ex\ufffd\ufffdpect.json", junit.Suites[0].Cases[0].File)
	require.Equal(t, dir+"/"+organizationFile, junit.Suites[1].Cases[0].File)
	require.Contains(t, junit.Suites[1].Cases[0].Failure.Text, `"we\nb,%: hooks/`)

	// Errors are one line each.
	require.NoError(t, os.WriteFile("a\nb", []byte(`{"organization_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a", "events": []}`), 0o600))
	for _, test := range []struct {
		want string
		args []string
	}{
		{`open "a\x1b": no such file or directory`, []string{"-webhooks", "a\x1b", "-lint"}},
		{`open "a\x1b": no such file or directory`, []string{"-webhooks", dir, "-against", "a\x1b"}},
		{`open "a\x1b": no such file or directory`, []string{"-webhooks", dir, "a\x1b"}},
		{`open "a\x1b": no such file or directory`, []string{"-webhooks", dir, "-deliveries", "00000001-0000-4000-8000-000000000000=a\x1b"}},
		{`read "we\nb,%: hooks": is a directory`, []string{"-webhooks", dir, "-deliveries", "00000001-0000-4000-8000-000000000000=" + dir}},
		{`-junit: open "we\nb,%: hooks": is a directory`, []string{"-webhooks", dir, "-lint", "-junit", dir}},
		{`-deliveries: no webhook in the folder "we\nb,%: hooks" has the id or the description "a"`, []string{"-webhooks", dir, "-deliveries", "a=" + expect}},
		{`"a\nb":1:21: organization_id: the folder "we\nb,%: hooks" has no file`, []string{"-webhooks", dir, "a\nb"}},
		{`-fail-on unheard requires projects and environments: "we\nb,%: hooks": no organization has both `, []string{"-webhooks", dir, "-fail-on", "unheard"}},
	} {
		status, _, stderr := hooktest(test.args...)
		require.Equal(t, 2, status, stderr)
		require.Contains(t, "\n"+stderr, "\n"+test.want)
		require.NotContains(t, stderr, "\x1b")
	}
}
