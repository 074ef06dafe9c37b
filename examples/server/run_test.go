package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCurlLine runs both lines that were printed, for each source of the token, with
// Go's client and in a shell.
func TestCurlLine(t *testing.T) {
	dir := folder(t, map[string]string{other: `{"results":[]}`, acme: list("found")})
	tokensFile := filepath.Join(t.TempDir(), "tokens.json")
	write(t, tokensFile, `{"the-file-token":["`+acme+`"]}`)
	for name, c := range map[string]struct {
		env, token string
		args       []string
		note       string
	}{
		"generated at start":   {"", "", nil, "Look one up, and list them:"},
		"from the environment": {"HOOKFILTER_TOKEN", "the-env-token/+==", nil, "Look one up, and list them, with HOOKFILTER_TOKEN set to the server's token:"},
		"from a file":          {"TOKEN", "the-file-token", []string{"-tokens", tokensFile}, "Look one up, and list them, with TOKEN set to a token of " + tokensFile + ":"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOOKFILTER_TOKEN", "")
			if c.env != "" {
				t.Setenv(c.env, c.token)
			}
			p := start(t, append(c.args, "-webhooks", dir)...)
			require.Contains(t, p.printed, c.note)
			status, body := get(t, "GET", p.url, p.header)
			require.Equal(t, 200, status, body)
			require.Contains(t, body, `"description":"found"`)
			status, body = get(t, "HEAD", p.url, p.header)
			require.Equal(t, 200, status)
			require.Empty(t, body)
			status, _ = get(t, "GET", p.url, "")
			require.Equal(t, 401, status)
			status, _ = get(t, "GET", p.url, p.header+"x")
			require.Equal(t, 401, status)
			status, body = get(t, "GET", p.list, p.listHeader)
			require.Equal(t, 200, status)
			require.Equal(t, `{"results":[{"id":"`+first+`","created_at":"2023-11-07T05:31:56Z","description":"found"}]}`, body)
			if _, err := exec.LookPath("curl"); err == nil {
				for _, line := range []string{p.curl, p.listCurl} {
					out, err := exec.Command("sh", "-c", strings.Replace(line, "curl", "curl -sS", 1)).CombinedOutput()
					require.NoError(t, err, string(out))
					require.Contains(t, string(out), `"description":"found"`)
				}
			}
			p.end()

			if c.token != "" {
				require.NotContains(t, p.printed, c.token)
			} else {
				token := strings.TrimPrefix(p.header, "Authorization: Bearer ")
				require.Len(t, token, 26)
				require.Equal(t, "Authorization: Token "+token, p.listHeader)
				require.Equal(t, 2, strings.Count(p.printed, token))
			}
		})
	}
}

// TestSample serves the repository's own webhooks with the flags' defaults.
func TestSample(t *testing.T) {
	t.Chdir("../..")
	p := start(t)
	status, body := get(t, "GET", p.url, p.header)
	require.Equal(t, 200, status)
	file, err := os.ReadFile("testdata/webhooks/" + strings.Split(p.url, "/")[4] + ".json")
	require.NoError(t, err)
	require.Equal(t, results(t, file)[0], object(t, body))
	kill(t, syscall.SIGINT)
	require.NoError(t, <-p.ended)
}

// TestListIsAFile saves each list of the repository's own webhooks as a file of another
// folder, and serves that folder: the lists are equal, and have as many webhooks as
// the files.
func TestListIsAFile(t *testing.T) {
	t.Chdir("../..")
	files, err := filepath.Glob("testdata/webhooks/*[0-9a-f].json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	saved := t.TempDir()
	lists := map[string]string{}
	read := func(args ...string) {
		p := start(t, args...)
		defer p.end()
		for _, file := range files {
			organization := strings.TrimSuffix(filepath.Base(file), ".json")
			status, body := get(t, "GET", strings.Replace(p.list, strings.Split(p.list, "/")[4], organization, 1), p.listHeader)
			require.Equal(t, 200, status)
			if before, ok := lists[organization]; ok {
				require.Equal(t, before, body)
			}
			lists[organization] = body
			write(t, filepath.Join(saved, filepath.Base(file)), body)
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Len(t, results(t, []byte(body)), len(results(t, content)))
		}
	}
	read()
	read("-webhooks", saved)
}

// TestShutdownFinishesRequests has a pending request: net/http sends the response only
// after it has read the announced body.
func TestShutdownFinishesRequests(t *testing.T) {
	p := start(t, "-webhooks", folder(t, map[string]string{acme: list("in flight")}))
	require.Contains(t, p.printed, fmt.Sprintf(" (pid %d). ", os.Getpid()))
	address, path, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), "/")
	request := func(more string) net.Conn {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		require.NoError(t, conn.SetDeadline(time.Now().Add(limit)))
		_, err = io.WriteString(conn, "GET /"+path+" HTTP/1.1\r\nHost: x\r\n"+p.header+"\r\n"+more+"\r\n")
		require.NoError(t, err)
		p.until(p.stderr, "status=200")
		return conn
	}
	idle, conn := bufio.NewReader(request("")), request("Content-Length: 5\r\n")
	answered, err := http.ReadResponse(idle, nil)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answered.Body)
	require.NoError(t, err)
	kill(t, syscall.SIGTERM)
	// The server closes its listener first, and then the connections without a request.
	_, err = idle.ReadByte()
	require.ErrorIs(t, err, io.EOF)
	require.Empty(t, p.ended)
	_, err = io.WriteString(conn, "hello")
	require.NoError(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode)
	require.Contains(t, string(body), "in flight")
	require.NoError(t, <-p.ended)
}
