//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/hookfilter/hookfilter/internal/tests/postgrestest"
	"github.com/hookfilter/hookfilter/webhook"
)

const (
	acme  = "8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"
	first = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	soon  = 30 * time.Second
)

// output collects the program's output. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// program is a running service.
type program struct {
	stdout, stderr output
	base, metrics  string // URLs
	end            context.CancelFunc
	ended          chan error
}

// start runs the program on free ports until the test ends.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	p := &program{ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	p.end = cancel
	go func() {
		p.ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0", "-metrics", "127.0.0.1:0"}, args...), &p.stdout, &p.stderr)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case <-p.ended:
		case <-time.After(soon):
			t.Error("does not end")
		}
	})
	serving := regexp.MustCompile(`Metrics on (\S+)/metrics\nServing on (\S+) \(pid \d+\)\n`)
	require.Eventually(t, func() bool { return serving.MatchString(p.stdout.String()) || len(p.ended) > 0 }, soon, time.Millisecond)
	found := serving.FindStringSubmatch(p.stdout.String())
	require.NotNil(t, found, "%s%s", &p.stdout, &p.stderr)
	p.metrics, p.base = found[1], found[2]
	return p
}

var client = &http.Client{Timeout: soon}

// get requests a URL, with an Authorization header if it is not empty.
func get(t *testing.T, url, authorization string) (status int, body string) {
	t.Helper()
	status, body, err := try(t.Context(), client, url, authorization)
	require.NoError(t, err)
	return status, body
}

func try(ctx context.Context, client *http.Client, url, authorization string) (status int, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	res, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return res.StatusCode, string(data), err
}

func (p *program) one(organization, id string) string {
	return fmt.Sprintf("%s/organization/%s/webhook/%s", p.base, organization, id)
}

// folder is a folder to import: acme's webhooks.
func folder(t *testing.T, webhooks ...string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, acme+".json"), `{"results":[`+strings.Join(webhooks, ",")+`]}`)
	return dir
}

func described(id, description string) string {
	return `{"id":"` + id + `","created_at":"2023-11-07T05:31:56Z","description":"` + description + `"}`
}

func write(t *testing.T, file, content string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}

func TestWithNothingInstalled(t *testing.T) {
	p := start(t)
	require.Eventually(t, func() bool { return strings.Count(p.stdout.String(), "\n") >= 6 }, soon, time.Millisecond)
	lines := regexp.MustCompile(`(?m)^curl -H 'Authorization: ([^']+)' (\S+)$`).FindAllStringSubmatch(p.stdout.String(), -1)
	require.Len(t, lines, 2, &p.stdout)
	require.True(t, strings.HasPrefix(lines[0][1], "Bearer "))
	require.True(t, strings.HasPrefix(lines[1][1], "Token "))

	status, body := get(t, lines[0][2], lines[0][1])
	require.Equal(t, 200, status)
	var one struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(body), &one))
	require.True(t, strings.HasSuffix(lines[0][2], one.ID))
	status, body = get(t, lines[1][2], lines[1][1])
	require.Equal(t, 200, status)
	require.Contains(t, body, one.ID)
	status, _ = get(t, lines[0][2], "")
	require.Equal(t, 401, status)
	status, _ = get(t, p.base+"/metrics", "")
	require.Equal(t, 404, status, "not for clients")
	token := strings.TrimPrefix(lines[1][1], "Token ")
	require.NotContains(t, p.stderr.String(), token)
}

