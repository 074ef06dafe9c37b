//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// curlLine is a curl command that the program has printed.
type curlLine struct{ header, url string } // quoted for the shell

var curlLines = regexp.MustCompile(`(?m)^curl -H (\S+ \S+ \S+) (\S+)$`)

func (p *program) curl(t *testing.T) (one, list curlLine) {
	t.Helper()
	lines := curlLines.FindAllStringSubmatch(p.stdout.String(), -1)
	require.Len(t, lines, 2, &p.stdout)
	return curlLine{lines[0][1], lines[0][2]}, curlLine{lines[1][1], lines[1][2]}
}

// run does what a shell and curl do, with variables.
func (l curlLine) run(t *testing.T, variables map[string]string) (status int, body string) {
	t.Helper()
	expand := func(text string) string { return os.Expand(text, func(name string) string { return variables[name] }) }
	header := strings.Trim(l.header, `'"`)
	if l.header[0] == '"' {
		header = expand(header)
	}
	return get(t, expand(l.url), strings.TrimPrefix(header, "Authorization: "))
}

func TestWithNothingInstalled(t *testing.T) {
	t.Setenv("HOOKFILTER_TOKEN", "")
	p := start(t)
	require.Contains(t, p.stdout.String(), "Look up a webhook, and list all:\n\ncurl")
	oneLine, listLine := p.curl(t)
	require.Contains(t, oneLine.header, "'Authorization: Bearer ")
	require.Contains(t, listLine.header, "'Authorization: Token ")

	status, body := oneLine.run(t, nil)
	require.Equal(t, 200, status)
	var one struct{ ID string }
	require.NoError(t, json.Unmarshal([]byte(body), &one))
	require.True(t, strings.HasSuffix(oneLine.url, one.ID))
	status, body = listLine.run(t, nil)
	require.Equal(t, 200, status)
	require.Contains(t, body, one.ID)
	status, _ = get(t, oneLine.url, "")
	require.Equal(t, 401, status)
	status, _ = get(t, p.base+"/metrics", "")
	require.Equal(t, 404, status, "not for clients")
	token := strings.Trim(strings.TrimPrefix(listLine.header, "'Authorization: Token "), "'")
	require.Len(t, token, 26)
	require.NotContains(t, p.stderr.String(), token)
}

