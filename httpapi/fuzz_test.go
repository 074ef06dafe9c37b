package httpapi_test

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzLookup sends requests with any method, path and Authorization header. The status must be the
// oracle's, and neither the response nor the log may contain a secret.
func FuzzLookup(f *testing.F) {
	for _, path := range []string{
		pathOf(mine, present), pathOf(theirs, present), pathOf(mine, misplaced), pathOf(mine, failing), pathOf(mine, panicking),
		pathOf(mine, unavailable), pathOf(mine, nilResult), pathOf(mine, missing), pathOf(strings.ToUpper(mine.String()), present),
		pathOf("urn:uuid:"+mine.String(), present), pathOf(mine, "{"+present.String()+"}"), pathOf(mine, "%30"+present.String()[1:]),
		pathOf(mine, "%2f"), pathOf(mine, "x\x00\r\n"), pathOf(mine, "\xff"), pathOf("", ""), pathOf(mine, present) + "/", "//", "", "*", "/../",
		"/organization/" + mine.String() + "/webhook", "/organization/" + theirs.String() + "/webhook", "/organization/x/webhook", "/organization//webhook/",
	} {
		f.Add("GET", path, "Bearer "+myToken)
	}
	for _, header := range []string{
		"", "Bearer", "bEaReR  " + theirToken, "Bearer " + brokenToken, "Bearer a b", "Bearer ==", "Bearer \xff", "Basic YTpi", "Token " + myToken, "Token", "To\u212aen " + myToken,
		"Bearer " + strings.Repeat("a", 8193), "Bearer\t" + myToken, "Bearer " + myToken + ",",
	} {
		f.Add("HEAD", pathOf(mine, present), header)
	}
	f.Add("POST", pathOf(mine, present), "Bearer "+myToken)
	f.Fuzz(func(t *testing.T, method, path, header string) {
		r := rawRequest(method, path, "")
		if u, err := url.ParseRequestURI(path); err == nil {
			r.URL = u
		}
		r.Header["Authorization"] = []string{header}
		if _, err := checkWorld(r); err != nil {
			t.Fatal(err)
		}
	})
}
