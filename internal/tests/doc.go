// Package tests is the module of the tests that need dependencies beyond those of the main
// module, so that no user of the library gets them: an OpenAPI validator, a JSON Schema
// validator, a router, a browser, and NATS and PostgreSQL servers.
package tests
