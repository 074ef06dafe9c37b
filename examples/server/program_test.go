package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	acme  = "8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"
	other = "c2a4f3f0-5f53-4d1a-8a55-6f5f2f1f6a11"
	first = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
)

// list is a file's content: one webhook, with a description to recognize it by.
func list(description string) string {
	return `{"results":[{"id":"` + first + `","created_at":"2023-11-07T05:31:56Z","description":"` + description + `"}]}`
}

// folder makes a -webhooks folder from the content of each organization's file.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for organization, content := range files {
		write(t, filepath.Join(dir, organization+".json"), content)
	}
	return dir
}

func write(t *testing.T, file, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
}

// output sends each write of a program as one chunk.
type output chan string

func (o output) Write(p []byte) (int, error) {
	o <- string(p)
	return len(p), nil
}

// program is a running server.
type program struct {
	t              *testing.T
	stdout, stderr output
	printed        string // the part of both outputs read so far
	curl, listCurl string // the printed curl lines
	header, url    string // of the first line, as a shell would see them
	listHeader     string
	list           string // the second line's URL
	cancel         context.CancelFunc
	ended          chan error
}

// limit is how long a test waits for an event before it fails. It is long, since a busy
// machine may delay every event.
const limit = time.Minute

// start runs the program on a free port, and returns when it has printed its curl lines.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	// The buffer is large enough that no program blocks on it.
	p := &program{t: t, stdout: make(output, 1000), stderr: make(output, 1000), ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	p.cancel = cancel
	go func() {
		p.ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), p.stdout, p.stderr)
	}()
	p.curl = p.until(p.stdout, "curl")
	p.header, p.url = p.parts(p.curl)
	p.listCurl = p.until(p.stdout, "curl")
	p.listHeader, p.list = p.parts(p.listCurl)
	return p
}

// parts matches the header and the URL of a curl line.
func (p *program) parts(curl string) (header, url string) {
	p.t.Helper()
	parts := regexp.MustCompile(`^curl -H ("[^"]*"|'[^']*') (http://\S+)\n$`).FindStringSubmatch(curl)
	require.NotNil(p.t, parts, curl)
	header = strings.Trim(parts[1], `'"`)
	if parts[1][0] == '"' {
		header = os.ExpandEnv(header)
	}
	return header, parts[2]
}

// until reads up to a chunk that contains text, and returns the chunk.
func (p *program) until(from output, text string) string {
	p.t.Helper()
	for {
		select {
		case chunk := <-from:
			p.printed += chunk
			if strings.Contains(chunk, text) {
				return chunk
			}
		case err := <-p.ended:
			require.FailNow(p.t, "the program ended", "error: %v, output: %s", err, p.printed)
		case <-time.After(limit):
			require.FailNow(p.t, "missing output", "want %q, got %s", text, p.printed)
		}
	}
}

// end ends the program, and reads the rest of its output.
func (p *program) end() {
	p.t.Helper()
	p.cancel()
	require.NoError(p.t, <-p.ended)
	for len(p.stdout) > 0 {
		p.printed += <-p.stdout
	}
	for len(p.stderr) > 0 {
		p.printed += <-p.stderr
	}
}

// get requests url with a header, as in "Authorization: Token x", unless it is empty.
func get(t *testing.T, method, url, header string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	if key, value, ok := strings.Cut(header, ": "); ok {
		r.Header.Set(key, value)
	}
	res, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

// kill sends a signal to this process, which runs the program.
func kill(t *testing.T, s syscall.Signal) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no process can send itself a signal on Windows")
	}
	self, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	require.NoError(t, self.Signal(s))
}

func object(t *testing.T, text string) (o map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &o))
	return o
}

// results are the webhooks of a file.
func results(t *testing.T, file []byte) []map[string]any {
	t.Helper()
	var l struct{ Results []map[string]any }
	require.NoError(t, json.Unmarshal(file, &l))
	return l.Results
}
