package schema_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
)

const folder = "../../../testdata/conformance/"

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	compiler.AssertContent()
	schema, err := compiler.Compile(folder + "schema.json")
	require.NoError(t, err)
	return schema
}

func TestFilesAreValid(t *testing.T) {
	schema := compileSchema(t)
	files, err := filepath.Glob(folder + "[0-9]*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.Open(name)
			require.NoError(t, err)
			defer file.Close()
			document, err := jsonschema.UnmarshalJSON(file)
			require.NoError(t, err)
			require.NoError(t, schema.Validate(document))
		})
	}
}

// Each document differs in one place from a valid document.
func TestSchemaRefuses(t *testing.T) {
	schema := compileSchema(t)
	const (
		fires   = `{"cases": [{"id": "01-a", "rule": 1, "reason": "r", "clause": {"enabled": true}, "event": {"project_name": "x"}, "fires": true}]}`
		stopped = `{"cases": [{"id": "01-b", "rule": 1, "reason": "r", "webhook": {"enabled": false}, "event": {}, "fires": false, "stopped_by": "enabled"}]}`
		invalid = `{"cases": [{"id": "13-c", "rule": 13, "reason": "r", "corner": "invalid-utf8", "clause": {"project_names_filter_base64": ["/w=="]}, "event": {"project_name_base64": "/w=="}, "fires": false, "invalid": ["project_names_filter[0]"]}]}`
		text    = `{"cases": [{"id": "14-d", "rule": 14, "reason": "r", "corner": "json-text", "webhook_json": "{}", "event": {}, "fires": false, "invalid": ["events", "kind"]}]}`
	)
	validate := func(t *testing.T, document string) error {
		t.Helper()
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(document))
		require.NoError(t, err, document)
		return schema.Validate(v)
	}
	for _, document := range []string{fires, stopped, invalid, text} {
		require.NoError(t, validate(t, document))
	}
	for _, test := range []struct{ name, document, old, new string }{
		{"no cases", fires, fires, `{"cases": []}`},
		{"a field beside cases", fires, `{"cases"`, `{"rules": 1, "cases"`},
		{"no id", fires, `"id": "01-a", `, ``},
		{"an id without a number", fires, `01-a`, `a`},
		{"an id with a space", fires, `01-a`, `01-a b`},
		{"no rule", fires, `"rule": 1, `, ``},
		{"rule 0", fires, `"rule": 1`, `"rule": 0`},
		{"no reason", fires, `"reason": "r", `, ``},
		{"an empty reason", fires, `"r"`, `""`},
		{"a reason with two lines", fires, `"r"`, `"r\ns"`},
		{"an unknown field", fires, `"fires"`, `"comment": "", "fires"`},
		{"an unknown corner", invalid, `"invalid-utf8"`, `"other"`},
		{"no verdict", fires, `, "fires": true`, ``},
		{"a verdict as a string", fires, `"fires": true`, `"fires": "true"`},
		{"neither webhook nor clause", fires, `"clause": {"enabled": true}, `, ``},
		{"webhook and clause", fires, `"clause"`, `"webhook": {}, "clause"`},
		{"webhook and webhook_json", text, `"webhook_json"`, `"webhook": {}, "webhook_json"`},
		{"webhook_json as an object", text, `"{}"`, `{}`},
		{"an invalid field with a capital", text, `"events"`, `"Events"`},
		{"two clauses", fires, `"enabled": true`, `"enabled": true, "events": []`},
		{"an empty clause", fires, `"enabled": true`, ``},
		{"an unknown clause", fires, `"enabled": true`, `"kind": "SLACK"`},
		{"an unknown field of the webhook", stopped, `"enabled": false`, `"enable": false`},
		{"a list of numbers", stopped, `"enabled": false`, `"events": [1]`},
		{"no event", fires, `"event": {"project_name": "x"}, `, ``},
		{"an unknown field of the event", fires, `"project_name"`, `"project"`},
		{"two names", fires, `"project_name": "x"`, `"project_name": "x", "project_name_base64": "/w=="`},
		{"an invalid base64 name", invalid, `{"project_name_base64": "/w=="}`, `{"project_name_base64": "/w"}`},
		{"an invalid base64 entry", invalid, `["/w=="]`, `["_w=="]`},
		{"fires and stopped", stopped, `"fires": false`, `"fires": true`},
		{"fires and invalid", invalid, `"fires": false`, `"fires": true`},
		{"neither stopped nor invalid", stopped, `, "stopped_by": "enabled"`, ``},
		{"stopped and invalid", stopped, `"stopped_by"`, `"invalid": ["events[0]"], "stopped_by"`},
		{"stopped by an unknown clause", stopped, `"stopped_by": "enabled"`, `"stopped_by": "kind"`},
		{"an empty list of invalid fields", invalid, `["project_names_filter[0]"]`, `[]`},
		{"a duplicate invalid field", invalid, `["project_names_filter[0]"]`, `["events[0]", "events[0]"]`},
		{"an invalid field without an index", invalid, `filter[0]`, `filter`},
	} {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(test.document, test.old))
			document := strings.Replace(test.document, test.old, test.new, 1)
			require.Error(t, validate(t, document), document)
		})
	}
}
