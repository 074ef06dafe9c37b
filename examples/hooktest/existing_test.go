package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/lint"
)

const organizationID = "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21"

// withProjects writes to dir the projects and environments of the organization that the function
// folder writes. Each project is its name and, after colons, the modes of its environments.
// withProjects returns dir.
func withProjects(t *testing.T, dir string, projects ...string) string {
	t.Helper()
	reference := map[string]string{"id": organizationID}
	var names, environments []any
	for i, project := range projects {
		name, modes, _ := strings.Cut(project, ":")
		id := uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i))
		names = append(names, map[string]any{"id": id, "name": name, "organization": reference})
		for mode := range strings.SplitSeq(modes, ":") {
			if mode != "" {
				environments = append(environments, map[string]any{"id": uuid.NewSHA1(id, []byte(mode)), "name": "e", "mode": mode,
					"project": map[string]any{"id": id}, "organization": reference})
			}
		}
	}
	for kind, list := range map[string][]any{"projects": names, "environments": environments} {
		text, err := json.Marshal(map[string]any{"results": list})
		require.NoError(t, err)
		if list == nil {
			text = []byte("[]")
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, organizationID+"."+kind+".json"), text, 0o600))
	}
	return dir
}

func TestNoProject(t *testing.T) {
	names := func(entries ...string) string {
		text, err := json.Marshal(entries)
		require.NoError(t, err)
		return `, "project_names_filter": ` + string(text)
	}
	finding := func(i int, entry, suggestion string) string {
		return fmt.Sprintf("00000001-0000-4000-8000-000000000000: project_names_filter[%d] %q: matches no project of the organization%s (no-project)", i, entry, suggestion)
	}
	idOfSecond := uuid.NewSHA1(uuid.Nil, []byte("1")).String()
	for _, test := range []struct {
		name     string
		webhook  string // its further members
		projects []string
		want     []string
	}{
		{"no names filter", "", []string{"shop"}, nil},
		{"a name", names("shop"), []string{"shop"}, nil},
		{"a name in another case", names("SHOP"), []string{"shop"}, nil},
		{"a wildcard", names("sh*"), []string{"billing", "shop"}, nil},
		{"a typo", names("shop", "checkuot"), []string{"shop:PRODUCTION", "checkout:PRODUCTION"}, []string{finding(1, "checkuot", `, did you mean "checkout"?`)}},
		{"a typo before a wildcard", names("chekout*"), []string{"checkout"}, []string{finding(0, "chekout*", `, did you mean "checkout"?`)}},
		{"typos before and after wildcards", names("chekout-*", "*-checkuot", "?-chek*"), []string{"checkout-api", "mobile-checkout", "a-checkout"}, []string{
			finding(0, "chekout-*", `, did you mean "checkout-api"?`), finding(1, "*-checkuot", `, did you mean "a-checkout"?`), finding(2, "?-chek*", `, did you mean "a-checkout"?`)}},
		{"only wildcards and one character", names("*z*", "?z"), []string{"shop"}, []string{finding(0, "*z*", ""), finding(1, "?z", "")}},
		{"a renamed project", names("storefront", "SHOP"), []string{"store-front-v2", "web-shop"},
			[]string{finding(0, "storefront", `, did you mean "store-front-v2"?`), finding(1, "SHOP", `, did you mean "web-shop"?`)}},
		{"no similar name", names("storefront"), []string{"web-shop"}, []string{finding(0, "storefront", "")}},
		{"the nearest of several names", names("shop-a"), []string{"shops", "shop-ab", "shop"}, []string{finding(0, "shop-a", `, did you mean "shop-ab"?`)}},
		{"the id of a project", names(idOfSecond), []string{"billing", "shop"}, []string{finding(0, idOfSecond, `, did you mean "shop"?`)}},
		{"an entry twice", names("shpo", "shpo"), []string{"shop"}, []string{finding(0, "shpo", `, did you mean "shop"?`), finding(1, "shpo", `, did you mean "shop"?`)}},
		{"no project at all", names("shop"), nil, []string{finding(0, "shop", "")}},
		{"a disabled webhook", names("shopp") + `, "enabled": false`, []string{"shop"}, []string{finding(0, "shopp", `, did you mean "shop"?`)}},
		{"an invalid webhook", names("shpo", ""), []string{"shop"}, nil},
		{"a mode in which the project has no environment", names("shop") + `, "environment_types_filter": ["STAGING"]`, []string{"shop:PRODUCTION"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := withProjects(t, folder(t, stored(1, test.webhook)), test.projects...)
			status, stdout, stderr := hooktest("-webhooks", dir, "-fail-on", "no-project")
			require.Empty(t, stderr)
			require.Equal(t, test.want, linesWith(stdout, "(no-project)"))
			require.Equal(t, map[bool]int{true: 1}[test.want != nil], status)
			require.NotContains(t, stdout, "(unheard)")

			status, _, _ = hooktest("-webhooks", dir, "-fail-on", "no-project", "-allow", "no-project")
			require.Zero(t, status)
		})
	}
}

