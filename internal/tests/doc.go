// Package tests is the root of a module for tests with dependencies that users of the library should
// not get: an OpenAPI validator, a JSON Schema validator, a router, a browser, and NATS and PostgreSQL
// servers.
package tests
