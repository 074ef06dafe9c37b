package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// A panic of the store or the authorizer does not end the server.
func TestPanics(t *testing.T) {
	var nilMap map[string]int
	for name, cause := range map[string]func(){
		"a text":               func() { panic("internal-detail " + token) },
		"an error":             func() { panic(errInternal) },
		"another value":        func() { panic([]string{"internal-detail"}) },
		"a runtime error":      func() { nilMap["internal-detail"]++ },
		"nil":                  func() { panic(nil) },
		"net/http's own":       func() { panic(http.ErrAbortHandler) },
		"an error that panics": func() { panic(panickingError{errors.New("no text")}) },
		"a panic in a panic":   func() { panic(panickingError{panickingError{}}) },
	} {
		for _, who := range []string{"store", "authorizer"} {
			t.Run(who+" with "+name, func(t *testing.T) {
				var log logged
				armed := true
				act := func(me string) {
					if armed && me == who {
						cause()
					}
				}
				server := httptest.NewServer(httpapi.NewHandler(
					httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) {
						act("store")
						return hook(webhookID), nil
					}),
					httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error {
						act("authorizer")
						return nil
					}), log.logger()))
				defer server.Close()
				status, body := get(t, server.URL)
				require.Equal(t, 500, status)
				require.NotContains(t, body, "internal-detail")
				armed = false
				status, _ = get(t, server.URL)
				require.Equal(t, 200, status)

				server.Close() // waits until the requests are logged
				lines := log.lines()
				require.Len(t, lines, 2)
				require.Contains(t, lines[0]["error"], "panic: ")
				require.Contains(t, lines[0]["stack"], "httpapi_test.TestPanics")
				require.Equal(t, "ERROR", lines[0]["level"])
				require.NotContains(t, log.String(), token)
			})
		}
	}
}

// panickingError panics with an error, or with itself if that is nil.
type panickingError struct{ with error }

func (e panickingError) Error() string {
	if e.with == nil {
		panic(e)
	}
	panic(e.with)
}

func TestErrorThatPanics(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		text string
	}{
		"with an error":             {panickingError{errors.New("no text")}, "no text"},
		"with a nil pointer":        {(*webhook.FieldError)(nil), "panic: "},
		"with itself":               {panickingError{}, "httpapi_test.panickingError (formatting it panicked)"},
		"with an error that panics": {panickingError{panickingError{}}, "httpapi_test.panickingError (formatting it panicked)"},
	} {
		t.Run(name, func(t *testing.T) {
			var log logged
			for _, h := range []http.Handler{
				httpapi.NewHandler(storeOf(nil, c.err), allowAll, log.logger()),
				httpapi.NewHandler(goodStore, authorizerOf(c.err), log.logger()),
			} {
				require.Equal(t, 500, serve(h, request("GET", goodPath, bearer)).Code)
			}
			require.Len(t, log.lines(), 2)
			for _, line := range log.lines() {
				require.Contains(t, line["error"], c.text)
			}
		})
	}
}
