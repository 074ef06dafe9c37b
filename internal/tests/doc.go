// Package tests is the root of the module for tests with further dependencies, so that users of the
// library do not get them: an OpenAPI validator, a JSON Schema validator, a router, a browser, and
// NATS and PostgreSQL servers.
package tests
