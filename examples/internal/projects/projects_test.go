package projects_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/projects"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	org         = "1f0c7d8a-5b0e-4c51-9b57-6a1f4f1d2a01"
	other       = "b2d9a4c6-0e3f-4e7c-8a35-3c9d7e5f1b02"
	shop        = "9c6ab710-4a08-4720-8ede-24428a013fda"
	production  = "79ebc231-f9ae-483d-93d3-bcfe6852dfc3"
	project     = `{"id":"` + shop + `","created_at":"2024-01-05T13:04:24Z","name":"shop","organization":{"id":"` + org + `"}}`
	environment = `{"id":"` + production + `","name":"live","mode":"PRODUCTION","project":{"id":"` + shop + `"},"organization":{"id":"` + org + `"},"cluster_id":"x"}`
)

// read reads a folder with the given files. Errors have no path of the folder.
func read(t *testing.T, files map[string]string) (organizations map[uuid.UUID]*projects.Organization, reports []string, err string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	relative := func(err error) string { return strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "") }
	organizations, invalid, readErr := projects.Read(dir)
	for _, err := range invalid {
		reports = append(reports, relative(err))
	}
	if readErr != nil {
		err = relative(readErr)
	}
	return organizations, reports, err
}

func TestRead(t *testing.T) {
	id := uuid.MustParse(org)
	wantProjects := map[uuid.UUID]string{uuid.MustParse(shop): "shop"}
	wantEnvironments := map[uuid.UUID]projects.Environment{uuid.MustParse(production): {Name: "live", Mode: webhook.Production, ProjectID: uuid.MustParse(shop), Line: 1}}
	for name, form := range map[string]func(string) string{
		"the API's response": func(s string) string { return `{"results":[` + s + `]}` },
		"a list":             func(s string) string { return "\ufeff[" + s + "]\n" },
		"ids in upper case": func(s string) string {
			return `{"results":[` + strings.NewReplacer(shop, strings.ToUpper(shop), org, strings.ToUpper(org), production, strings.ToUpper(production)).Replace(s) + `]}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			organizations, reports, err := read(t, map[string]string{
				org + ".projects.json": form(project), strings.ToUpper(org) + ".environments.json": form(environment),
				org + ".json": "[]", other + ".projects.json": "null", "acme.projects.json": "?", org + ".projects.json.bak": "?"})
			require.Empty(t, err)
			require.Empty(t, reports)
			require.Equal(t, map[uuid.UUID]*projects.Organization{
				id: {Projects: wantProjects, Environments: wantEnvironments}, uuid.MustParse(other): {Projects: map[uuid.UUID]string{}}}, organizations)
		})
	}
}

func TestInvalidElements(t *testing.T) {
	edited := func(text, old, replacement string) string { return strings.Replace(text, old, replacement, 1) }
	for _, tc := range []struct{ file, element, want string }{
		{"projects", "7", "results[1]: want an object, got the number 7"},
		{"projects", environment, "results[1]: want a project, got an environment"},
		{"projects", `{"id":"x","events":[]}`, "results[1]: want a project, got a webhook"},
		{"projects", edited(project, `"id"`, `"ID"`), "results[1].id: required"},
		{"projects", edited(project, shop, strings.ReplaceAll(shop, "-", "")), `results[1].id: want a UUID of 36 characters, got "9c6ab7104a0847208ede24428a013fda"`},
		{"projects", edited(project, `"shop"`, `null`), "results[1].name: want a string, got null"},
		{"projects", edited(project, `"shop"`, `""`), "results[1].name: empty"},
		{"environments", edited(environment, `"PRODUCTION"`, `""`), "results[1].mode: empty"},
		{"projects", edited(project, `{`, `{"name":"x",`), `results[1]: "name" is repeated`},
		{"projects", edited(project, org, other), "results[1]: a project of organization " + other + ": want " + org + ", as in the file's name"},
		{"projects", edited(project, `"organization"`, `"organisation"`), "results[1].organization: required"},
		{"projects", project, "results[1]: a second project " + shop},
		{"environments", project, "results[1]: want an environment, got a project"},
		{"environments", edited(environment, `"PRODUCTION"`, `3`), "results[1].mode: want a string, got the number 3"},
		{"environments", edited(environment, `{"id":"`+shop+`"}`, `{}`), "results[1].project.id: required"},
		{"environments", edited(environment, `{"id":"`+shop+`"}`, `"`+shop+`"`), `results[1].project: want an object, got the string "` + shop + `"`},
		{"environments", edited(environment, `"live"`, `[]`), "results[1].name: want a string, got a list"},
		{"environments", environment, "results[1]: a second environment " + production},
	} {
		t.Run(tc.want, func(t *testing.T) {
			valid := map[string]string{"projects": project, "environments": environment}[tc.file]
			name := org + "." + tc.file + ".json"
			organizations, reports, err := read(t, map[string]string{name: "{\"results\": [\n" + valid + ",\n" + tc.element + "]}"})
			require.Empty(t, err)
			require.Equal(t, []string{name + ":3: " + tc.want}, reports)
			o := organizations[uuid.MustParse(org)]
			require.Equal(t, 1, len(o.Projects)+len(o.Environments), "the valid element is read")
		})
	}
}

func TestUnreadableFiles(t *testing.T) {
	const webhookText = `{"id":"x","target_url":"https://host/s3cret","events":[]}`
	const repeat = "check the URL and the token, and repeat the call, with curl --fail"
	for text, want := range map[string]string{
		"":                              "empty: repeat the call that wrote it, with curl --fail",
		"<html>":                        "HTML, not JSON: " + repeat,
		"\xff\xfe{\x00":                 "UTF-16: convert it, as iconv -f UTF-16 -t UTF-8 does",
		"{\"results\": [\n" + project:   "not JSON: unexpected end",
		`{"status":401,"message":"no"}`: "want a list, got an error response, status 401: " + repeat,
		project:                         "want a list, got a project",
		`{"page":1}`:                    "results: required",
		`{"results":null}`:              "results: want a list, got null",
		`{"results":[],"results":[]}`:   `"results" is repeated`,
		"7":                             "want a list, got the number 7",
		"[]\n[]":                        "not JSON: want the end of the text, got '['",
		"[\n" + project + "," + environment + "]":                   "[0]: want an environment, got a project: name the file <organizationId>.projects.json",
		"{\"results\":[\n" + webhookText + "," + environment + "]}": "results[0]: want an environment, got a webhook: name the file <organizationId>.json",
		"[\n{\"status\":401}]":                                      "[0]: want an environment, got an error response, status 401: " + repeat,
		"[\n7,8]":                                                   "all elements are invalid: [0]: want an object, got the number 7",
		"[\n" + strings.Replace(environment, org, other, 1) + "]":   "all elements are invalid: [0]: an environment of organization " + other + ": want " + org + ", as in the file's name",
	} {
		_, _, err := read(t, map[string]string{org + ".environments.json": text})
		line := ""
		if strings.HasPrefix(text, "[\n") || strings.HasPrefix(text, "{\"results\":[\n") || strings.Contains(want, "not JSON:") && !strings.Contains(want, "HTML") {
			line = ":2"
		} else if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "7") {
			line = ":1"
		}
		require.Equal(t, org+".environments.json"+line+": "+want, err)
	}
	_, _, err := read(t, map[string]string{org + ".projects.json": "[" + environment + "," + project + "]"})
	require.Equal(t, org+".projects.json:1: [0]: want a project, got an environment: name the file <organizationId>.environments.json", err)
	_, _, err = read(t, map[string]string{org + ".projects.json": "[7]"})
	require.Equal(t, org+".projects.json:1: all elements are invalid: [0]: want an object, got the number 7", err)
	_, _, err = read(t, map[string]string{org + ".projects.json": "{", other + ".projects.json": "{"})
	require.Equal(t, org+".projects.json:1: not JSON: unexpected end; "+other+".projects.json:1: not JSON: unexpected end", err)
}

// Ten files are named, and the others counted, in one line.
func TestManyUnreadableFiles(t *testing.T) {
	files := make(map[string]string)
	for range 12 {
		files[uuid.NewString()+".projects.json"] = "?"
	}
	_, _, err := read(t, files)
	require.Equal(t, 10, strings.Count(err, ".projects.json:1: "))
	require.True(t, strings.HasSuffix(err, "; and 2 more files"), err)
	require.NotContains(t, err, "\n")
}

func TestLinesAfterAByteOrderMark(t *testing.T) {
	_, reports, err := read(t, map[string]string{org + ".projects.json": "\ufeff[\n7,\n\n\n8," + project + "]"})
	require.Empty(t, err)
	require.Equal(t, []string{
		org + ".projects.json:2: [0]: want an object, got the number 7",
		org + ".projects.json:5: [1]: want an object, got the number 8",
	}, reports)
}

func TestNoFolder(t *testing.T) {
	_, _, err := projects.Read(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// The files of testdata are complete: each environment is in a known project.
func TestShipped(t *testing.T) {
	organizations, reports, err := projects.Read("../../../testdata/webhooks")
	require.NoError(t, err)
	require.Empty(t, reports)
	require.Len(t, organizations, 3)
	for id, o := range organizations {
		require.NotEmpty(t, o.Projects, id)
		require.NotEmpty(t, o.Environments, id)
		for _, e := range o.Environments {
			require.Contains(t, o.Projects, e.ProjectID)
			require.Contains(t, webhook.EnvironmentModes(), e.Mode)
		}
	}
}

// After 100 invalid elements, the others are only counted.
func TestManyInvalidElements(t *testing.T) {
	_, reports, err := read(t, map[string]string{org + ".projects.json": "[" + strings.Repeat("7,", 150) + project + "]"})
	require.Empty(t, err)
	require.Len(t, reports, 101)
	require.Equal(t, org+".projects.json:1: [99]: want an object, got the number 7", reports[99])
	require.Equal(t, org+".projects.json: 50 more elements have problems", reports[100])
}
