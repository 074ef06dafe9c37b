package httpapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/gen"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/httpapi"
)

// attempt is an arbitrary request.
type attempt struct {
	Method, Target string
	Authorization  []string
}

func (a attempt) String() string {
	return fmt.Sprintf("%q %q, Authorization: %q", a.Method, a.Target, a.Authorization)
}

// request parses the target as a server does. A target that cannot be parsed becomes the path, as a
// middleware may set it.
func (a attempt) request() *http.Request {
	r := rawRequest(a.Method, a.Target, "")
	if u, err := url.ParseRequestURI(a.Target); err == nil {
		r.URL = u
	}
	if a.Authorization != nil {
		r.Header["Authorization"] = a.Authorization
	}
	return r
}

// mostly returns a generator that draws from usual in three of four cases, and from one of odd
// otherwise. So a value of many parts is often well-formed.
func mostly(usual gopter.Gen, odd ...gopter.Gen) gopter.Gen {
	all := []gen.WeightedGen{{Weight: 3 * len(odd), Gen: usual}}
	for _, g := range odd {
		all = append(all, gen.WeightedGen{Weight: 1, Gen: g})
	}
	return gen.Weighted(all)
}

// oneOf generates one of values. It has no shrinker, which would generate other values.
func oneOf[T any](values ...T) gopter.Gen {
	return gen.IntRange(0, len(values)-1).Map(func(i int) T { return values[i] })
}

// spoiled encodes, removes or replaces one byte of a text. Most replacements have a special meaning in a
// path or a header.
func spoiled(text gopter.Gen) gopter.Gen {
	with := []string{"", "%2f", "%00", "/", "//", "%", "\x00", "\r\n", " ", "..", "=", ",", "{", "é", "\xff", "K", "A", "-", "?", "#", ";"}
	return gopter.CombineGens(text, gen.IntRange(0, 1<<16), oneOf(with...), gen.Bool()).Map(func(v []any) string {
		s := v[0].(string)
		if s == "" {
			return v[2].(string)
		}
		i := v[1].(int) % len(s)
		if v[3].(bool) {
			return s[:i] + fmt.Sprintf("%%%02x", s[i]) + s[i+1:]
		}
		return s[:i] + v[2].(string) + s[i+1:]
	})
}

func genAttempt() gopter.Gen {
	organization := mostly(oneOf(mine.String(), theirs.String()), oneOf(strings.ToUpper(mine.String()), missing.String()))
	hook := gen.IntRange(0, len(worldIDs)-1).Map(func(i int) string { return worldIDs[i].String() })
	oddID := mostly(spoiled(hook), oneOf("", ".", "..", "urn:uuid:"+present.String(), "{"+present.String()+"}"), gen.AnyString())
	path := func(organization, hook gopter.Gen) gopter.Gen {
		return gopter.CombineGens(organization, hook).Map(func(v []any) string { return pathOf(v[0], v[1]) })
	}
	list := func(organization gopter.Gen) gopter.Gen {
		return organization.Map(func(id string) string { return "/organization/" + id + "/webhook" })
	}
	target := mostly(mostly(path(organization, hook), list(organization)), list(oddID), spoiled(list(organization)), path(organization, oddID), path(oddID, hook),
		spoiled(path(organization, hook)), gen.AnyString().Map(func(s string) string { return "/" + s }), gen.AnyString())
	method := mostly(oneOf("GET"), oneOf("HEAD"), oneOf("POST", "OPTIONS", "get", "CONNECT", ""), gen.AnyString())
	known := mostly(oneOf(myToken, theirToken), oneOf(brokenToken))
	other := gen.SliceOfN(16, gen.AlphaNumChar()).Map(func(c []rune) string { return "tok-" + string(c) })
	scheme := mostly(oneOf("Bearer ", "Token "), oneOf("bearer ", "TOKEN   "), oneOf("Basic ", "", "Bearer", "Token", "To\u212aen ", "Bearer\t"))
	header := func(token gopter.Gen) gopter.Gen {
		return gopter.CombineGens(scheme, token).Map(func(v []any) string { return v[0].(string) + v[1].(string) })
	}
	one := header(known).Map(func(h string) []string { return []string{h} })
	headers := mostly(one, header(other).Map(func(h string) []string { return []string{h} }),
		gen.SliceOf(mostly(header(known), header(spoiled(other)), gen.AnyString())))
	return gopter.CombineGens(method, target, headers).Map(func(v []any) attempt {
		return attempt{v[0].(string), v[1].(string), v[2].([]string)}
	})
}

// For every request, the handler returns without a panic, the status is the oracle's, and neither the
// response nor the log contains a secret.
func TestAnyRequest(t *testing.T) {
	seen := map[int]int{}
	parameters := gopter.DefaultTestParameters()
	parameters.MinSuccessfulTests = 2000
	properties := gopter.NewProperties(parameters)
	properties.Property("the status is the oracle's, and the response and the log have no secret", prop.ForAll(func(a attempt) (bool, error) {
		status, err := checkWorld(a.request())
		seen[status]++
		return err == nil, err
	}, genAttempt()))
	properties.TestingRun(t)
	for _, status := range []int{200, 400, 401, 403, 404, 405, 500, 503} {
		require.GreaterOrEqual(t, seen[status], 10, "requests with status %d; all: %v", status, seen)
	}
}

// Concurrent requests share one handler, under the race detector.
func TestConcurrentRequests(t *testing.T) {
	var log logged
	h := httpapi.NewHandler(world{}, httpapi.AuthorizerFunc(worldAuthorizer), log.logger())
	var all sync.WaitGroup
	errs := make(chan error, 8)
	for range cap(errs) {
		all.Go(func() {
			for _, id := range append(worldIDs, uuid.Nil) {
				for _, token := range []string{"", myToken, theirToken, brokenToken, "tok-other"} {
					for _, method := range []string{"GET", "HEAD", "POST"} {
						r := request(method, pathOf(mine, id), "Bearer "+token)
						if got := serve(h, r); got.Code != expectedStatus(r) {
							errs <- fmt.Errorf("%s with token %q: got %d, want %d", r.URL, token, got.Code, expectedStatus(r))
							return
						}
					}
				}
			}
		})
	}
	all.Wait()
	require.Empty(t, errs)
	require.Len(t, log.lines(), cap(errs)*(len(worldIDs)+1)*5*3)
}