// linesWith returns the lines that end in suffix, without their files and positions.
func linesWith(stdout, suffix string) (lines []string) {
	for line := range strings.SplitSeq(stdout, "\n") {
		if strings.HasSuffix(line, suffix) {
			_, line, _ = strings.Cut(line, organizationFile)
			lines = append(lines, regexp.MustCompile(`^:\d+:\d+: `).ReplaceAllString(line, ""))
		}
	}
	return lines
}

func TestUnheard(t *testing.T) {
	finding := func(name, mode string) string {
		return fmt.Sprintf("project_name %q: failures in %q fire no webhook (unheard)", name, mode)
	}
	var thirty []string
	for i := range 15 {
		thirty = append(thirty, fmt.Sprintf("p%02d:STAGING:PRODUCTION", i))
	}
	for _, test := range []struct {
		name     string
		webhooks []string
		projects []string
		want     []string
	}{
		{"a webhook for all", []string{stored(1, "")}, []string{"shop:PRODUCTION:STAGING"}, nil},
		{"no webhook", nil, []string{"shop:STAGING:PRODUCTION", "billing:PRODUCTION"},
			[]string{finding("billing", "PRODUCTION"), finding("shop", "PRODUCTION"), finding("shop", "STAGING")}},
		{"a webhook for a mode", []string{stored(1, `, "environment_types_filter": ["PRODUCTION"]`)}, []string{"shop:STAGING:PRODUCTION"}, []string{finding("shop", "STAGING")}},
		{"a webhook for a project", []string{stored(1, `, "project_names_filter": ["sh*"]`)}, []string{"shop:STAGING", "billing:STAGING"}, []string{finding("billing", "STAGING")}},
		{"a webhook for other events", []string{strings.Replace(stored(1, ""), "FAILURE", "STARTED", 1)}, []string{"shop:STAGING"}, []string{finding("shop", "STAGING")}},
		{"a disabled webhook", []string{stored(1, `, "enabled": false`)}, []string{"shop:STAGING"}, []string{finding("shop", "STAGING")}},
		{"an invalid webhook", []string{stored(1, `, "project_names_filter": [""]`)}, []string{"shop:STAGING"}, []string{finding("shop", "STAGING")}},
		{"a request", []string{`{"description": "new", "kind": "STANDARD", "target_url": "https://a.example", "events": ["DEPLOYMENT_FAILURE"]}`}, []string{"shop:STAGING"}, nil},
		{"a project without environments", nil, []string{"shop"}, nil},
		{"an undocumented mode", []string{stored(1, `, "environment_types_filter": ["STAGING"]`)}, []string{"shop:SANDBOX:STAGING"}, []string{finding("shop", "SANDBOX")}},
		{"ten pairs", nil, thirty[:5], []string{
			finding("p00", "PRODUCTION"), finding("p00", "STAGING"), finding("p01", "PRODUCTION"), finding("p01", "STAGING"), finding("p02", "PRODUCTION"),
			finding("p02", "STAGING"), finding("p03", "PRODUCTION"), finding("p03", "STAGING"), finding("p04", "PRODUCTION"), finding("p04", "STAGING")}},
		{"eleven pairs", nil, append([]string{"p:STAGING"}, thirty[:5]...), []string{
			finding("p", "STAGING"), finding("p00", "PRODUCTION"), finding("p00", "STAGING"), finding("p01", "PRODUCTION"), finding("p01", "STAGING"), finding("p02", "PRODUCTION"),
			finding("p02", "STAGING"), finding("p03", "PRODUCTION"), finding("p03", "STAGING"), finding("p04", "PRODUCTION"), "and 1 more (unheard)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := withProjects(t, folder(t, test.webhooks...), test.projects...)
			status, stdout, stderr := hooktest("-webhooks", dir, "-fail-on", "unheard")
			require.Empty(t, stderr)
			require.Equal(t, test.want, linesWith(stdout, "(unheard)"))
			require.Equal(t, map[bool]int{true: 1}[test.want != nil], status)
		})
	}

	// The JSON form has all findings.
	dir := withProjects(t, folder(t), thirty...)
	_, stdout, _ := hooktest("-webhooks", dir, "-fail-on", "unheard", "-json")
	require.Equal(t, 30, strings.Count(stdout, `"code": "unheard"`))
	require.Contains(t, stdout, `"value": "p14",
      "message": "failures in \"STAGING\" fire no webhook",
      "environment_mode": "STAGING"`)
	require.Contains(t, stdout, `"pairs": 30,`)
	status, stdout, _ := hooktest("-webhooks", dir, "-fail-on", "unheard")
	require.Contains(t, stdout, ":1:1: and 20 more (unheard)\nfindings 30\nfails on unheard\n")
	require.Equal(t, 1, status)
	status, stdout, _ = hooktest("-webhooks", dir, "-fail-on", "unheard", "-allow", "unheard")
	require.Contains(t, stdout, "(unheard), allowed\n")
	require.Contains(t, stdout, ":1:1: and 20 more (unheard)\nfindings 30\nallowed 30\n")
	require.Zero(t, status)
}

