package httpapi

import _ "embed"

//go:embed openapi.yaml
var openAPI string

// OpenAPI returns the description of what the handler of [NewHandler] serves, a document
// in OpenAPI 3 and YAML, for a program that publishes its API. The handler does not serve it.
func OpenAPI() string { return openAPI }
