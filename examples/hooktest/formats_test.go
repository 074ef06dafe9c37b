package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/jsonvalue"
)

// The files of -junit and -sarif are written even if the exit status is 1.
func TestFiles(t *testing.T) {
	dir := t.TempDir()
	junit, sarif := filepath.Join(dir, "junit.xml"), filepath.Join(dir, "hooktest.sarif")
	status, _, stderr := hooktest("-webhooks", "testdata/webhooks", "-against", "testdata/old", "-fail-on", "invalid,lint,diff,change", "-allow", "all-names,unknown-value",
		"-junit", junit, "-sarif", sarif, right, wrong)
	require.Equal(t, 1, status)
	require.Empty(t, stderr)
	for _, file := range []string{junit, sarif} {
		got, err := os.ReadFile(file)
		require.NoError(t, err)
		golden := filepath.Join("testdata", "golden", filepath.Base(file))
		if *update {
			require.NoError(t, os.WriteFile(golden, got, 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, portable(string(want)), portable(string(got)))
	}
}

// A file that cannot be written is an error that names the flag. The report and the other file
// are written.
func TestFilesThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	sarif := filepath.Join(dir, "hooktest.sarif")
	status, stdout, stderr := hooktest("-webhooks", "testdata/clean", "-junit", dir, "-sarif", sarif, "testdata/expect/clean.json")
	require.Equal(t, 2, status)
	require.Contains(t, stdout, "not as expected 0")
	require.True(t, strings.HasPrefix(stderr, "-junit: open "), stderr)
	require.FileExists(t, sarif)
	status, _, stderr = hooktest("-webhooks", "testdata/clean", "-sarif", filepath.Join(dir, "absent", "a"), "testdata/expect/clean.json")
	require.Equal(t, 2, status)
	require.True(t, strings.HasPrefix(stderr, "-sarif: open "), stderr)
}

// A file of -deliveries with differences makes the exit status 1, so it is an error in each format.
func TestDifferingDeliveriesInFormats(t *testing.T) {
	junit := filepath.Join(t.TempDir(), "junit.xml")
	status, stdout, stderr := hooktest("-github", "-junit", junit, "-webhooks", recordedWebhooks, "-deliveries", "all=testdata/recorded/mixed.json")
	require.Equal(t, 1, status)
	require.Empty(t, stderr)
	require.Regexp(t, `\n::error file=testdata/recorded/mixed\.json,title=hooktest%3A deliveries::[-0-9a-f]{36} "all": deliveries for which the webhook does not fire [1-9]`, stdout)
	text, err := os.ReadFile(junit)
	require.NoError(t, err)
	require.Contains(t, string(text), `<testsuite name="findings" tests="1" failures="1">`)
}

// Annotations are on by default where GITHUB_ACTIONS is true.
func TestAnnotationsOnGitHub(t *testing.T) {
	for _, test := range []struct {
		variable string
		flags    []string
		want     bool
	}{
		{"true", nil, true}, {"true", []string{"-github=false"}, false}, {"", nil, false}, {"false", nil, false}, {"false", []string{"-github"}, true},
	} {
		getenv := func(name string) string { return map[string]string{"GITHUB_ACTIONS": test.variable}[name] }
		_, stdout, _ := hooktestWith(getenv, append(test.flags, "-webhooks", "testdata/webhooks", wrong)...)
		require.Equal(t, test.want, strings.Contains(stdout, "::error file=testdata/expect/wrong.json,line=5,col=5,title=hooktest%3A expectation::"), stdout)
	}
}

func TestFileURI(t *testing.T) {
	for file, want := range map[string]string{
		"webhooks/a.json": "webhooks/a.json", "a b%/é?#.json": "a%20b%25/%C3%A9%3F%23.json", "a:b.json": "./a:b.json", "/a.json": "file:///a.json",
	} {
		require.Equal(t, want, fileURI(file))
	}
}

// hostile are parts of names and descriptions that mean something in one of the formats.
var hostile = []string{"\n::error::forged", "\r\n::error file=a::forged", "::warning::forged", "\u2028::notice::forged", "##[error]forged", "#", "[", "::add-mask::a", "%0A", "%", ",", ":",
	"]]>", "<failure/>", "</testcase>", "&amp;", `"`, `\`, "\x00", "\x1b[2J", "\x7f", "\u0085", "\ufffe", "\ufeff", "\xff", "a", " ", "*"}

// command matches what GitHub Actions takes for a command in a line.
var command = regexp.MustCompile(`^[\s\v\p{Z}\x{85}]*::|##\[`)

// commands returns the commands in an output, without their messages.
func commands(output string) (found []string) {
	for _, line := range regexp.MustCompile(`\r\n|\r|\n`).Split(output, -1) {
		if command.MatchString(line) {
			head, _, _ := strings.Cut(line[2:], "::")
			found = append(found, head)
		}
	}
	return found
}

// No name or description forges an annotation, or breaks a format.
func TestHostileNames(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("webhooks", 0o700))
	var parts []any
	for _, s := range hostile {
		parts = append(parts, s)
	}
	text := gen.SliceOfN(4, gen.OneConstOf(parts...)).Map(func(parts []string) string { return strings.Join(parts, "") })
	properties := gopter.NewProperties(nil)
	properties.Property("no forged annotation, and valid XML and JSON", prop.ForAll(func(description, entry, comment string) bool {
		checkFormats(t, description, entry, comment)
		return true
	}, text, text, text))
	properties.TestingRun(t)
}

// checkFormats runs the program on a webhook with one entry and an expectation that fails, and
// checks the files and the annotations.
func checkFormats(t *testing.T, description, entry, comment string) {
	t.Helper()
	write := func(name string, v any) {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, text, 0o600))
	}
	description = "ops" + description
	write(filepath.Join("webhooks", organizationFile), []any{map[string]any{"id": "11111111-0000-4000-8000-000000000000", "created_at": "2026-01-01T00:00:00Z",
		"description": description, "events": []string{"DEPLOYMENT_FAILURE"}, "environment_types_filter": []string{"PRODUCTION"}, "project_names_filter": []string{entry + " "}}})
	write("expect.json", map[string]any{"organization_id": strings.TrimSuffix(organizationFile, ".json"), "events": []any{map[string]any{"event_type": "DEPLOYMENT_FAILURE",
		"project_name": entry + " ", "environment_mode": "STAGING", "comment": comment, "must_fire": []string{description}}}})
	flags := []string{"-github", "-webhooks", "webhooks", "-fail-on", "surrounding-space", "-junit", "junit.xml", "-sarif", "hooktest.sarif"}

	status, stdout, stderr := hooktest(append(flags, "-json", "expect.json")...)
	require.Equal(t, 1, status, stderr)
	var r struct {
		Events   []struct{ Line, Column int }
		Findings []struct {
			File, Code   string
			Line, Column int
		}
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &r), stdout)
	want := []string{fmt.Sprintf("error file=expect.json,line=%d,col=%d,title=hooktest%%3A expectation", r.Events[0].Line, r.Events[0].Column)}
	for _, f := range r.Findings {
		level := map[bool]string{true: "error", false: "warning"}[f.Code == "surrounding-space"]
		want = append(want, fmt.Sprintf("%s file=%s,line=%d,col=%d,title=hooktest%%3A %s", level, f.File, f.Line, f.Column, f.Code))
	}
	require.Contains(t, strings.Join(want, " "), "surrounding-space")
	require.Empty(t, commands(stdout))
	require.Equal(t, want, commands(stderr))

	_, stdout, stderr = hooktest(append(flags, "expect.json")...)
	require.Empty(t, stderr)
	require.Equal(t, want, commands(stdout), stdout)

	text, err := os.ReadFile("junit.xml")
	require.NoError(t, err)
	var junit junitReport
	require.NoError(t, xml.Unmarshal(text, &junit), "%s", text)
	require.Len(t, junit.Suites, 2)
	for _, suite := range junit.Suites {
		require.Len(t, suite.Cases, 1)
		require.NotNil(t, suite.Cases[0].Failure)
	}
	text, err = os.ReadFile("hooktest.sarif")
	require.NoError(t, err)
	var sarif sarifLog
	require.NoError(t, json.Unmarshal(text, &sarif), "%s", text)
	require.Len(t, sarif.Runs[0].Results, len(r.Findings))
}