func TestMetrics(t *testing.T) {
	p := start(t, "-import", folder(t, described(first, "x")), "-tokens", write(t, filepath.Join(t.TempDir(), "t"), `{"tok":["`+acme+`"]}`))
	for range 3 {
		get(t, p.one(acme, first), "Token tok")
	}
	get(t, p.one(acme, uuid.NewString()), "Token tok")
	get(t, p.one(uuid.NewString(), first), "Token tok")
	get(t, p.base+"/organization/"+acme+"/webhook", "Bearer tok")
	get(t, p.base+"/organization//webhook/..", "")
	get(t, p.base+"/"+uuid.NewString(), "")
	status, text := get(t, p.metrics+"/metrics", "")
	require.Equal(t, 200, status)
	for _, line := range []string{
		`hookfilter_requests_total{code="200",operation="one"} 3`,
		`hookfilter_requests_total{code="404",operation="one"} 1`,
		`hookfilter_requests_total{code="403",operation="one"} 1`,
		`hookfilter_requests_total{code="200",operation="list"} 1`,
		`hookfilter_requests_total{code="404",operation="other"} 2`,
		`hookfilter_request_duration_seconds_count{operation="one"} 5`,
		`hookfilter_store_errors_total{kind="unavailable",operation="one"} 0`,
		`hookfilter_database_connections_max 1`,
		`hookfilter_database_connections_in_use 0`,
		`hookfilter_database_connections_idle 1`,
	} {
		require.Contains(t, text, line+"\n")
	}
	require.Contains(t, text, "go_goroutines ")
	require.NotRegexp(t, `[0-9a-f]{8}-[0-9a-f]{4}`, text, "no id is a label")
	require.NotContains(t, text, "tok")
	status, _ = get(t, p.metrics+"/organization/"+acme+"/webhook", "Bearer tok")
	require.Equal(t, 404, status)
}

// startProvider starts an OpenID Connect provider, and returns it with a function that
// issues its tokens.
func startProvider(t *testing.T) (server *httptest.Server, jwt func(organizations ...string) string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: key.Public(), KeyID: "k", Algorithm: oidc.ES256}}}
	server = httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.SetIssuer(server.URL)
	return server, func(organizations ...string) string {
		claims, err := json.Marshal(map[string]any{"iss": server.URL, "aud": "api", "exp": time.Now().Add(time.Hour).Unix(), "orgs": organizations})
		require.NoError(t, err)
		return oidctest.SignIDToken(key, "k", oidc.ES256, string(claims))
	}
}

// TestSchemes sends each token under each scheme: a token is not accepted under another
// authorizer's scheme.
func TestSchemes(t *testing.T) {
	provider, jwt := startProvider(t)
	tokens := write(t, filepath.Join(t.TempDir(), "tokens.json"), `{"tok":["`+acme+`"],"`+jwt(acme)[:20]+`":["`+acme+`"]}`)
	issuer := []string{"-issuer", provider.URL, "-audience", "api", "-organizations-claim", "orgs"}
	for name, c := range map[string]struct {
		args []string
		want map[string]int // by Authorization
	}{
		"a file": {[]string{"-tokens", tokens}, map[string]int{
			"Token tok": 200, "Bearer tok": 200, "Token x": 401, "Bearer " + jwt(acme): 401, "Token " + jwt(acme): 401,
		}},
		"a provider": {issuer, map[string]int{
			"Token tok": 401, "Bearer tok": 401, "Bearer " + jwt(acme): 200, "Token " + jwt(acme): 401, "Bearer " + jwt(first): 403, "Bearer " + jwt(): 403,
		}},
		"both": {append(issuer, "-tokens", tokens), map[string]int{
			"Token tok": 200, "Bearer tok": 401, "Bearer " + jwt(acme): 200, "Token " + jwt(acme): 401, "Bearer " + jwt(first): 403,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, append(c.args, "-import", folder(t, described(first, "x")))...)
			for authorization, want := range c.want {
				status, _ := get(t, p.one(acme, first), authorization)
				require.Equal(t, want, status, authorization)
			}
			require.NotContains(t, p.stderr.String(), jwt(acme)[:20])
		})
	}
}

func TestCurlLines(t *testing.T) {
	provider, _ := startProvider(t)
	tokens := write(t, filepath.Join(t.TempDir(), "tokens.json"), `{"tok":["`+acme+`"]}`)
	dir := folder(t, described(first, "x"))
	issuer := []string{"-import", dir, "-issuer", provider.URL, "-audience", "api"}
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"a file":     {[]string{"-import", dir, "-tokens", tokens}, []string{"with a token of " + tokens + " as TOKEN:", `"Authorization: Bearer $TOKEN"`, `"Authorization: Token $TOKEN"`}},
		"a provider": {issuer, []string{"with a JWT of " + provider.URL + " as JWT:", `"Authorization: Bearer $JWT"`}},
		"both":       {append(issuer, "-tokens", tokens), []string{"as JWT and a token of " + tokens + " as TOKEN:", `"Authorization: Bearer $JWT"`, `"Authorization: Token $TOKEN"`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, c.args...)
			require.Eventually(t, func() bool { return strings.Count(p.stdout.String(), "curl") == 2 }, soon, time.Millisecond)
			for _, want := range c.want {
				require.Contains(t, p.stdout.String(), want)
			}
		})
	}
}

