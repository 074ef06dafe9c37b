package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const organizationFile = "5a0a3c9e-7d42-4b8f-9e0d-6f0b9a7c1e21.json"

// folder returns a folder with one organization and its webhooks, each given as JSON. There may be
// none.
func folder(t *testing.T, webhooks ...string) string {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf(`{"results": [%s]}`, strings.Join(webhooks, ","))
	require.NoError(t, os.WriteFile(filepath.Join(dir, organizationFile), []byte(text), 0o600))
	return dir
}

// stored returns a webhook as JSON that fires for failures, with more members.
func stored(id int, more string) string {
	return fmt.Sprintf(`{"id": "%08d-0000-4000-8000-000000000000", "created_at": "2026-01-01T00:00:00Z", "events": ["DEPLOYMENT_FAILURE"]%s}`, id, more)
}

// -against reports each webhook that fires for other events than before, without a file of
// expectations.
func TestChanges(t *testing.T) {
	const failure = `"DEPLOYMENT_FAILURE"`
	list := func(webhooks ...string) []string { return webhooks }
	window := "*a" + strings.Repeat("?", 40) + "b"
	for _, test := range []struct {
		name     string
		old, now []string
		want     []string // the lines about changes, shortened
	}{
		{"no change", list(stored(1, "")), list(stored(1, "")), nil},
		{"a list in another order and case", list(stored(1, `, "project_names_filter": ["a*", "B"]`)), list(stored(1, `, "project_names_filter": ["b", "A*", "a?"]`)), nil},
		{"another description and target", list(stored(1, `, "description": "a", "target_url": "https://a.example"`)), list(stored(1, `, "description": "b", "target_url": "https://b.example"`)), nil},
		{"a widened entry", list(stored(1, `, "project_names_filter": ["prod-*"]`)), list(stored(1, `, "project_names_filter": ["prod*"]`)),
			list("00000001", "added: for example "+failure+` of "prod" in "DEVELOPMENT"`)},
		{"a removed mode", list(stored(1, `, "environment_types_filter": ["STAGING", "PRODUCTION"]`)), list(stored(1, `, "environment_types_filter": ["STAGING"]`)),
			list("00000001", "removed: for example "+failure+` of "a" in "PRODUCTION"`)},
		{"every documented mode, then an empty list", list(stored(1, `, "environment_types_filter": ["DEVELOPMENT", "STAGING", "PREVIEW", "PRODUCTION"]`)), list(stored(1, `, "environment_types_filter": []`)),
			list("00000001", "added: for example "+failure+` of "a" in "OTHER"`)},
		{"an entry replaced", list(stored(1, `, "project_names_filter": ["[PR]*"]`)), list(stored(1, `, "project_names_filter": ["PR*"]`)),
			list("00000001", "added: for example "+failure+` of "pr" in "DEVELOPMENT"`, "removed: for example "+failure+` of "[pr]" in "DEVELOPMENT"`)},
		{"a dropped webhook", list(stored(1, ""), stored(2, `, "project_names_filter": ["shop"]`)), list(stored(1, "")),
			list("00000002", "removed: for example "+failure+` of "shop" in "DEVELOPMENT": no longer exists`)},
		{"a dropped webhook that never fires", list(stored(1, ""), stored(2, `, "enabled": false`)), list(stored(1, "")), nil},
		{"a new webhook", nil, list(stored(1, "")),
			list("00000001", "added: for example "+failure+` of "a" in "DEVELOPMENT"`)},
		{"a disabled webhook", list(stored(1, "")), list(stored(1, `, "enabled": false`)),
			list("00000001", "removed: for example "+failure+` of "a" in "DEVELOPMENT": not enabled`)},
		{"an entry that has become invalid", list(stored(1, `, "project_names_filter": ["a"]`)), list(stored(1, `, "project_names_filter": ["a", ""]`)),
			list("00000001", "removed: for example "+failure+` of "a" in "DEVELOPMENT": invalid`, "00000001-0000-4000-8000-000000000000: project_names_filter[1]: empty (invalid)")},
		{"another id and the same description", list(stored(1, `, "description": "ops"`)), list(stored(2, `, "description": "ops", "project_names_filter": ["?*", "*"]`)), nil},
		{"another id and the same description, with a change", list(stored(1, `, "description": "ops"`)), list(stored(2, `, "description": "ops", "project_names_filter": ["??*"]`)),
			list("00000002", "removed: for example "+failure+` of "a" in "DEVELOPMENT"`)},
		{"a description that two old webhooks have", list(stored(1, `, "description": "ops"`), stored(3, `, "description": "ops"`)), list(stored(2, `, "description": "ops"`)),
			list("00000002", "added", "00000001", "removed", "00000003", "removed")},
		{"a description that two present webhooks have", list(stored(1, `, "description": "ops"`)), list(stored(2, `, "description": "ops"`), stored(3, `, "description": "ops"`)),
			list("00000002", "added", "00000003", "added", "00000001", "removed")},
		{"no description", list(stored(1, "")), list(stored(2, "")), list("00000002", "added", "00000001", "removed")},
		{"an id that moved to another description", list(stored(1, `, "description": "ops"`), stored(2, `, "description": "dev", "enabled": false`)),
			list(stored(2, `, "description": "ops"`)), list("00000002", "added", "00000001", "removed")},
		{"too complex", list(stored(1, `, "project_names_filter": ["`+window+`*"]`)), list(stored(1, `, "project_names_filter": ["`+window+`", "`+window+`?*"]`)),
			list("00000001", "not compared: too complex to decide")},
	} {
		t.Run(test.name, func(t *testing.T) {
			old, now := folder(t, test.old...), folder(t, test.now...)
			status, stdout, stderr := hooktest("-webhooks", now, "-against", old, "-fail-on", "change")
			require.Empty(t, stderr)
			lines := strings.Split(withoutPositions(stdout), "\n")
			changed := 0
			for i, want := range test.want {
				if len(want) == len("00000001") { // the heading of a changed webhook
					changed++
				}
				if strings.HasPrefix(want, "0") {
					want = filepath.Join(now, organizationFile) + ": " + want
				} else {
					want = "  " + want
				}
				require.Less(t, i, len(lines))
				require.True(t, strings.HasPrefix(lines[i], want), "%s\nwant %s", stdout, want)
			}
			require.Equal(t, fmt.Sprintf("webhooks changed %d, against %s", changed, old), lines[len(test.want)], stdout)
			if changed > 0 {
				require.Equal(t, 1, status)
				require.Contains(t, stdout, "fails on change\n")
			} else {
				require.Zero(t, status)
			}
		})
	}
}

