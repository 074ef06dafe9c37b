package contract

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// store returns its first webhook for every lookup, and all for every list.
type store struct {
	webhooks []*webhook.Webhook
	err      error
}

func (s store) Webhook(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) {
	if len(s.webhooks) == 0 {
		return nil, s.err
	}
	return s.webhooks[0], s.err
}

func (s store) Webhooks(context.Context, uuid.UUID) ([]*webhook.Webhook, error) {
	return s.webhooks, s.err
}

// The handler's responses, as a client receives them from a server, are valid. There is at least one
// response with each documented status.
func TestResponses(t *testing.T) {
	doc := load(t)
	full := new(webhook.Webhook)
	require.NoError(t, json.Unmarshal(documented(t, doc), full))
	least := &webhook.Webhook{}
	require.NoError(t, json.Unmarshal([]byte(`{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56.123456+02:00"}`), least))
	empty := *full
	empty.Events, empty.ProjectNamesFilter, empty.EnvironmentTypesFilter = []webhook.EventType{}, []string{}, []webhook.EnvironmentMode{}
	second := *full
	second.ID[0]++
	odd := *full
	odd.CreatedAt = odd.CreatedAt.AddDate(10000, 0, 0)
	of := func(webhooks ...*webhook.Webhook) store { return store{webhooks, nil} }
	failing := func(err error) store { return store{nil, err} }

	const bearer, token = "Bearer abc", "Token abc"
	for name, c := range map[string]struct {
		only          string // one or list; empty for both operations
		method        string
		path          func(good string) string // nil: unchanged
		authorization string
		store         store
		auth          error
		want          int
	}{
		"the documented example":     {"", "GET", nil, bearer, of(full), nil, 200},
		"an API token":               {"", "GET", nil, token, of(full), nil, 200},
		"only the required fields":   {"", "GET", nil, bearer, of(least), nil, 200},
		"empty lists":                {"", "GET", nil, token, of(&empty), nil, 200},
		"several webhooks":           {"list", "GET", nil, token, of(&second, least, full), nil, 200},
		"no webhooks":                {"list", "GET", nil, token, of(), nil, 200},
		"a query":                    {"", "GET", func(p string) string { return p + "?a=b" }, bearer, of(full), nil, 200},
		"an id in upper case":        {"", "GET", func(p string) string { return strings.Replace(p, "8b3ddb2d", "8B3DDB2D", 1) }, bearer, of(full), nil, 200},
		"an invalid organization id": {"", "GET", func(p string) string { return strings.Replace(p, organizationID, "1", 1) }, bearer, of(full), nil, 400},
		"an invalid webhook id":      {"one", "GET", func(p string) string { return strings.TrimSuffix(p, "a") + "%2f" }, token, of(full), nil, 400},
		"no token":                   {"", "GET", nil, "", of(full), nil, 401},
		"another scheme":             {"", "GET", nil, "Basic YTpi", of(full), nil, 401},
		"a malformed token":          {"", "GET", nil, "Token a b", of(full), nil, 401},
		"a refused token":            {"", "GET", nil, token, of(full), httpapi.ErrUnauthenticated, 401},
		"forbidden":                  {"", "GET", nil, bearer, of(full), httpapi.ErrForbidden, 403},
		"not found":                  {"", "GET", nil, token, failing(httpapi.ErrNotFound), nil, 404},
		"another path":               {"", "GET", func(string) string { return "/" }, bearer, of(full), nil, 404},
		"a trailing slash":           {"", "GET", func(p string) string { return p + "/" }, bearer, of(full), nil, 404},
		"POST":                       {"", "POST", nil, bearer, of(full), nil, 405},
		"DELETE without a token":     {"", "DELETE", nil, "", of(full), nil, 405},
		"OPTIONS":                    {"", "OPTIONS", nil, token, of(full), nil, 405},
		"the store fails":            {"", "GET", nil, bearer, failing(errors.New("disk")), nil, 500},
		"the authorizer fails":       {"", "GET", nil, bearer, of(full), errors.New("disk"), 500},
		"the encoding fails":         {"", "GET", nil, token, of(&odd), nil, 500},
		"neither webhook nor error":  {"one", "GET", nil, bearer, of(), nil, 500},
		"a nil webhook":              {"list", "GET", nil, bearer, of(nil), nil, 500},
		"unavailable":                {"", "GET", nil, token, failing(httpapi.ErrUnavailable), nil, 503},
		"a deadline":                 {"", "GET", nil, bearer, failing(context.DeadlineExceeded), nil, 503},
	} {
		for what, o := range operations {
			if c.only != "" && c.only != what {
				continue
			}
			t.Run(what+": "+name, func(t *testing.T) {
				server := httptest.NewServer(httpapi.NewHandler(c.store,
					httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error { return c.auth }), nil))
				defer server.Close()
				path := o.good
				if c.path != nil {
					path = c.path(o.good)
				}
				methods := []string{c.method}
				if c.method == "GET" {
					methods = append(methods, "HEAD")
				}
				var first http.Header
				for _, method := range methods {
					r, a := ask(t, method, server.URL+path, c.authorization)
					require.Equal(t, c.want, a.status)
					require.NoError(t, o.check(t, doc, method, a), a.body)
					if c.want == 200 {
						require.NoError(t, o.checkRequest(t, doc, r))
					}
					require.Equal(t, []string{"application/json"}, a.header["Content-Type"])
					a.header.Del("Date")
					if first == nil {
						first = a.header
					}
					require.Equal(t, first, a.header)
					if name == "the documented example" && method == "GET" {
						want := string(documented(t, doc))
						if o == list {
							want = `{"results":[` + want + `]}`
						}
						require.JSONEq(t, want, a.body)
					}
				}
			})
		}
	}
}

