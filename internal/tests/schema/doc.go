// Package schema tests that the files of testdata/conformance conform to their JSON Schema, and
// that the SARIF of examples/hooktest conforms to the JSON Schema that OASIS published.
package schema