func TestImport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "webhooks.db")
	db := "sqlite:" + file
	store, err := openStore(t.Context(), db)
	require.NoError(t, err)
	defer store.Close()
	at := func() uint64 {
		f, err := store.Follow(t.Context())
		require.NoError(t, err)
		defer f.Close()
		return f.Revision()
	}
	second, newer := uuid.NewString(), uuid.NewString()
	dir := folder(t, described(first, "x"), described(second, "y"), `{"id":"`+uuid.NewString()+`","kind":1}`, `7`,
		`{"id":"`+newer+`","created_at":"2023-11-07T05:31:56Z","kind":"TEAMS","target_url":"ftp://host/SECRET","events":["DEPLOYMENT_QUEUED"]}`)
	p := start(t, "-db", db, "-import", dir)
	require.EqualValues(t, 3, at(), "the values of a newer API are imported")
	require.Equal(t, 2, strings.Count(p.stderr.String(), "not imported"), &p.stderr)
	require.NotContains(t, p.stderr.String(), "host/SECRET")
	_, err = store.Delete(t.Context(), uuid.MustParse(acme), uuid.MustParse(newer))
	require.NoError(t, err)

	// Only webhooks that differ are put, and none is deleted.
	dir = folder(t, described(second, "z"))
	p = start(t, "-db", db, "-import", dir)
	require.EqualValues(t, 5, at())
	all, err := store.Webhooks(t.Context(), uuid.MustParse(acme))
	require.NoError(t, err)
	require.Len(t, all, 2)
	start(t, "-db", db, "-import", dir)
	require.EqualValues(t, 5, at())

	// An invalid version is refused, and the stored one stays.
	invalid := strings.Replace(described(second, "invalid"), `"description"`, `"project_names_filter":[""],"description"`, 1)
	p = start(t, "-db", db, "-import", folder(t, invalid, described(first, "x")))
	require.Contains(t, p.stderr.String(), "project_names_filter[0]: empty")
	require.EqualValues(t, 5, at())

	// A broken row is repaired, and no other webhook is put.
	broken, err := sql.Open("sqlite", file)
	require.NoError(t, err)
	_, err = broken.Exec(`UPDATE hookfilter_webhooks SET document = '{' WHERE id = ?`, second)
	require.NoError(t, err)
	require.NoError(t, broken.Close())
	_, err = store.Webhooks(t.Context(), uuid.MustParse(acme))
	require.ErrorContains(t, err, second)
	start(t, "-db", db, "-import", folder(t, described(second, "repaired"), described(first, "x")))
	all, err = store.Webhooks(t.Context(), uuid.MustParse(acme))
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.EqualValues(t, 6, at())

	// Nothing is imported from a folder with a file that cannot be read as a whole.
	dir = folder(t, described(first, "not imported"))
	write(t, filepath.Join(dir, uuid.NewString()+".json"), "{")
	require.ErrorContains(t, run(t.Context(), []string{"-db", db, "-import", dir}, io.Discard, io.Discard), "invalid format: line 1, column 2")
	require.EqualValues(t, 6, at())

	p = start(t, "-db", db)
	require.NotContains(t, p.stdout.String(), "curl")
	require.Contains(t, p.stdout.String(), "Serving on")
}

func TestReadiness(t *testing.T) {
	server := postgrestest.Start(t)
	provider, _ := startProvider(t)
	p := start(t, "-db", server.Database(t, "test"), "-issuer", provider.URL, "-audience", "api")
	for _, base := range []string{p.base, p.metrics} {
		for _, path := range []string{"/healthz", "/readyz"} {
			status, body := get(t, base+path, "")
			require.Equal(t, 200, status)
			require.Equal(t, "ok\n", body)
		}
	}
	server.Signal(syscall.SIGQUIT)
	status, body := get(t, p.base+"/readyz", "")
	require.Equal(t, 503, status)
	require.Equal(t, "database unreachable\n", body)
	status, _ = get(t, p.base+"/healthz", "")
	require.Equal(t, 200, status)
	server.Restart(t)
	require.Eventually(t, func() bool { status, _ := get(t, p.base+"/readyz", ""); return status == 200 }, soon, time.Millisecond)
}

