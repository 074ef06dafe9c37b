package httpapi_test

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzLookup asks the world for any path, by a request target if it can be one,
// with any Authorization header. The answer is the oracle's, and clean.
func FuzzLookup(f *testing.F) {
	for _, path := range []string{
		pathOf(mine, there), pathOf(theirs, there), pathOf(mine, swapped), pathOf(mine, failing), pathOf(mine, panicky),
		pathOf(mine, waiting), pathOf(mine, nothing), pathOf(mine, nowhere), pathOf(strings.ToUpper(mine.String()), there),
		pathOf("urn:uuid:"+mine.String(), there), pathOf(mine, "{"+there.String()+"}"), pathOf(mine, "%30"+there.String()[1:]),
		pathOf(mine, "%2f"), pathOf(mine, "x\x00\r\n"), pathOf(mine, "\xff"), pathOf("", ""), pathOf(mine, there) + "/", "//", "", "*", "/../",
		"/organization/" + mine.String() + "/webhook", "/organization/" + theirs.String() + "/webhook", "/organization/x/webhook", "/organization//webhook/",
	} {
		f.Add("GET", path, "Bearer "+myToken)
	}
	for _, header := range []string{
		"", "Bearer", "bEaReR  " + theirToken, "Bearer " + brokenToken, "Bearer a b", "Bearer ==", "Bearer \xff", "Basic YTpi", "Token " + myToken, "Token", "To\u212aen " + myToken,
		"Bearer " + strings.Repeat("a", 8193), "Bearer\t" + myToken, "Bearer " + myToken + ",",
	} {
		f.Add("HEAD", pathOf(mine, there), header)
	}
	f.Add("POST", pathOf(mine, there), "Bearer "+myToken)
	f.Fuzz(func(t *testing.T, method, path, header string) {
		r := rawRequest(method, path, "")
		if u, err := url.ParseRequestURI(path); err == nil {
			r.URL = u
		}
		r.Header["Authorization"] = []string{header}
		if _, fault := askWorld(r); fault != nil {
			t.Fatal(fault)
		}
	})
}