func TestLeftOut(t *testing.T) {
	var findings []finding
	add := func(n int, organization uuid.UUID, code lint.Code) {
		for range n {
			f := finding{subject: subject{OrganizationID: organization}}
			f.Code = code
			findings = append(findings, f)
		}
	}
	add(12, uuid.Max, lint.NoEvents)
	add(9, uuid.Max, unheard)
	add(13, uuid.Nil, unheard)
	add(5, uuid.Nil, noProject)
	add(12, uuid.Max, unheard)
	// The key is the index of the tenth finding of an organization with the code unheard, and the value is
	// the number of findings that are left out after it.
	want := map[int]int{12 + 9 + 9: 3, 12 + 9 + 13 + 5 + 9: 2}
	got := make(map[int]int)
	for i := 0; i < len(findings); i++ {
		if n := leftOut(findings, i); n > 0 {
			got[i] = n
			i += n
		}
	}
	require.Equal(t, want, got)
}

// Projects and environments that are missing, incomplete or invalid.
func TestFilesOfProjects(t *testing.T) {
	const projects, environments = organizationID + ".projects.json", organizationID + ".environments.json"
	const noFile = ": no such file: the organization's pairs of project and mode are not known\n"
	const noPairs = "DIR: no organization has both <organizationId>.projects.json and <organizationId>.environments.json: "
	read := func(dir, name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return string(text)
	}
	complete := withProjects(t, t.TempDir(), "shop:STAGING")
	both := map[string]string{projects: read(complete, projects), environments: read(complete, environments)}
	for _, test := range []struct {
		name   string
		files  map[string]string
		args   []string
		status int
		stdout string // contained
		stderr string // its beginning
	}{
		{"no files, -lint", nil, []string{"-lint"}, 0, "findings 0\n", ""},
		{"no files, -fail-on unheard", nil, []string{"-fail-on", "unheard"}, 2, "", "DIR/" + projects + " and DIR/" + environments + noFile + "-fail-on unheard requires projects and environments: " + noPairs},
		{"no files, -fail-on lint,no-project", nil, []string{"-fail-on", "lint,no-project"}, 2, "", "DIR/" + projects + " and DIR/" + environments + noFile + "-fail-on no-project requires projects and environments: " + noPairs},
		{"projects only, -lint", map[string]string{projects: both[projects]}, []string{"-lint"}, 1, "findings 0\n", "DIR/" + environments + noFile},
		{"environments only, -lint", map[string]string{environments: both[environments]}, []string{"-lint"}, 1, "findings 0\n", "DIR/" + projects + noFile},
		{"projects only, -fail-on unheard", map[string]string{projects: both[projects]}, []string{"-fail-on", "unheard"}, 2, "", "DIR/" + environments + noFile + "-fail-on unheard requires projects and environments: " + noPairs},
		{"both files, -lint", both, []string{"-lint"}, 0, "(unheard)\nfindings 1\n", ""},
		{"both files, -fail-on lint", both, []string{"-fail-on", "lint"}, 0, "(unheard)\nfindings 1\n", ""},
		{"both files, -fail-on invalid", both, []string{"-fail-on", "invalid"}, 0, "", ""},
		{"an environment of an unknown project", map[string]string{projects: "[]", environments: both[environments]}, []string{"-lint"}, 1, "findings 0\n",
			"DIR/" + environments + ":1: environment "},
		{"projects that are not JSON", map[string]string{projects: "[7,\n" + strings.TrimPrefix(both[projects], `{"results":[`), environments: both[environments]}, []string{"-lint"}, 2, "",
			"DIR/" + projects + ":2: not JSON: "},
		{"an invalid element, -lint", map[string]string{projects: strings.Replace(both[projects], "[", "[7,\n", 1), environments: both[environments]}, []string{"-lint"}, 1, "(unheard)\nfindings 1\n",
			"DIR/" + projects + ":1: results[0]: want an object, got the number 7\n"},
		{"an invalid element, -fail-on no-project", map[string]string{projects: strings.Replace(both[projects], "[", "[7,\n", 1), environments: both[environments]}, []string{"-fail-on", "no-project"}, 1,
			"invalid or missing projects and environments: reports 1\n", "DIR/" + projects + ":1: "},
		{"an invalid element, -fail-on diff", map[string]string{projects: strings.Replace(both[projects], "[", "[7,\n", 1), environments: both[environments]}, []string{"-against", "DIR", "-fail-on", "diff"}, 1,
			"invalid or missing projects and environments: reports 2\n", "DIR/" + projects + ":1: "},
		{"an invalid element, -lint and -against", map[string]string{projects: strings.Replace(both[projects], "[", "[7,\n", 1), environments: both[environments]}, []string{"-against", "DIR", "-lint"}, 1,
			"invalid or missing projects and environments: reports 1\n", "DIR/" + projects + ":1: "},
		{"an invalid element, -fail-on change", map[string]string{projects: strings.Replace(both[projects], "[", "[7,\n", 1), environments: both[environments]}, []string{"-against", "DIR", "-fail-on", "change"}, 0,
			"removed 0, against DIR\nwebhooks changed 0", "DIR/" + projects + ":1: "},
		{"projects only, -lint -json", map[string]string{projects: both[projects]}, []string{"-lint", "-json"}, 1, "\n    \"incomplete\": 1,\n", "DIR/" + environments + noFile},
		{"projects only with -lint -github", map[string]string{projects: both[projects]}, []string{"-lint", "-github"}, 1,
			"\n::error file=DIR,title=hooktest%3A projects::DIR/" + environments + noFile, "DIR/" + environments + noFile},
		{"an invalid file that -fail-on invalid does not read", map[string]string{projects: "?"}, []string{"-fail-on", "invalid"}, 0, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := folder(t, stored(1, `, "environment_types_filter": ["PRODUCTION"]`))
			for name, text := range test.files {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
			}
			args := []string{"-webhooks", dir}
			for _, arg := range test.args {
				args = append(args, strings.ReplaceAll(arg, "DIR", dir))
			}
			status, stdout, stderr := hooktest(args...)
			require.Equal(t, test.status, status, stderr)
			stdout, stderr = strings.ReplaceAll(stdout, dir, "DIR"), portable(strings.ReplaceAll(stderr, dir, "DIR"))
			if test.stderr == "" {
				require.Empty(t, stderr)
			}
			require.True(t, strings.HasPrefix(stderr, test.stderr), "%s\nwant %s", stderr, test.stderr)
			if test.stdout == "" {
				require.Empty(t, stdout)
			}
			require.Contains(t, stdout, test.stdout)
		})
	}
}