// For the events in a file of expectations, -against pairs present and old webhooks by the same rule as
// in TestChanges: by id, or else by a description that is unique in both folders.
func TestDiffOfEvents(t *testing.T) {
	const ops = `, "description": "ops"`
	request := `{"description": "ops", "kind": "STANDARD", "target_url": "https://a.example", "events": ["DEPLOYMENT_FAILURE"]`
	list := func(webhooks ...string) []string { return webhooks }
	expect := filepath.Join(t.TempDir(), "expect.json")
	require.NoError(t, os.WriteFile(expect, []byte(`{"organization_id": "`+organizationID+`", "events": [
		{"event_type": "DEPLOYMENT_FAILURE", "project_name": "shop", "environment_mode": "STAGING", "must_not_fire": []}]}`), 0o600))
	for _, test := range []struct {
		name     string
		old, now []string
		want     []string
	}{
		{"another id", list(stored(1, ops)), list(stored(2, ops)), nil},
		{"a request", list(stored(1, ops)), list(request + "}"), nil},
		{"a request with a change", list(stored(1, ops)), list(request + `, "enabled": false}`), list(`removed: [-0-9a-f]{36} "ops" \(not created yet\): not enabled; before: events\[0\]`)},
		{"another id with an added delivery", list(stored(1, ops+`, "enabled": false`)), list(stored(2, ops)), list("added: 00000002-.*")},
		{"a description that two old webhooks have", list(stored(1, ops), stored(3, ops)), list(stored(2, ops)),
			list("added: 00000002-.*", "removed: 00000001-.*: no longer exists; before: .*", "removed: 00000003-.*: no longer exists; before: .*")},
		{"no description", list(stored(1, "")), list(stored(2, "")), list("added: 00000002-.*", "removed: 00000001-.*")},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := hooktest("-webhooks", folder(t, test.now...), "-against", folder(t, test.old...), "-fail-on", "diff", expect)
			require.Empty(t, stderr)
			var got []string
			for line := range strings.Lines(stdout) {
				if regexp.MustCompile(`^  (added|removed): [-0-9a-f]{36}`).MatchString(line) {
					got = append(got, line)
				}
			}
			require.Len(t, got, len(test.want), stdout)
			for i, want := range test.want {
				require.Regexp(t, "^  "+want, got[i])
			}
			require.Equal(t, map[bool]int{true: 1}[test.want != nil], status)
		})
	}
}
