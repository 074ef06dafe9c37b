package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPairsAgainst(t *testing.T) {
	const all = `"DEPLOYMENT_STARTED", "DEPLOYMENT_CANCELLED", "DEPLOYMENT_FAILURE", "DEPLOYMENT_SUCCESSFUL"`
	allEvents := func(id int, more string) string {
		return strings.Replace(stored(id, more), `"DEPLOYMENT_FAILURE"`, all, 1)
	}
	list := func(s ...string) []string { return s }
	for _, test := range []struct {
		name                     string
		old, now                 []string
		oldProjects, nowProjects []string // nil: no files
		want                     []string
		summary                  string
	}{
		{"no change", list(stored(1, "")), list(stored(1, "")), list("shop:STAGING"), list("shop:STAGING"), nil, "1 existing pairs added 0, removed 0"},
		{"a new webhook", nil, list(stored(1, "")), nil, list("shop:STAGING:PRODUCTION", "a:STAGING"),
			list(`  added: "DEPLOYMENT_FAILURE" of existing projects: "a" in "STAGING", "shop" in "PRODUCTION", "shop" in "STAGING"`), "3 existing pairs added 3, removed 0"},
		{"a deleted webhook", list(allEvents(1, "")), nil, nil, list("shop:STAGING"),
			list(`  removed: ` + all + ` of existing projects: "shop" in "STAGING"`), "1 existing pairs added 0, removed 4"},
		{"a change that affects no existing project", list(stored(1, `, "project_names_filter": ["shop*"]`)), list(stored(1, `, "project_names_filter": ["shop-*"]`)),
			nil, list("shop-a:STAGING"), nil, "1 existing pairs added 0, removed 0"},
		{"an entry replaced", list(allEvents(1, `, "project_names_filter": ["a*"]`)), list(allEvents(1, `, "project_names_filter": ["b*"]`)), nil, list("a:STAGING", "b:STAGING", "c:STAGING"),
			list(`  added: `+all+` of existing projects: "b" in "STAGING"`, `  removed: `+all+` of existing projects: "a" in "STAGING"`), "3 existing pairs added 4, removed 4"},
		{"types that differ by project", list(allEvents(1, `, "project_names_filter": ["a*"]`)), list(stored(1, "")), nil, list("a:STAGING", "b:STAGING", "aa:STAGING"),
			list(`  added: "DEPLOYMENT_FAILURE" of existing projects: "b" in "STAGING"`,
				`  removed: "DEPLOYMENT_STARTED", "DEPLOYMENT_CANCELLED", "DEPLOYMENT_SUCCESSFUL" of existing projects: "a" in "STAGING", "aa" in "STAGING"`), "3 existing pairs added 1, removed 6"},
		{"more than five pairs", nil, list(stored(1, "")), nil, list("a:STAGING", "b:STAGING", "c:STAGING", "d:STAGING", "e:STAGING", "f:STAGING", "g:STAGING"),
			list(`  added: "DEPLOYMENT_FAILURE" of existing projects: "a" in "STAGING", "b" in "STAGING", "c" in "STAGING", "d" in "STAGING", "e" in "STAGING", and 2 more`), "7 existing pairs added 7, removed 0"},
		{"a project that only the old folder has", list(stored(1, "")), nil, list("old:STAGING", "shop:STAGING"), list("shop:STAGING"),
			list(`  removed: "DEPLOYMENT_FAILURE" of existing projects: "old" in "STAGING", "shop" in "STAGING"`), "2 existing pairs added 0, removed 2"},
		{"files in the old folder only", nil, list(stored(1, "")), list("shop:STAGING"), nil,
			list(`  added: "DEPLOYMENT_FAILURE" of existing projects: "shop" in "STAGING"`), "1 existing pairs added 1, removed 0"},
		{"another id and the same description", list(stored(1, `, "description": "ops"`)), list(stored(2, `, "description": "ops", "project_names_filter": ["a*"]`)), nil, list("a:STAGING", "b:STAGING"),
			list(`  removed: "DEPLOYMENT_FAILURE" of existing projects: "b" in "STAGING"`), "2 existing pairs added 0, removed 1"},
		{"a webhook that has become invalid", list(stored(1, "")), list(stored(1, `, "project_names_filter": [""]`)), nil, list("shop:STAGING"),
			list(`  removed: "DEPLOYMENT_FAILURE" of existing projects: "shop" in "STAGING"`), "1 existing pairs added 0, removed 1"},
		{"an undocumented type", list(stored(1, "")), list(strings.Replace(stored(1, ""), "FAILURE", "PAUSED", 1)), nil, list("shop:STAGING"),
			list(`  removed: "DEPLOYMENT_FAILURE" of existing projects: "shop" in "STAGING"`), "1 existing pairs added 0, removed 1"},
		{"no projects", nil, list(stored(1, "")), nil, []string{}, nil, "0 existing pairs added 0, removed 0"},
		{"no files", nil, list(stored(1, "")), nil, nil, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, now := folder(t, test.old...), folder(t, test.now...)
			if test.oldProjects != nil {
				withProjects(t, old, test.oldProjects...)
			}
			if test.nowProjects != nil {
				withProjects(t, now, test.nowProjects...)
			}
			status, stdout, stderr := hooktest("-webhooks", now, "-against", old)
			require.Zero(t, status)
			require.Empty(t, stderr)
			var got []string
			for line := range strings.SplitSeq(stdout, "\n") {
				if strings.Contains(line, "of existing projects") {
					got = append(got, line)
				}
			}
			require.Equal(t, test.want, got)
			if test.summary == "" {
				require.NotContains(t, stdout, "existing")
				return
			}
			require.Contains(t, "\n"+stdout, "\ndeliveries of "+test.summary+", against "+old+"\n")
		})
	}
}

// -fail-on diff counts the deliveries of existing pairs, with and without a file of expectations.
func TestFailOnDiffOfPairs(t *testing.T) {
	now, old := folder(t, stored(1, "")), folder(t)
	expect := filepath.Join(t.TempDir(), "expect.txt")
	require.NoError(t, os.WriteFile(expect, []byte(`{"organization_id": "`+organizationID+`", "events": [
		{"event_type": "DEPLOYMENT_STARTED", "project_name": "a", "environment_mode": "STAGING", "must_fire": []}]}`), 0o600))
	run := func(args ...string) (status int, stderr string) {
		status, _, stderr = hooktest(append([]string{"-webhooks", now, "-against", old, "-fail-on", "diff"}, args...)...)
		return status, stderr
	}
	status, stderr := run()
	require.Equal(t, 2, status)
	require.Contains(t, stderr, "-fail-on diff requires a file of expectations, or projects and environments: "+now+": no organization has both ")
	status, stderr = run(expect)
	require.Zero(t, status, stderr)

	withProjects(t, now, "shop:STAGING")
	for _, args := range [][]string{nil, {expect}} {
		status, stderr = run(args...)
		require.Equal(t, 1, status)
		require.Empty(t, stderr)
	}
	withProjects(t, now, "shop")
	status, _ = run()
	require.Zero(t, status, "a project without an environment has no events")

	// Only the present folder, or only the old one, has the organizations with projects.
	for _, dirs := range [][2]string{{"testdata/webhooks", "../../testdata/webhooks"}, {"../../testdata/webhooks", "testdata/webhooks"}} {
		status, stdout, _ := hooktest("-webhooks", dirs[0], "-against", dirs[1])
		require.Zero(t, status)
		require.Regexp(t, `\ndeliveries of 80 existing pairs added (0, removed 334|334, removed 0), against `, stdout)
	}
}
