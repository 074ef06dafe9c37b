// Package conformancetest holds the files of testdata/conformance to their JSON
// Schema. It is a module of its own, so that the schema library is no dependency
// of the main one; it has no code but its test.
package conformancetest
