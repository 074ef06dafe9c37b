package webhookdir_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/examples/internal/webhookdir"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	orgA = "1f0c7d8a-5b0e-4c51-9b57-6a1f4f1d2a01"
	orgB = "b2d9a4c6-0e3f-4e7c-8a35-3c9d7e5f1b02"
	one  = `{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56Z"}`
	two  = `{"id":"7d1e9a54-63c2-4f0b-a1d8-52b7c0e94f13","created_at":"2023-11-07T05:31:56Z","enabled":false,"events":["NEW_TYPE"]}`
)

// list returns a response of the API's list operation.
func list(webhooks string) string { return `{"results":[` + webhooks + `]}` }

// folder returns a new folder with files of the given names and contents.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return dir
}

// outline is the part of Read's result that the tests compare, with paths relative to the
// folder.
type outline struct {
	organizations []string   // file and organization
	webhooks      [][]string // ids by organization
	reports       []string
	unreadable    []string
}

func read(t *testing.T, dir string) outline {
	t.Helper()
	organizations, err := webhookdir.Read(dir)
	var o outline
	relative := func(s string) string {
		require.True(t, len(s) > len(dir) && s[:len(dir)] == dir, "%s is in %s", s, dir)
		return s[len(dir)+1:]
	}
	if err != nil {
		require.Nil(t, organizations)
		require.NotContains(t, err.Error(), "\n")
		for _, text := range strings.Split(err.Error(), "; ") {
			o.unreadable = append(o.unreadable, strings.ReplaceAll(relative(text), dir, "DIR"))
		}
	}
	for _, organization := range organizations {
		o.organizations = append(o.organizations, relative(organization.File)+" "+organization.ID.String())
		var ids []string
		for _, w := range organization.Webhooks {
			ids = append(ids, w.ID.String())
		}
		o.webhooks = append(o.webhooks, ids)
		for _, report := range organization.Reports() {
			o.reports = append(o.reports, relative(report.Error()))
		}
	}
	return o
}

func TestRead(t *testing.T) {
	const id1, id2 = "3c90c3cc-0d44-4b50-8888-8dd25736052a", "7d1e9a54-63c2-4f0b-a1d8-52b7c0e94f13"
	const id3 = "0e83ed77-3c22-4883-8e42-cb6dec0c41a0"
	onlyA := []string{orgA + ".json " + orgA}
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  outline
	}{
		{"organizations by file name, webhooks in the file's order, not validated",
			map[string]string{orgB + ".json": list(one), orgA + ".json": list(two + "," + one)},
			outline{[]string{orgA + ".json " + orgA, orgB + ".json " + orgB}, [][]string{{id2, id1}, {id1}}, nil, nil}},
		{"other files are ignored",
			map[string]string{orgA + ".json": list(one), "README.md": "#", orgB + ".json.bak": "{"},
			outline{onlyA, [][]string{{id1}}, nil, nil}},
		{"an organization without webhooks",
			map[string]string{orgA + ".json": list("")},
			outline{onlyA, [][]string{nil}, nil, nil}},
		{"a name in upper case",
			map[string]string{"1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json": list(one)},
			outline{[]string{"1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json " + orgA}, [][]string{{id1}}, nil, nil}},
		{"one organization in two files",
			map[string]string{orgA + ".json": list(one), "1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json": list(two)},
			outline{unreadable: []string{
				orgA + ".json: the organization already has the file " + filepath.Join("DIR", "1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json"),
			}}},
		{"names that are not an organization's id in its 36 characters",
			map[string]string{orgA + ".json": list(one), "acme.json": list(two), "{" + orgB + "}.json": list(two), "b2d9a4c60e3f4e7c8a353c9d7e5f1b02.json": list(two),
				"00000000-0000-0000-0000-000000000000.json": list(one)},
			outline{unreadable: []string{
				"00000000-0000-0000-0000-000000000000.json: the file's name is not an organization's id",
				"acme.json: the file's name is not an organization's id",
				"b2d9a4c60e3f4e7c8a353c9d7e5f1b02.json: the file's name is not an organization's id",
				"{" + orgB + "}.json: the file's name is not an organization's id",
			}}},
		{"an invalid webhook does not affect the others",
			map[string]string{orgA + ".json": list(`17,` + one + `,{"id":"17","events":["",5]},null,{"created_at":"2023-11-07T05:31:56Z"},` + one + `,` + two +
				`,{"id":"` + id3 + `"},{"id":"` + id3 + `","created_at":null}`)},
			outline{onlyA, [][]string{{id1, id2, id3}}, []string{
				orgA + ".json:1: results[0]: want an object, got the number 17",
				orgA + ".json:1: results[1].id (webhook " + id1 + ") \"" + id1 + "\": duplicate of results[5]",
				orgA + ".json:1: results[2].id: want a UUID of 36 characters, got the string \"17\"; results[2].events[1]: want a string, got the number 5",
				orgA + ".json:1: results[3]: want an object, got null",
				orgA + ".json:1: results[4].id: required",
				orgA + ".json:1: results[7].id (webhook " + id3 + ") \"" + id3 + "\": duplicate of results[8]",
			}, nil}},
		{"every file that cannot be read as a whole is reported",
			map[string]string{orgA + ".json": `{"results":[`, orgB + ".json": list(one), "acme.json": list(one)},
			outline{unreadable: []string{
				orgA + ".json:1: invalid format: not JSON: unexpected end",
				"acme.json: the file's name is not an organization's id",
			}}},
		{"results are an object", map[string]string{orgA + ".json": `{"results":{}}`},
			outline{unreadable: []string{orgA + ".json: results: want a list of webhooks, got an object"}}},
		{"results are null",
			map[string]string{orgA + ".json": `{"results":null}`},
			outline{unreadable: []string{orgA + `.json: results: required: want a webhook, or {"results": […]} as the API's list call returns it`}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := folder(t, tc.files)
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			if len(entries) < len(tc.files) {
				t.Skip("the file system ignores the case of names")
			}
			require.Equal(t, tc.want, read(t, dir))
		})
	}
}