// A file name cannot forge a command either.
func TestHostileFileNames(t *testing.T) {
	var out strings.Builder
	require.NoError(t, writeAnnotations(&out, []issue{{levelError, "diff", "a,line=1::forged\n:%.json", jsonvalue.Position{}, "", []string{"50%\r\nadded"}}}))
	require.Equal(t, "::error file=a%2Cline=1%3A%3Aforged%0A%3A%25.json,title=hooktest%3A diff::50%25%0D%0Aadded\n", out.String())

	for text, want := range map[string]string{
		"::error::a":                     `\u003a:error::a`,
		"a ::error::a":                   "a ::error::a",
		"a\r\n \u00a0::error::a":         "a\r\n \u00a0" + `\u003a:error::a`,
		"a\r::error::a\n\v\u2028::b::c":  "a\r" + `\u003a:error::a` + "\n\v\u2028" + `\u003a:b::c`,
		`{"a": "##[error]b", "c": "##"}`: `{"a": "#\u0023[error]b", "c": "##"}`,
	} {
		for split := range len(text) { // into two writes
			out.Reset()
			w := &withoutCommands{to: &out}
			for _, part := range []string{text[:split], text[split:] + "\n"} {
				n, err := w.Write([]byte(part))
				require.NoError(t, err)
				require.Equal(t, len(part), n)
			}
			require.Equal(t, want+"\n", out.String())
			require.Empty(t, commands(out.String()))
		}
	}
}
