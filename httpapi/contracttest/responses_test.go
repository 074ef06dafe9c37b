package contracttest

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

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
	"github.com/hookfilter/hookfilter/webhook"
)

// TestResponses makes the handler give each documented answer over a socket.
func TestResponses(t *testing.T) {
	doc := load(t)
	full := new(webhook.Webhook)
	require.NoError(t, json.Unmarshal(documented(t, doc), full))
	least := &webhook.Webhook{}
	require.NoError(t, json.Unmarshal([]byte(`{"id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","created_at":"2023-11-07T05:31:56.123456+02:00"}`), least))
	empty := *full
	empty.Events, empty.ProjectNamesFilter, empty.EnvironmentTypesFilter = []webhook.EventType{}, []string{}, []webhook.EnvironmentMode{}
	odd := *full
	odd.CreatedAt = odd.CreatedAt.AddDate(10000, 0, 0)

	const token = "Bearer abc"
	documentedStatuses := map[int]bool{}
	for status := range doc.Paths.Value(operationPath).Get.Responses.Map() {
		code, err := strconv.Atoi(status)
		require.NoError(t, err)
		documentedStatuses[code] = true
	}
	for name, c := range map[string]struct {
		method, path, authorization string
		webhook                     *webhook.Webhook
		auth, store                 error
		want                        int
	}{
		"the documented example":       {"GET", goodPath, token, full, nil, nil, 200},
		"the required fields alone":    {"GET", goodPath, token, least, nil, nil, 200},
		"empty lists":                  {"GET", goodPath, token, &empty, nil, nil, 200},
		"a query":                      {"GET", goodPath + "?a=b", token, full, nil, nil, 200},
		"an id in upper case":          {"GET", strings.Replace(goodPath, "8b3ddb2d", "8B3DDB2D", 1), token, full, nil, nil, 200},
		"organization of another form": {"GET", "/organization/1/webhook/2", token, full, nil, nil, 400},
		"webhook of another form":      {"GET", strings.TrimSuffix(goodPath, "a") + "%2f", token, full, nil, nil, 400},
		"no token":                     {"GET", goodPath, "", full, nil, nil, 401},
		"a malformed token":            {"GET", goodPath, "Bearer a b", full, nil, nil, 401},
		"a token that is refused":      {"GET", goodPath, token, full, httpapi.ErrUnauthenticated, nil, 401},
		"forbidden":                    {"GET", goodPath, token, full, httpapi.ErrForbidden, nil, 403},
		"no such webhook":              {"GET", goodPath, token, nil, nil, httpapi.ErrNotFound, 404},
		"a foreign path":               {"GET", "/", token, full, nil, nil, 404},
		"a trailing slash":             {"GET", goodPath + "/", token, full, nil, nil, 404},
		"POST":                         {"POST", goodPath, token, full, nil, nil, 405},
		"DELETE without a token":       {"DELETE", goodPath, "", full, nil, nil, 405},
		"OPTIONS":                      {"OPTIONS", goodPath, token, full, nil, nil, 405},
		"the store fails":              {"GET", goodPath, token, nil, nil, errors.New("disk"), 500},
		"the authorizer fails":         {"GET", goodPath, token, full, errors.New("disk"), nil, 500},
		"the encoding fails":           {"GET", goodPath, token, &odd, nil, nil, 500},
		"neither webhook nor error":    {"GET", goodPath, token, nil, nil, nil, 500},
		"unavailable":                  {"GET", goodPath, token, nil, nil, httpapi.ErrUnavailable, 503},
		"a deadline":                   {"GET", goodPath, token, nil, nil, context.DeadlineExceeded, 503},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(httpapi.NewHandler(
				httpapi.StoreFunc(func(context.Context, uuid.UUID, uuid.UUID) (*webhook.Webhook, error) { return c.webhook, c.store }),
				httpapi.AuthorizerFunc(func(context.Context, httpapi.Credential, uuid.UUID) error { return c.auth }), nil))
			defer server.Close()
			methods := []string{c.method}
			if c.method == "GET" {
				methods = append(methods, "HEAD")
			}
			var first http.Header
			for _, method := range methods {
				a := ask(t, method, server.URL+c.path, c.authorization)
				require.Equal(t, c.want, a.status)
				require.NoError(t, fault(t, doc, method, a), a.body)
				require.Equal(t, []string{"application/json"}, a.header["Content-Type"])
				a.header.Del("Date")
				if first == nil {
					first = a.header
				}
				require.Equal(t, first, a.header)
				if c.webhook == full && c.want == 200 && method == "GET" {
					require.JSONEq(t, string(documented(t, doc)), a.body)
				}
			}
			delete(documentedStatuses, c.want)
		})
	}
	require.Empty(t, slices.Collect(maps.Keys(documentedStatuses)), "documented, and never answered")
}

