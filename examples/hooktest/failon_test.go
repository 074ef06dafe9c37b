package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// lintKinds has every code of package lint, in the same order.
func TestEveryCodeOfLintIsAKind(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../filter/lint/finding.go", nil, 0)
	require.NoError(t, err)
	var codes, names []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			require.Equal(t, "Code", fmt.Sprint(spec.Type))
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			codes = append(codes, code)
		}
		return true
	})
	for _, k := range lintKinds {
		names = append(names, k.name)
	}
	require.NotEmpty(t, codes)
	require.Equal(t, codes, names)
}

// README.md has the table, row by row.
func TestTableOfKinds(t *testing.T) {
	var rows strings.Builder
	for _, k := range kinds {
		var requires []string
		for _, r := range k.requires {
			requires = append(requires, r.words)
		}
		allow := map[bool]string{true: "yes"}[k.isCode()]
		fmt.Fprintf(&rows, "| `%s` | %s | %s | %s |\n", k.name, k.meaning, strings.Join(requires, "; and "), allow)
	}
	document, err := os.ReadFile("README.md")
	require.NoError(t, err)
	require.Contains(t, string(document), "|---|---|---|---|\n"+rows.String()+"\n")
}

// suspicious returns a folder with one webhook that only undocumented-wildcard reports, and one
// that only no-events reports.
func suspicious(t *testing.T) string {
	return folder(t, stored(1, `, "project_names_filter": ["a*b"]`), `{"id": "00000002-0000-4000-8000-000000000000", "created_at": "2026-01-01T00:00:00Z"}`)
}

func TestFailOnAndAllow(t *testing.T) {
	dir := suspicious(t)
	wildcard := folder(t, stored(1, `, "project_names_filter": ["a*b"]`))
	broken := folder(t, stored(1, `, "project_names_filter": [""]`))
	clean := []string{"testdata/clean", "testdata/expect/undocumented.json"}
	for _, test := range []struct {
		name  string
		in    []string // the folder and the files
		flags []string
		fails string // the names after "fails on", or empty
	}{
		{"lint", []string{dir}, []string{"-fail-on", "lint"}, "lint"},
		{"lint does not include undocumented-wildcard", []string{wildcard}, []string{"-fail-on", "lint"}, ""},
		{"a code", []string{dir}, []string{"-fail-on", "undocumented-wildcard"}, "undocumented-wildcard"},
		{"several codes", []string{dir}, []string{"-fail-on", "all-names,no-events", "-fail-on", "undocumented-wildcard"}, "no-events, undocumented-wildcard"},
		{"a name twice", []string{dir}, []string{"-fail-on", "lint,lint", "-fail-on", "lint"}, "lint"},
		{"codes that no finding has", []string{dir}, []string{"-fail-on", "all-names,looks-like-id,invalid"}, ""},
		{"an allowed code", []string{dir}, []string{"-fail-on", "lint", "-allow", "no-events"}, ""},
		{"an allowed code that no finding has", []string{dir}, []string{"-fail-on", "lint", "-allow", "all-names"}, "lint"},
		{"allowed codes", []string{dir}, []string{"-allow", "all-names,no-events", "-allow", "undocumented-wildcard", "-fail-on", "no-events,undocumented-wildcard"}, ""},
		{"invalid", []string{broken}, []string{"-fail-on", "invalid,lint"}, "invalid"},
		{"invalid, allowed", []string{broken}, []string{"-fail-on", "invalid,lint", "-allow", "invalid"}, ""},
		{"an undocumented value of an expectation, by lint", clean, []string{"-fail-on", "lint"}, "lint"},
		{"an undocumented value of an expectation, by its code", clean, []string{"-fail-on", "unknown-value"}, "unknown-value"},
		{"an undocumented value of an expectation, allowed", clean, []string{"-fail-on", "lint,unknown-value", "-allow", "unknown-value"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := hooktest(append(append(test.flags, "-webhooks"), test.in...)...)
			require.Empty(t, stderr)
			_, fails, _ := strings.Cut(stdout, "\nfails on ")
			require.Equal(t, test.fails, strings.TrimSpace(fails))
			require.Equal(t, map[bool]int{true: 1}[test.fails != ""], status)
		})
	}
}

// -fail-on accepts every name, and -allow only the codes.
func TestEveryNameIsAccepted(t *testing.T) {
	for _, k := range kinds {
		_, err := appendKinds(nil, k.name, false)
		require.NoError(t, err)
		_, err = appendKinds(nil, "all-names,"+k.name, true)
		require.Equal(t, !k.isCode(), err != nil, k.name)
	}
}
