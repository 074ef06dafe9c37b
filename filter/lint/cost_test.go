package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/filter/lint"
)

// Check reports where it stops comparing, and keeps its earlier findings.
func TestLintStopsComparing(t *testing.T) {
	run := strings.Repeat("a", 333)
	for _, test := range []struct {
		name, format string
		entries      int
	}{
		{"many possible places of a part", "*" + run + "%c*" + run + run + "?", 60},
		{"many characters to skip", strings.Repeat("?", 1000) + "*%c", 600},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries := []string{"product-*", "product*", "product*"}
			for i := range test.entries {
				entries = append(entries, fmt.Sprintf(test.format, '一'+i))
			}
			entries = append(entries, "billing-*", "billing*")

			findings := checkNames(entries...)
			require.Len(t, findings, 3)
			require.Equal(t, shadowFinding(0, "product-*", 1, "product*"), findings[0])
			require.Equal(t, repeatFinding("project_names_filter", 2, "product*", 1), findings[1])
			require.Equal(t, lint.NotCompared, findings[2].Code)
			var at int
			_, err := fmt.Sscanf(findings[2].Field, "project_names_filter[%d]", &at)
			require.NoError(t, err)
			require.Greater(t, at, 3)
			require.Less(t, at, len(entries)-2)
			require.Equal(t, entries[at], findings[2].Value)
		})
	}
}

// Check compares 1,000 entries of 10 characters, even if a part of each entry nearly matches
// at many places of the others.
func TestLintComparesThousandEntries(t *testing.T) {
	entries := make([]string, 1000)
	for i := range entries {
		entries[i] = fmt.Sprintf("*aaaa%c*aaa", '一'+i)
	}
	require.Nil(t, checkNames(entries...))
}

// Check compares lists of more than 1,000 entries if they are easy to compare.
func TestLintComparesLongLists(t *testing.T) {
	var entries []string
	for i := range 750 {
		entries = append(entries, fmt.Sprintf("*-team-%d-*", i), fmt.Sprintf("team-%d-?", i))
	}
	entries = append(entries, "team-749-*")
	require.Equal(t, []lint.Finding{shadowFinding(1499, "team-749-?", 1500, "team-749-*")}, checkNames(entries...))
}

// Looking for covered entries stops too: an entry with a wildcard is compared with all others,
// even with many that have none.
func TestLintStopsLookingForCoversInLongLists(t *testing.T) {
	var entries []string
	for i := range 3000 {
		entries = append(entries, fmt.Sprintf("team-%d-*", i))
	}
	for i := range 50_000 {
		entries = append(entries, fmt.Sprint("shop-", i))
	}
	findings := checkNames(entries...)
	require.Len(t, findings, 1)
	require.Equal(t, lint.NotCompared, findings[0].Code)
	var at int
	_, err := fmt.Sscanf(findings[0].Field, "project_names_filter[%d]", &at)
	require.NoError(t, err)
	require.Less(t, at, 1000)
}
