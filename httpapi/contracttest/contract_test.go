// Package contracttest holds the lookup handler to testdata/openapi.yaml: real
// answers of a net/http server, judged by an OpenAPI validator. It is a module of
// its own, so that the validator stays out of the library's go.mod.
package contracttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"
)

const (
	operationPath = "/organization/{organizationId}/webhook/{webhookId}"
	goodPath      = "/organization/8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c/webhook/3c90c3cc-0d44-4b50-8888-8dd25736052a"
)

// load reads the description. Validating it validates the examples in it, the
// documented one among them.
func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../../testdata/openapi.yaml")
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	return doc
}

// documented is the example body of the description.
func documented(t *testing.T, doc *openapi3.T) []byte {
	t.Helper()
	body, err := json.Marshal(doc.Components.Responses["Webhook"].Value.Content["application/json"].Example)
	require.NoError(t, err)
	return body
}

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

// fault says how an answer to method breaks the contract. What answers another
// method than GET and HEAD is documented with GET.
func fault(t *testing.T, doc *openapi3.T, method string, a answer) error {
	t.Helper()
	item := doc.Paths.Value(operationPath)
	head := method == http.MethodHead
	operation := item.Get
	if head {
		operation = item.Head
		if a.body != "" {
			return errors.New("HEAD has a body")
		}
	}
	err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			// The validator lets any answer to a HEAD pass, so it is told of a GET.
			Request: httptest.NewRequest(http.MethodGet, goodPath, nil),
			Route:   &routers.Route{Spec: doc, Path: operationPath, PathItem: item, Operation: operation},
		},
		Status: a.status,
		Header: a.header,
		Body:   io.NopCloser(bytes.NewReader([]byte(a.body))),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, // an undocumented status is a fault
			ExcludeResponseBody:   head,
		},
	})
	if err != nil || head || a.status == http.StatusOK {
		return err
	}
	// What one schema for all errors cannot say: the body is that of the status.
	var problem struct {
		Status int
		Error  string
	}
	if err := json.Unmarshal([]byte(a.body), &problem); err != nil {
		return err
	}
	if problem.Status != a.status || problem.Error != http.StatusText(a.status) {
		return fmt.Errorf("%s with status %d", a.body, a.status)
	}
	return nil
}