// TestReadinessOfTheProvider uses a provider that never answers, because a real one is
// asked again only after KeysEvery.
func TestReadinessOfTheProvider(t *testing.T) {
	h := health{map[string]func(context.Context) error{
		"database": func(context.Context) error { return nil },
		"provider": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	}}
	answer := httptest.NewRecorder()
	h.beside(http.NotFoundHandler()).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	require.Equal(t, 503, answer.Code)
	require.Equal(t, "provider unreachable\n", answer.Body.String())
}

// TestDatabaseRestarts restarts the database under load: clients see only 200 and 503,
// and 200 again within a second of its return.
func TestDatabaseRestarts(t *testing.T) {
	for name, signal := range map[string]syscall.Signal{"fast end": syscall.SIGINT, "SIGKILL": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			server := postgrestest.Start(t)
			p := start(t, "-db", server.Database(t, "test"), "-import", folder(t, described(first, "x")),
				"-tokens", write(t, filepath.Join(t.TempDir(), "t"), `{"tok":["`+acme+`"]}`))
			type answer struct {
				at     time.Time
				status int
				err    error
			}
			answers := make(chan answer, 1<<20)
			ctx, cancel := context.WithCancel(t.Context())
			var load sync.WaitGroup
			for range 8 {
				load.Go(func() {
					for ctx.Err() == nil {
						status, _, err := try(t.Context(), client, p.one(acme, first), "Token tok")
						answers <- answer{time.Now(), status, err}
					}
				})
			}
			// until returns after n further responses with a status.
			seen := map[int]int{}
			until := func(status, n int) (last answer) {
				t.Helper()
				for n > 0 {
					select {
					case last = <-answers:
						require.NoError(t, last.err)
						seen[last.status]++
						if last.status == status {
							n--
						}
					case <-time.After(soon):
						require.FailNow(t, "no answer", "%d, but %v", status, seen)
					}
				}
				return last
			}
			until(200, 100)
			server.Signal(signal)
			until(503, 100)
			server.Restart(t)
			returned := time.Now()
			for until(200, 1).at.Before(returned) {
			}
			t.Logf("200 again %v after the database's return", time.Since(returned).Round(time.Millisecond))
			until(200, 100)
			cancel()
			load.Wait()
			close(answers)
			for a := range answers {
				require.NoError(t, a.err)
				seen[a.status]++
			}
			require.Equal(t, seen[200]+seen[503], sum(seen), "%v", seen)
			_, text := get(t, p.metrics+"/metrics", "")
			require.Contains(t, text, fmt.Sprintf(`hookfilter_requests_total{code="503",operation="one"} %d`+"\n", seen[503]))
			require.Contains(t, text, fmt.Sprintf(`hookfilter_store_errors_total{kind="unavailable",operation="one"} %d`+"\n", seen[503]))
			require.NotContains(t, p.stderr.String(), "tok")
		})
	}
}

func sum(counts map[int]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

func TestTLS(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	dir := t.TempDir()
	certFile := write(t, filepath.Join(dir, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	keyFile := write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})))
	p := start(t, "-tls-cert", certFile, "-tls-key", keyFile)
	require.True(t, strings.HasPrefix(p.base, "https://"))
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	status, _, err := try(t.Context(), trusting, p.base+"/healthz", "")
	require.NoError(t, err)
	require.Equal(t, 200, status)
	trusting.CloseIdleConnections()
	status, _ = get(t, p.metrics+"/healthz", "")
	require.Equal(t, 200, status, "plain")
}

