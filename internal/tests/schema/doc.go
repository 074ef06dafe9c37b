// Package schema tests that the files of testdata/conformance conform to their JSON Schema.
package schema
