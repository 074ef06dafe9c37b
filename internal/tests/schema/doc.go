// Package schema tests that the files of testdata/conformance conform to their JSON Schema, and
// the SARIF of examples/hooktest to the one that OASIS published.
package schema
