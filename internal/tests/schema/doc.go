// Package schema holds the files of testdata/conformance to their JSON
// Schema.
package schema
