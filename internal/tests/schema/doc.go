// Package schema tests that the files of testdata/conformance are valid by their JSON Schema.
package schema