// TestSecondStart starts the program on a database that already has webhooks, with nothing to
// import: clients are authorized all the same, and the curl commands have variables for the ids.
func TestSecondStart(t *testing.T) {
	db := "sqlite:" + filepath.Join(t.TempDir(), "webhooks.db")
	p := start(t, "-db", db, "-import", folder(t, described(first, "stored")))
	p.end()
	require.NoError(t, p.wait(t))
	ids := map[string]string{"ORGANIZATION": acme, "WEBHOOK": first, "HOOKFILTER_TOKEN": "tok-env", "TOKEN": "tok-file"}
	tokens := tokensFile(t, "tok-file")
	for name, c := range map[string]struct {
		env    string
		args   []string
		note   string
		header string
	}{
		"a generated token": {"", nil,
			", with ORGANIZATION and WEBHOOK set to ids:\n\n", `'Authorization: Bearer [A-Z2-7]{26}'`},
		"HOOKFILTER_TOKEN": {"tok-env", nil,
			", with HOOKFILTER_TOKEN set to the server's token, and ORGANIZATION and WEBHOOK set to ids:\n\n", `"Authorization: Bearer \$HOOKFILTER_TOKEN"`},
		"a file": {"tok-env", []string{"-tokens", tokens},
			", with TOKEN set to a token of " + tokens + ", and ORGANIZATION and WEBHOOK set to ids:\n\n", `"Authorization: Bearer \$TOKEN"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOOKFILTER_TOKEN", c.env)
			p := start(t, append(c.args, "-db", db)...)
			require.Contains(t, p.stdout.String(), "Look up a webhook, and list all"+c.note)
			require.NotContains(t, p.stdout.String(), "tok-")
			one, list := p.curl(t)
			require.Regexp(t, "^"+c.header+"$", one.header)
			require.Equal(t, p.base+"/organization/$ORGANIZATION/webhook/$WEBHOOK", one.url)
			for _, line := range []curlLine{one, list} {
				status, body := line.run(t, ids)
				require.Equal(t, 200, status)
				require.Contains(t, body, "stored")
			}
			if len(c.args) > 0 {
				status, _ := get(t, p.one(acme, first), "Token tok-env")
				require.Equal(t, 401, status, "the file's tokens are the only ones")
			}
		})
	}
}

// TestSchemes sends each token under each scheme: a token is not accepted under another
// authorizer's scheme.
func TestSchemes(t *testing.T) {
	t.Setenv("HOOKFILTER_TOKEN", "tok-env") // not accepted with -tokens or -issuer
	provider := startProvider(t)
	jwt := provider.jwt(t, acme)
	tokens := tokensFile(t, "tok", jwt[:20])
	issuer := []string{"-issuer", provider.URL, "-audience", "api", "-organizations-claim", "orgs"}
	for name, c := range map[string]struct {
		args []string
		want map[string]int // by Authorization
	}{
		"a file": {[]string{"-tokens", tokens}, map[string]int{
			"Token tok": 200, "Bearer tok": 200, "Token x": 401, "Bearer " + jwt: 401, "Token " + jwt: 401, "Token tok-env": 401,
		}},
		"a provider": {issuer, map[string]int{
			"Token tok": 401, "Bearer tok": 401, "Bearer " + jwt: 200, "Token " + jwt: 401,
			"Bearer " + provider.jwt(t, first): 403, "Bearer " + provider.jwt(t): 403, "Token tok-env": 401, "Bearer tok-env": 401,
		}},
		"both": {append(issuer, "-tokens", tokens), map[string]int{
			"Token tok": 200, "Bearer tok": 401, "Bearer " + jwt: 200, "Token " + jwt: 401, "Bearer " + provider.jwt(t, first): 403,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, append(c.args, "-import", folder(t, described(first, "x")))...)
			for authorization, want := range c.want {
				status, _ := get(t, p.one(acme, first), authorization)
				require.Equal(t, want, status, authorization)
			}
			require.NotContains(t, p.stderr.String(), jwt[:20])
		})
	}
}

func TestCurlLines(t *testing.T) {
	provider := startProvider(t)
	tokens := tokensFile(t, "tok")
	noOrganization := write(t, filepath.Join(t.TempDir(), "tokens.json"), `{"tok":[]}`)
	const (
		other         = "0e83ed77-3c22-4883-8e42-cb6dec0c41a0" // sorts before acme
		ofOther       = "5f0c5a53-7c0e-4b86-8f0d-6a1c2c1c8a11"
		jwt, token    = `"Authorization: Bearer $JWT"`, `"Authorization: Token $TOKEN"`
		noIDs, andIDs = "/organization/$ORGANIZATION/webhook", ", and ORGANIZATION and WEBHOOK set to ids"
	)
	dir := folder(t, described(first, "x"))
	write(t, filepath.Join(dir, other+".json"), `{"results":[`+described(ofOther, "x")+`]}`)
	issuer := []string{"-issuer", provider.URL, "-audience", "api", "-organizations-claim", "orgs"}
	setJWT := "JWT set to a JWT of " + provider.URL
	for name, c := range map[string]struct {
		args         []string
		note         string
		one, list    string // headers
		organization string // "" if the commands have variables for the ids
		webhook      string
	}{
		"a provider": {append(issuer, "-import", dir), setJWT, jwt, jwt, other, ofOther},
		"both": {append(issuer, "-import", dir, "-tokens", tokens),
			setJWT + ", and TOKEN set to a token of " + tokens, jwt, token, acme, first},
		"both, but the tokens read no organization": {append(issuer, "-import", dir, "-tokens", noOrganization),
			setJWT + ", and TOKEN set to a token of " + noOrganization + andIDs, jwt, token, "", ""},
		"a provider, nothing stored": {append(issuer, "-db", "sqlite::memory:"), setJWT + andIDs, jwt, jwt, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, c.args...)
			require.Contains(t, p.stdout.String(), "Look up a webhook, and list all, with "+c.note+":\n\ncurl")
			one, list := p.curl(t)
			require.Equal(t, c.one, one.header)
			require.Equal(t, c.list, list.header)
			if c.organization == "" {
				require.Equal(t, p.base+noIDs+"/$WEBHOOK", one.url)
				require.Equal(t, p.base+noIDs, list.url)
				return
			}
			require.Equal(t, p.one(c.organization, c.webhook), one.url)
			for _, line := range []curlLine{one, list} {
				status, body := line.run(t, map[string]string{"JWT": provider.jwt(t, c.organization), "TOKEN": "tok"})
				require.Equal(t, 200, status, body)
			}
		})
	}
}