func ask(t *testing.T, method, url, authorization string) answer {
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
	return answer{res.StatusCode, res.Header, string(body)}
}

// TestFaultsAreFound breaks good answers, one thing each: a validator that lets
// everything pass would show nothing above.
func TestFaultsAreFound(t *testing.T) {
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

	for name, c := range map[string]struct {
		method string
		answer answer
		good   bool
	}{
		"200":         {"GET", answer{200, header(), webhookBody}, true},
		"200 to HEAD": {"HEAD", answer{200, header(), ""}, true},
		"401":         {"GET", answer{401, header("WWW-Authenticate", "Bearer"), problem(401)}, true},
		"404":         {"GET", answer{404, header(), problem(404)}, true},
		"405":         {"POST", answer{405, header("Allow", "GET, HEAD"), problem(405)}, true},
		"503":         {"GET", answer{503, header("Retry-After", "5"), problem(503)}, true},

		"no id":                  {"GET", answer{200, header(), in(`"id"`, `"ident"`)}, false},
		"no created_at":          {"GET", answer{200, header(), in(`"created_at":"2023-11-07T05:31:56Z",`, "")}, false},
		"another id":             {"GET", answer{200, header(), in("3c90c3cc-", "{3c90c3cc-")}, false},
		"another time":           {"GET", answer{200, header(), in("T05:31:56Z", " 05:31:56")}, false},
		"an unknown event":       {"GET", answer{200, header(), in("DEPLOYMENT_STARTED", "STARTED")}, false},
		"an unknown mode":        {"GET", answer{200, header(), in("PRODUCTION", "production")}, false},
		"an unknown kind":        {"GET", answer{200, header(), in("STANDARD", "TEAMS")}, false},
		"a null list":            {"GET", answer{200, header(), in(`["DEPLOYMENT_STARTED"]`, "null")}, false},
		"a text for true":        {"GET", answer{200, header(), in(`"enabled":true`, `"enabled":"true"`)}, false},
		"a secret":               {"GET", answer{200, header(), in(`{`, `{"target_secret":"x",`)}, false},
		"not JSON":               {"GET", answer{200, header(), "webhook"}, false},
		"no body":                {"GET", answer{200, header(), ""}, false},
		"another type":           {"GET", answer{200, header("Content-Type", "text/plain"), webhookBody}, false},
		"a stored answer":        {"GET", answer{200, header("Cache-Control", ""), webhookBody}, false},
		"a sniffed answer":       {"GET", answer{200, header("X-Content-Type-Options", "sniff"), webhookBody}, false},
		"no length":              {"GET", answer{200, header("Content-Length", ""), webhookBody}, false},
		"an empty length":        {"HEAD", answer{200, header("Content-Length", "0"), ""}, false},
		"no length to HEAD":      {"HEAD", answer{200, header("Content-Length", ""), ""}, false},
		"a body to HEAD":         {"HEAD", answer{200, header(), webhookBody}, false},
		"201":                    {"GET", answer{201, header(), webhookBody}, false},
		"302":                    {"GET", answer{302, header(), problem(302)}, false},
		"418":                    {"GET", answer{418, header(), problem(418)}, false},
		"418 to HEAD":            {"HEAD", answer{418, header(), ""}, false},
		"no challenge":           {"GET", answer{401, header(), problem(401)}, false},
		"no challenge to HEAD":   {"HEAD", answer{401, header(), ""}, false},
		"another challenge":      {"GET", answer{401, header("WWW-Authenticate", "Basic"), problem(401)}, false},
		"no Allow":               {"POST", answer{405, header(), problem(405)}, false},
		"another Allow":          {"POST", answer{405, header("Allow", "GET"), problem(405)}, false},
		"no Retry-After":         {"GET", answer{503, header(), problem(503)}, false},
		"a date to retry":        {"GET", answer{503, header("Retry-After", "soon"), problem(503)}, false},
		"no message":             {"GET", answer{404, header(), strings.Replace(problem(404), `,"message":"m"`, "", 1)}, false},
		"an empty message":       {"GET", answer{404, header(), strings.Replace(problem(404), `"m"`, `""`, 1)}, false},
		"a status of text":       {"GET", answer{404, header(), strings.Replace(problem(404), `404`, `"404"`, 1)}, false},
		"another status":         {"GET", answer{404, header(), problem(403)}, false},
		"a detail":               {"GET", answer{500, header(), strings.Replace(problem(500), `{`, `{"detail":"pg: …",`, 1)}, false},
		"a webhook for an error": {"GET", answer{404, header(), webhookBody}, false},
		"an error for a webhook": {"GET", answer{200, header(), problem(404)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			err := fault(t, doc, c.method, c.answer)
			if c.good {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
		})
	}
}
