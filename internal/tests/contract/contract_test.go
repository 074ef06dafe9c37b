// Package contract tests that the responses of the handler, on a net/http server, conform to
// httpapi.OpenAPI.
package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
)

const (
	organizationID = "8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"
	webhookID      = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
)

// operation is the path template of an operation, and a valid path.
type operation struct{ path, good string }

var (
	one        = operation{"/organization/{organizationId}/webhook/{webhookId}", "/organization/" + organizationID + "/webhook/" + webhookID}
	list       = operation{"/organization/{organizationId}/webhook", "/organization/" + organizationID + "/webhook"}
	operations = map[string]operation{"one": one, "list": list}
)

// route returns the validator's route for a request with a method.
func (o operation) route(doc *openapi3.T, method string) *routers.Route {
	item := doc.Paths.Value(o.path)
	operation := item.Get
	if method == http.MethodHead {
		operation = item.Head
	}
	return &routers.Route{Spec: doc, Path: o.path, PathItem: item, Method: method, Operation: operation}
}

// checkRequest returns an error if an id or the Authorization header of a request is invalid.
func (o operation) checkRequest(t *testing.T, doc *openapi3.T, r *http.Request) error {
	t.Helper()
	segments := strings.Split(r.URL.Path, "/")
	parameters := map[string]string{"organizationId": segments[2]}
	if o == one {
		parameters["webhookId"] = segments[4]
	}
	return openapi3filter.ValidateRequest(t.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: parameters, Route: o.route(doc, r.Method),
		Options: &openapi3filter.Options{AuthenticationFunc: func(_ context.Context, a *openapi3filter.AuthenticationInput) error {
			scheme := a.SecurityScheme
			// Only the text of the description says that an API key follows "Token ".
			word := map[string]string{"http bearer": "Bearer ", "apiKey ": "Token "}[scheme.Type+" "+scheme.Scheme]
			header := "Authorization"
			if scheme.Type == "apiKey" && scheme.In == "header" {
				header = scheme.Name
			}
			if word == "" || !strings.HasPrefix(r.Header.Get(header), word) {
				return fmt.Errorf("no credential of %s", a.SecuritySchemeName)
			}
			return nil
		}},
	})
}

// load reads and validates the description, with its examples.
func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(httpapi.OpenAPI()))
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	return doc
}

// documented returns the example of a webhook in the description.
func documented(t *testing.T, doc *openapi3.T) []byte {
	t.Helper()
	body, err := json.Marshal(doc.Components.Responses["Webhook"].Value.Content["application/json"].Example)
	require.NoError(t, err)
	return body
}

type response struct {
	status int
	header http.Header
	body   string
}

// check returns an error if the response to a request with a method is invalid. Responses to methods
// other than GET and HEAD are documented with GET.
func (o operation) check(t *testing.T, doc *openapi3.T, method string, a response) error {
	t.Helper()
	head := method == http.MethodHead
	if head && a.body != "" {
		return errors.New("HEAD has a body")
	}
	err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			// The validator accepts any response to HEAD, so the request is GET.
			Request: httptest.NewRequest(http.MethodGet, o.good, nil),
			Route:   o.route(doc, method),
		},
		Status: a.status,
		Header: a.header,
		Body:   io.NopCloser(bytes.NewReader([]byte(a.body))),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, // an undocumented status is an error
			ExcludeResponseBody:   head,
		},
	})
	if err != nil || head || a.status == http.StatusOK {
		return err
	}
	// The common schema of all errors does not say that the body has the status of the response.
	var problem struct {
		Status int
		Error  string
	}
	if err := json.Unmarshal([]byte(a.body), &problem); err != nil {
		return err
	}
	if problem.Status != a.status || problem.Error != http.StatusText(a.status) {
		return fmt.Errorf("error body %s does not match status %d", a.body, a.status)
	}
	return nil
}