// The description has exactly the statuses that TestResponses tests.
func TestStatuses(t *testing.T) {
	doc := load(t)
	for what, o := range operations {
		item := doc.Paths.Value(o.path)
		for _, operation := range []*openapi3.Operation{item.Get, item.Head} {
			require.Equal(t, []string{"200", "400", "401", "403", "404", "405", "500", "503"},
				slices.Sorted(maps.Keys(operation.Responses.Map())), what)
		}
	}
}

// The description accepts the two schemes of the API and no others.
func TestSchemes(t *testing.T) {
	doc := load(t)
	require.Len(t, doc.Security, 2)
	for _, o := range operations {
		for authorization, good := range map[string]bool{"Bearer abc": true, "Token abc": true, "Basic YTpi": false, "": false} {
			r := httptest.NewRequest("GET", o.good, nil)
			if authorization != "" {
				r.Header.Set("Authorization", authorization)
			}
			require.Equal(t, good, o.checkRequest(t, doc, r) == nil, "%s with %q", o.path, authorization)
		}
		r := httptest.NewRequest("GET", strings.Replace(o.good, organizationID, "1", 1), nil)
		r.Header.Set("Authorization", "Token abc")
		require.Error(t, o.checkRequest(t, doc, r), "an invalid id")
	}
}

func ask(t *testing.T, method, url, authorization string) (*http.Request, response) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return r, response{res.StatusCode, res.Header, string(body)}
}