// TestGracefulEnd ends the program while a request waits for the database.
func TestGracefulEnd(t *testing.T) {
	server := postgrestest.Start(t)
	db := server.Database(t, "test")
	store, err := openStore(t.Context(), db)
	require.NoError(t, err)
	w := new(webhook.Webhook)
	require.NoError(t, json.Unmarshal([]byte(described(first, "x")), w))
	_, err = store.Put(t.Context(), uuid.MustParse(acme), w)
	require.NoError(t, err)
	require.NoError(t, store.Close())
	p := start(t, "-db", db, "-tokens", write(t, filepath.Join(t.TempDir(), "t"), `{"tok":["`+acme+`"]}`))
	server.SignalAll(t, syscall.SIGSTOP)
	t.Cleanup(func() { server.SignalAll(t, syscall.SIGCONT) })
	answered := make(chan int)
	go func() {
		status, _, _ := try(context.Background(), client, p.one(acme, first), "Token tok")
		answered <- status
	}()
	inUse := func() bool {
		_, text := get(t, p.metrics+"/metrics", "")
		return strings.Contains(text, "hookfilter_database_connections_in_use 1\n")
	}
	require.Eventually(t, inUse, soon, time.Millisecond)
	p.end()
	require.Eventually(t, func() bool { // no new connections
		_, _, err := try(t.Context(), &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, p.base+"/healthz", "")
		return err != nil
	}, soon, time.Millisecond)
	server.SignalAll(t, syscall.SIGCONT)
	require.Equal(t, 200, <-answered)
	require.NoError(t, <-p.ended)
	p.ended <- nil
	require.Contains(t, p.stderr.String(), "status=200")
}

func TestEndsBySignal(t *testing.T) {
	p := start(t)
	self, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	require.NoError(t, self.Signal(syscall.SIGTERM))
	select {
	case err := <-p.ended:
		require.NoError(t, err)
	case <-time.After(soon):
		require.FailNow(t, "does not end")
	}
	p.ended <- nil
}

func TestRefusesToStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for name, c := range map[string]struct {
		args []string
		says string // on standard error, or in the error
	}{
		"an argument":                {[]string{"x"}, `unexpected argument: "x"`},
		"an unknown flag":            {[]string{"-x"}, "-x"},
		"an issuer alone":            {[]string{"-issuer", "https://x.example"}, "-issuer and -audience go together"},
		"an audience alone":          {[]string{"-audience", "x"}, "-issuer and -audience go together"},
		"a certificate alone":        {[]string{"-tls-cert", "x"}, "-tls-cert and -tls-key go together"},
		"a key alone":                {[]string{"-tls-key", "x"}, "-tls-cert and -tls-key go together"},
		"another database":           {[]string{"-db", "mysql://u:SECRET@h"}, `unsupported URL scheme "mysql": want postgres or sqlite`},
		"no URL":                     {[]string{"-db", "SECRET"}, `unsupported URL scheme "": want postgres or sqlite`},
		"no scheme":                  {[]string{"-db", "SECRET@h:5432/d"}, `unsupported URL scheme "": want postgres or sqlite`},
		"a database that is away":    {[]string{"-db", "postgres://u:SECRET@/d?host=/nowhere"}, "unavailable"},
		"a folder that is not there": {[]string{"-import", "/nowhere"}, "/nowhere"},
		"tokens that are not there":  {[]string{"-tokens", "/nowhere"}, "/nowhere"},
		"an issuer by plain http":    {[]string{"-issuer", "http://x.example", "-audience", "x"}, "Issuer is not an https URL"},
		"a provider that is away":    {[]string{"-issuer", "https://127.0.0.1:1", "-audience", "x"}, "oidcauth: unavailable"},
		"an address that is taken":   {[]string{"-addr", taken.Addr().String()}, "address already in use"},
		"metrics' address is taken":  {[]string{"-addr", "127.0.0.1:0", "-metrics", taken.Addr().String()}, "address already in use"},
		"a certificate that is away": {[]string{"-addr", "127.0.0.1:0", "-tls-cert", "/nowhere", "-tls-key", "/nowhere"}, "/nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr output
			err := run(t.Context(), c.args, &stdout, &stderr)
			require.Error(t, err)
			require.Contains(t, stderr.String()+err.Error(), c.says)
			require.NotContains(t, stderr.String()+err.Error(), "SECRET")
		})
	}
	var stdout, stderr output
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, &stdout, &stderr), flag.ErrHelp)
	require.Contains(t, stderr.String(), "-organizations-claim")
}
