package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
)

// The handler finds a webhook wherever it is mounted.
func TestMounting(t *testing.T) {
	h := httpapi.NewHandler(stored(hook(webhookID)), allowAll, nil)
	on := func(pattern string, h http.Handler) http.Handler {
		mux := http.NewServeMux()
		mux.Handle(pattern, h)
		return mux
	}
	for name, c := range map[string]struct {
		mounted http.Handler
		prefix  string
	}{
		"two prefixes":               {on("/a/", http.StripPrefix("/a", on("/b/", http.StripPrefix("/b", h)))), "/a/b"},
		"at the root":                {h, ""},
		"StripPrefix":                {http.StripPrefix("/api/v1", h), "/api/v1"},
		"StripPrefix with a slash":   {http.StripPrefix("/api/v1/", h), "/api/v1"},
		"StripPrefix on a mux":       {on("/api/", http.StripPrefix("/api", h)), "/api"},
		"a mux's root":               {on("/", h), ""},
		"a mux's subtree":            {on("/organization/", h), ""},
		"a mux's pattern":            {on("GET /organization/{organizationId}/webhook/{webhookId}", h), ""},
		"a pattern with other names": {on("/organization/{a}/webhook/{b}", h), ""},
		"swapped names":              {on("/organization/{webhookId}/webhook/{organizationId}", h), ""},
		"a mux's host":               {on("example.com/", h), ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				got := serve(c.mounted, request(method, c.prefix+goodPath, bearer))
				require.Equal(t, 200, got.Code)
				require.NoError(t, checkResponse(method, got.Code, got.Header(), got.Body.String()))
			}
			if !strings.Contains(name, "pattern") && name != "swapped names" {
				got := serve(c.mounted, request("GET", c.prefix+listPath, bearer))
				require.Equal(t, 200, got.Code)
				require.Contains(t, got.Body.String(), `{"results":[{"id":"`+webhookID.String())
			}
			require.Equal(t, 400, serve(c.mounted, request("GET", c.prefix+pathOf("8b3d%2fd2d", webhookID), bearer)).Code)
			require.Equal(t, 401, serve(c.mounted, request("GET", c.prefix+goodPath)).Code)
		})
	}
}

func TestPaths(t *testing.T) {
	h := httpapi.NewHandler(goodStore, allowAll, nil)
	o, w := organizationID.String(), webhookID.String()
	for path, want := range map[string]int{
		pathOf(o, w):                  200,
		pathOf(o, w) + "?a=b":         200,
		pathOf(o, w) + "?":            200,
		pathOf(o, strings.ToUpper(w)): 200,
		pathOf(strings.ToUpper(o), w): 200,

		"/":                               404,
		"//":                              404,
		"/organization":                   404,
		"/organization/" + o:              404,
		"/organization/" + o + "/webhook": 404,
		pathOf(o, ""):                     404,
		pathOf("", w):                     404,
		pathOf("", ""):                    404,
		pathOf(o, w) + "/":                404,
		pathOf(o, w) + "/secret":          404,
		"/" + pathOf(o, w):                404,
		"/x" + pathOf(o, w):               404,
		"/organization/" + pathOf(o, w):   404,
		pathOf(o+"/x", w):                 404,
		pathOf(o, "x/"+w):                 404,
		pathOf(o+"/", w):                  404,
		pathOf(o, "/"+w):                  404,
		"/." + pathOf(o, w):               404,
		"/.." + pathOf(o, w):              404,
		"/organization/../" + o + "/webhook/" + w:                              404,
		strings.Replace(pathOf(o, w), "organization", "Organization", 1):       404,
		strings.Replace(pathOf(o, w), "webhook", "webhooks", 1):                404,
		strings.Replace(pathOf(o, w), "webhook", "%77ebhook", 1):               404,
		strings.Replace(pathOf(o, w), "/webhook", "%2fwebhook", 1):             404,
		strings.Replace(pathOf(o, w), "/organization/", "/organization;a/", 1): 404,
	} {
		t.Run(path, func(t *testing.T) {
			got := serve(h, request("GET", path, bearer))
			require.Equal(t, want, got.Code)
			require.NoError(t, checkResponse("GET", got.Code, got.Header(), got.Body.String()))
		})
	}
	t.Run("paths set without parsing", func(t *testing.T) {
		for _, r := range []*http.Request{
			rawRequest("GET", "", ""),
			rawRequest("GET", "*", ""),
			rawRequest("GET", pathOf(o+"/", w), goodPath), // the raw path contradicts the path
			{Method: "GET", URL: &url.URL{Opaque: goodPath}},
		} {
			require.Equal(t, 404, serve(h, r).Code)
		}
		require.Equal(t, 401, serve(h, rawRequest("GET", goodPath, "")).Code)
	})
}

// A wrong id in either place is 400. The message names the parameter and does not quote the value.
func TestIDs(t *testing.T) {
	h := httpapi.NewHandler(goodStore, allowAll, nil)
	id := webhookID.String()
	for name, bad := range map[string]string{
		"a word":                   "latest",
		"a number":                 "1",
		"urn":                      "urn:uuid:" + id,
		"braces":                   "{" + id + "}",
		"escaped braces":           "%7B" + id + "%7D",
		"32 digits":                strings.ReplaceAll(id, "-", ""),
		"36 digits":                strings.ReplaceAll(id, "-", "0"),
		"36 hyphens":               strings.Repeat("-", 36),
		"hyphens elsewhere":        "3c90c3cc0-d44-4b50-8888-8dd25736052a",
		"35 characters":            id[:35],
		"37 characters":            id + "0",
		"not a hexadecimal digit":  "g" + id[1:],
		"a sign":                   "+" + id[1:],
		"38 bytes with other ends": "x" + id + "x",
		"an encoded digit":         "%33" + id[1:],
		"an encoded hyphen":        strings.Replace(id, "-", "%2d", 1),
		"an encoded slash":         "%2f" + id[1:],
		"an encoded backslash":     "%5c" + id[1:],
		"an encoded NUL":           id + "%00",
		"an encoded line end":      id + "%0d%0a",
		"an encoded space":         id + "%20",
		"a plus for a space":       "+" + id,
		"an encoded percent":       "%2533" + id[1:],
		"a fullwidth digit":        "%EF%BC%93" + id[1:],
		"an invalid byte":          "%ff" + id[1:],
		"a matrix parameter":       id + ";a=b",
		"dot":                      ".",
		"dots":                     "..",
		"encoded dots":             "%2e%2e",
		"quotes":                   "%22" + id + "%22",
		"long":                     strings.Repeat("3", 1<<12),
	} {
		t.Run(name, func(t *testing.T) {
			for parameter, path := range map[string]string{
				"organizationId": pathOf(bad, id),
				"webhookId":      pathOf(organizationID, bad),
			} {
				got := serve(h, request("GET", path, bearer))
				require.Equal(t, 400, got.Code)
				require.NoError(t, checkResponse("GET", got.Code, got.Header(), got.Body.String()))
				require.Contains(t, got.Body.String(), `"Validation error: `+parameter+` is not a UUID in its canonical 36-character form"`)
			}
		})
	}
	t.Run("no value is echoed", func(t *testing.T) {
		var log logged
		h := httpapi.NewHandler(goodStore, allowAll, log.logger())
		got := serve(h, request("GET", pathOf("zz-echo", "zz-echo"), bearer))
		require.NotContains(t, got.Body.String(), "zz-echo")
		require.NotContains(t, log.String(), "zz-echo")
	})
}
