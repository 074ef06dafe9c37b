package schema_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // has the schema that OASIS published
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

// sarifSchema returns the schema of SARIF 2.1.0 that OASIS published. It is an unexported
// constant of go-sarif.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	require.NoError(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), "schema.go"), nil, 0)
	require.NoError(t, err)
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok && text == "" {
			text, err = strconv.Unquote(literal.Value)
			require.NoError(t, err)
		}
		return true
	})
	const id = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	require.Contains(t, text, `"id": "`+id+`"`)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource(id, document))
	schema, err := compiler.Compile(id)
	require.NoError(t, err)
	return schema
}

// TestSARIF validates the SARIF files that hooktest writes.
func TestSARIF(t *testing.T) {
	schema := sarifSchema(t)
	program := filepath.Join(t.TempDir(), "hooktest.exe")
	build := exec.Command("go", "build", "-o", program, "./examples/hooktest")
	build.Dir = "../../.."
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)
	for _, test := range []struct {
		name    string
		results bool
		args    []string
	}{
		{"findings", true, []string{"-webhooks", "testdata/webhooks", "-fail-on", "invalid,lint"}},
		{"allowed findings", true, []string{"-webhooks", "testdata/webhooks", "-allow", "all-names,invalid,no-events", "-lint"}},
		{"no findings", false, []string{"-webhooks", "testdata/clean", "-lint"}},
		{"the samples", true, []string{"-webhooks", "../../testdata/webhooks", "-lint"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "hooktest.sarif")
			run := exec.Command(program, append(test.args, "-sarif", file)...)
			run.Dir = "../../../examples/hooktest"
			output, _ := run.CombinedOutput() // some runs fail on their findings
			text, err := os.ReadFile(file)
			require.NoError(t, err, "%s", output)
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			require.NoError(t, err)
			require.NoError(t, schema.Validate(document))
			require.Equal(t, test.results, bytes.Contains(text, []byte(`"ruleId"`)))

			// The schema refuses a small change.
			changed, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.Replace(text, []byte(`"columnKind": "unicodeCodePoints"`), []byte(`"columnKind": "bytes"`), 1)))
			require.NoError(t, err)
			require.Error(t, schema.Validate(changed))
		})
	}
}
