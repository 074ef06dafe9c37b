package webhookdir_test

import (
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

// list is the list call's answer.
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

// outline is what of a read folder the tests look at, paths without the folder.
type outline struct {
	organizations []string   // file and organization
	webhooks      [][]string // ids by organization
	faults        []string
}

func read(t *testing.T, dir string) outline {
	t.Helper()
	organizations, faults, err := webhookdir.Read(dir)
	require.NoError(t, err)
	var o outline
	relative := func(s string) string {
		require.True(t, len(s) > len(dir) && s[:len(dir)] == dir, "%s is in %s", s, dir)
		return s[len(dir)+1:]
	}
	for _, organization := range organizations {
		o.organizations = append(o.organizations, relative(organization.File)+" "+organization.ID.String())
		var ids []string
		for _, w := range organization.Webhooks {
			ids = append(ids, w.ID.String())
		}
		o.webhooks = append(o.webhooks, ids)
	}
	for _, fault := range faults {
		o.faults = append(o.faults, strings.ReplaceAll(relative(fault.Error()), dir, "DIR"))
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
			outline{[]string{orgA + ".json " + orgA, orgB + ".json " + orgB}, [][]string{{id2, id1}, {id1}}, nil}},
		{"other files are nobody's business",
			map[string]string{orgA + ".json": list(one), "README.md": "#", orgB + ".json.bak": "{"},
			outline{onlyA, [][]string{{id1}}, nil}},
		{"an organization without webhooks",
			map[string]string{orgA + ".json": list("")},
			outline{onlyA, [][]string{nil}, nil}},
		{"a name in upper case",
			map[string]string{"1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json": list(one)},
			outline{[]string{"1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json " + orgA}, [][]string{{id1}}, nil}},
		{"one organization in two files: the first stands",
			map[string]string{orgA + ".json": list(one), "1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json": list(two)},
			outline{
				[]string{"1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json " + orgA}, [][]string{{id2}},
				[]string{orgA + ".json: the organization is in DIR/1F0C7D8A-5B0E-4C51-9B57-6A1F4F1D2A01.json already"},
			}},
		{"names that are not an id in its 36 characters",
			map[string]string{orgA + ".json": list(one), "acme.json": list(two), "{" + orgB + "}.json": list(two), "b2d9a4c60e3f4e7c8a353c9d7e5f1b02.json": list(two)},
			outline{onlyA, [][]string{{id1}}, []string{
				"acme.json: the file's name is not an organization's id",
				"b2d9a4c60e3f4e7c8a353c9d7e5f1b02.json: the file's name is not an organization's id",
				"{" + orgB + "}.json: the file's name is not an organization's id",
			}}},
		{"a bad webhook does not cost the others",
			map[string]string{orgA + ".json": list(`17,` + one + `,{"id":"17","events":["",5]},null,{"created_at":"2023-11-07T05:31:56Z"},` + one + `,` + two +
				`,{"id":"` + id3 + `"},{"id":"` + id3 + `","created_at":null}`)},
			outline{onlyA, [][]string{{id1, id2}}, []string{
				orgA + ".json: results[0]: want an object, got the number 17",
				orgA + ".json: results[2].id: want a UUID of 36 characters, got the string \"17\"; results[2].events[1]: want a string, got the number 5",
				orgA + ".json: results[3]: want an object, got null",
				orgA + ".json: results[4].id: required",
				orgA + ".json: results[5].id (webhook " + id1 + ") \"" + id1 + "\": duplicate of results[1]",
				orgA + ".json: results[7].created_at (webhook " + id3 + "): required",
				orgA + ".json: results[8].created_at (webhook " + id3 + "): required",
			}}},
		{"a bad file does not cost the others",
			map[string]string{orgA + ".json": `{"results":[`, orgB + ".json": list(one)},
			outline{[]string{orgA + ".json " + orgA, orgB + ".json " + orgB}, [][]string{nil, {id1}},
				[]string{orgA + ".json: invalid format: line 1, column 12: unexpected end of JSON input"}}},
		{"results are a webhook", map[string]string{orgA + ".json": `{"results":{}}`},
			outline{onlyA, [][]string{nil}, []string{orgA + ".json: results: want a list of webhooks, got an object"}}},
		{"a single webhook is not a list answer",
			map[string]string{orgA + ".json": one},
			outline{onlyA, [][]string{nil}, []string{orgA + ".json: results: required"}}},
		{"results are null",
			map[string]string{orgA + ".json": `{"results":null}`},
			outline{onlyA, [][]string{nil}, []string{orgA + ".json: results: required"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := read(t, folder(t, tc.files))
			require.Equal(t, tc.want.organizations, got.organizations)
			require.Equal(t, tc.want.webhooks, got.webhooks)
			require.Equal(t, tc.want.faults, got.faults)
		})
	}
}

func TestReadDecodes(t *testing.T) {
	organizations, faults, err := webhookdir.Read(folder(t, map[string]string{orgA + ".json": list(one + "," + two)}))
	require.NoError(t, err)
	require.Empty(t, faults)
	require.True(t, organizations[0].Webhooks[0].Enabled, "absent is true")
	require.False(t, organizations[0].Webhooks[1].Enabled)
	require.EqualValues(t, "NEW_TYPE", organizations[0].Webhooks[1].Events[0])
}

func TestReadFileThatCannotBeRead(t *testing.T) {
	dir := folder(t, map[string]string{orgA + ".json": list(one)})
	require.NoError(t, os.Mkdir(filepath.Join(dir, orgB+".json"), 0o700))
	o := read(t, dir)
	require.Equal(t, []string{orgB + ".json: is a directory"}, o.faults)
	require.Len(t, o.webhooks[0], 1)
}

func TestReadFolderThatIsUnusable(t *testing.T) {
	dir := t.TempDir()
	_, _, err := webhookdir.Read(filepath.Join(dir, "absent"))
	require.ErrorIs(t, err, fs.ErrNotExist)

	_, _, err = webhookdir.Read(dir)
	require.EqualError(t, err, dir+": no file <organizationId>.json in it")

	// A folder of files that are all no good was the right folder.
	_, faults, err := webhookdir.Read(folder(t, map[string]string{"acme.json": list(one)}))
	require.NoError(t, err)
	require.Len(t, faults, 1)
}

// What is unusable is a file, not one whose webhooks are all no good.
func TestUnusable(t *testing.T) {
	for content, want := range map[string]bool{
		list(one):          false,
		list("17"):         false,
		list(""):           false,
		"":                 true,
		"[]":               true,
		`{"results":17}`:   true,
		"\x1f\x8b\x08\x00": true,
	} {
		organizations, _, err := webhookdir.Read(folder(t, map[string]string{orgA + ".json": content}))
		require.NoError(t, err)
		require.Equal(t, want, organizations[0].Unusable, "%q", content)
	}
}

// A fault can be looked into.
func TestFaultsAreFieldErrors(t *testing.T) {
	_, faults, err := webhookdir.Read(folder(t, map[string]string{orgA + ".json": list(`{"id":"17","events":[5]}`)}))
	require.NoError(t, err)
	require.Len(t, webhook.FieldErrors(faults[0]), 2)
}
