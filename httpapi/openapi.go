package httpapi

import _ "embed"

//go:embed openapi.yaml
var openAPI string

// OpenAPI returns the OpenAPI 3 description, in YAML, of the operations that [NewHandler]
// serves. The handler itself does not serve it.
func OpenAPI() string { return openAPI }