func TestReadDecodes(t *testing.T) {
	organizations, err := webhookdir.Read(folder(t, map[string]string{orgA + ".json": list(one + "," + two)}))
	require.NoError(t, err)
	require.Empty(t, organizations[0].Problems)
	require.True(t, organizations[0].Webhooks[0].Enabled, "absent is true")
	require.False(t, organizations[0].Webhooks[1].Enabled)
	require.EqualValues(t, "NEW_TYPE", organizations[0].Webhooks[1].Events[0])
}

func TestReadFileThatCannotBeOpened(t *testing.T) {
	dir := folder(t, map[string]string{orgA + ".json": list(one)})
	require.NoError(t, os.Mkdir(filepath.Join(dir, orgB+".json"), 0o700))
	require.Equal(t, outline{unreadable: []string{orgB + ".json: not a regular file"}}, read(t, dir))
}

func TestReadFolderThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	_, err := webhookdir.Read(filepath.Join(dir, "absent"))
	require.ErrorIs(t, err, fs.ErrNotExist)

	_, err = webhookdir.Read(dir)
	require.EqualError(t, err, dir+": no file <organizationId>.json in the folder")
}

func TestReportsAreFieldErrors(t *testing.T) {
	organizations, err := webhookdir.Read(folder(t, map[string]string{orgA + ".json": list(`{"id":"17","events":[5]}`)}))
	require.NoError(t, err)
	require.Len(t, webhook.FieldErrors(organizations[0].Reports()[0]), 2)
}

// The reports of many files are one short line.
func TestReadReportsInOneLine(t *testing.T) {
	files := map[string]string{}
	for i := range 3000 {
		files[fmt.Sprintf("%04d.json", i)] = "{}"
	}
	_, err := webhookdir.Read(folder(t, files))
	require.Equal(t, 10, strings.Count(err.Error(), "is not an organization's id"))
	require.ErrorContains(t, err, "; and 2990 more files")
}

func TestUndecodable(t *testing.T) {
	for webhooks, want := range map[string]int{
		"": 0, one: 0, "7": 1, "7,7": 2, `{"kind":1,"enabled":1}`: 1,
		one + "," + one: 0,
		one + "," + strings.Replace(one, "{", `{"kind":1,`, 1): 1,
		strings.Replace(one, "{", `{"kind":1,"kind":1,`, 1):    1,
	} {
		organizations, err := webhookdir.Read(folder(t, map[string]string{orgA + ".json": list(webhooks)}))
		require.NoError(t, err)
		require.Equal(t, want, organizations[0].Undecodable(), webhooks)
	}
}