// Each invalid response differs in one place from a valid response. The test shows that the validator
// finds the difference.
func TestInvalidResponses(t *testing.T) {
	doc := load(t)
	webhookBody := string(documented(t, doc))
	header := func(with ...string) http.Header {
		h := http.Header{"Content-Type": {"application/json"}, "Content-Length": {"99"}, "Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"}}
		for i := 0; i < len(with); i += 2 {
			h.Set(with[i], with[i+1])
			if with[i+1] == "" {
				h.Del(with[i])
			}
		}
		return h
	}
	problem := func(status int) string {
		return `{"status":` + strconv.Itoa(status) + `,"error":"` + http.StatusText(status) + `","message":"m"}`
	}
	in := func(old, new string) string { return strings.Replace(webhookBody, old, new, 1) }

	list200 := func(webhooks string) response { return response{200, header(), webhooks} }
	for name, c := range map[string]struct {
		response response
		good     bool
	}{
		"a list":               {list200(`{"results":[` + webhookBody + `]}`), true},
		"an empty list":        {list200(`{"results":[]}`), true},
		"no results":           {list200(`{}`), false},
		"null results":         {list200(`{"results":null}`), false},
		"a webhook":            {list200(webhookBody), false},
		"an array":             {list200(`[` + webhookBody + `]`), false},
		"a null webhook":       {list200(`{"results":[null]}`), false},
		"a webhook without id": {list200(`{"results":[` + in(`"id"`, `"ident"`) + `]}`), false},
		"an additional member": {list200(`{"page":1,"results":[]}`), false},
	} {
		t.Run("list: "+name, func(t *testing.T) {
			err := list.check(t, doc, "GET", c.response)
			require.Equal(t, c.good, err == nil, err)
		})
	}
	for name, c := range map[string]struct {
		method   string
		response response
		good     bool
	}{
		"200":         {"GET", response{200, header(), webhookBody}, true},
		"200 to HEAD": {"HEAD", response{200, header(), ""}, true},
		"401":         {"GET", response{401, header("WWW-Authenticate", "Bearer"), problem(401)}, true},
		"404":         {"GET", response{404, header(), problem(404)}, true},
		"405":         {"POST", response{405, header("Allow", "GET, HEAD"), problem(405)}, true},
		"503":         {"GET", response{503, header("Retry-After", "5"), problem(503)}, true},

		"no id":                  {"GET", response{200, header(), in(`"id"`, `"ident"`)}, false},
		"no created_at":          {"GET", response{200, header(), in(`"created_at":"2023-11-07T05:31:56Z",`, "")}, false},
		"an invalid id":          {"GET", response{200, header(), in("3c90c3cc-", "{3c90c3cc-")}, false},
		"an invalid time":        {"GET", response{200, header(), in("T05:31:56Z", " 05:31:56")}, false},
		"an unknown event":       {"GET", response{200, header(), in("DEPLOYMENT_STARTED", "STARTED")}, false},
		"an unknown mode":        {"GET", response{200, header(), in("PRODUCTION", "production")}, false},
		"an unknown kind":        {"GET", response{200, header(), in("STANDARD", "TEAMS")}, false},
		"a null list":            {"GET", response{200, header(), in(`["DEPLOYMENT_STARTED"]`, "null")}, false},
		"a string for true":      {"GET", response{200, header(), in(`"enabled":true`, `"enabled":"true"`)}, false},
		"a secret":               {"GET", response{200, header(), in(`{`, `{"target_secret":"x",`)}, false},
		"not JSON":               {"GET", response{200, header(), "webhook"}, false},
		"no body":                {"GET", response{200, header(), ""}, false},
		"another content type":   {"GET", response{200, header("Content-Type", "text/plain"), webhookBody}, false},
		"no Cache-Control":       {"GET", response{200, header("Cache-Control", ""), webhookBody}, false},
		"no nosniff":             {"GET", response{200, header("X-Content-Type-Options", "sniff"), webhookBody}, false},
		"no length":              {"GET", response{200, header("Content-Length", ""), webhookBody}, false},
		"a length of 0":          {"HEAD", response{200, header("Content-Length", "0"), ""}, false},
		"HEAD without a length":  {"HEAD", response{200, header("Content-Length", ""), ""}, false},
		"HEAD with a body":       {"HEAD", response{200, header(), webhookBody}, false},
		"201":                    {"GET", response{201, header(), webhookBody}, false},
		"302":                    {"GET", response{302, header(), problem(302)}, false},
		"418":                    {"GET", response{418, header(), problem(418)}, false},
		"418 to HEAD":            {"HEAD", response{418, header(), ""}, false},
		"no challenge":           {"GET", response{401, header(), problem(401)}, false},
		"HEAD, no challenge":     {"HEAD", response{401, header(), ""}, false},
		"another challenge":      {"GET", response{401, header("WWW-Authenticate", "Basic"), problem(401)}, false},
		"no Allow":               {"POST", response{405, header(), problem(405)}, false},
		"another Allow":          {"POST", response{405, header("Allow", "GET"), problem(405)}, false},
		"no Retry-After":         {"GET", response{503, header(), problem(503)}, false},
		"another Retry-After":    {"GET", response{503, header("Retry-After", "soon"), problem(503)}, false},
		"no message":             {"GET", response{404, header(), strings.Replace(problem(404), `,"message":"m"`, "", 1)}, false},
		"an empty message":       {"GET", response{404, header(), strings.Replace(problem(404), `"m"`, `""`, 1)}, false},
		"a status as a string":   {"GET", response{404, header(), strings.Replace(problem(404), `404`, `"404"`, 1)}, false},
		"a different status":     {"GET", response{404, header(), problem(403)}, false},
		"a detail":               {"GET", response{500, header(), strings.Replace(problem(500), `{`, `{"detail":"pg: …",`, 1)}, false},
		"a webhook for an error": {"GET", response{404, header(), webhookBody}, false},
		"an error for a webhook": {"GET", response{200, header(), problem(404)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := one.check(t, doc, c.method, c.response)
			if c.good {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
		})
	}
}
