// Package contract holds the handler to httpapi.OpenAPI: real answers of a
// net/http server, judged by an OpenAPI validator.
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

// operation is one of the description, with a path that it takes.
type operation struct{ path, good string }

var (
	one        = operation{"/organization/{organizationId}/webhook/{webhookId}", "/organization/" + organizationID + "/webhook/" + webhookID}
	list       = operation{"/organization/{organizationId}/webhook", "/organization/" + organizationID + "/webhook"}
	operations = map[string]operation{"one": one, "list": list}
)

// route is what the validator takes for the request of method.
func (o operation) route(doc *openapi3.T, method string) *routers.Route {
	item := doc.Paths.Value(o.path)
	operation := item.Get
	if method == http.MethodHead {
		operation = item.Head
	}
	return &routers.Route{Spec: doc, Path: o.path, PathItem: item, Method: method, Operation: operation}
}

// requestFault says how a request breaks the contract: its ids, or that its
// Authorization is of neither scheme.
func (o operation) requestFault(t *testing.T, doc *openapi3.T, r *http.Request) error {
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
			// What an API key looks like in its header only the description's text says.
			word := map[string]string{"http bearer": "Bearer ", "apiKey ": "Token "}[scheme.Type+" "+scheme.Scheme]
			header := "Authorization"
			if scheme.Type == "apiKey" && scheme.In == "header" {
				header = scheme.Name
			}
			if word == "" || !strings.HasPrefix(r.Header.Get(header), word) {
				return fmt.Errorf("not %s", a.SecuritySchemeName)
			}
			return nil
		}},
	})
}

// load reads the description. Validating it validates the examples in it, the
// documented one among them.
func load(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(httpapi.OpenAPI()))
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	return doc
}

// documented is the example body of the description, of one webhook.
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
func (o operation) fault(t *testing.T, doc *openapi3.T, method string, a answer) error {
	t.Helper()
	head := method == http.MethodHead
	if head && a.body != "" {
		return errors.New("HEAD has a body")
	}
	err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			// The validator lets any answer to a HEAD pass, so it is told of a GET.
			Request: httptest.NewRequest(http.MethodGet, o.good, nil),
			Route:   o.route(doc, method),
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
