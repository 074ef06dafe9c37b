//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	acme  = "8b3ddb2d-1a1e-4f0a-9a55-0d2f5d3fbd1c"
	first = "3c90c3cc-0d44-4b50-8888-8dd25736052a"

	// soon limits how long a test waits for an event. It is longer than any event takes.
	soon = 30 * time.Second
)

// TestMain runs the program instead of the tests in a process that a test has started.
func TestMain(m *testing.M) {
	if os.Getenv("SERVICE_TEST_PROGRAM") != "" {
		main()
	}
	os.Exit(m.Run())
}

// output collects the program's output. It is safe for concurrent use.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	read int // offset in text after the last line that output.until returned
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

// until waits for a line that contains text, after the line that it returned last.
func (o *output) until(t *testing.T, text string) (line string) {
	t.Helper()
	found := func() bool {
		o.mu.Lock()
		defer o.mu.Unlock()
		for rest := o.text.String()[o.read:]; ; {
			var whole bool
			line, rest, whole = strings.Cut(rest, "\n")
			if !whole || strings.Contains(line, text) {
				if whole {
					o.read = o.text.Len() - len(rest)
				}
				return whole
			}
		}
	}
	for deadline := time.Now().Add(soon); !found(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "no line has %q:\n%s", text, o)
	}
	return line
}

// program is a running service.
type program struct {
	stdout, stderr output
	base, metrics  string // URLs
	end            func() // makes the program end
	ended          chan struct{}
	err            error // valid when ended is closed
}

// start runs the program on free ports until the test ends. The timeouts are longer than
// any operation takes on a slow machine.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	set, err := parse(append([]string{"-addr", "127.0.0.1:0", "-metrics", "127.0.0.1:0"}, args...), io.Discard)
	require.NoError(t, err)
	set.databaseTimeout, set.readyTimeout, set.providerEvery = soon, soon, 10*time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	p := &program{end: cancel, ended: make(chan struct{})}
	go func() {
		p.err = serve(ctx, set, &p.stdout, &p.stderr)
		close(p.ended)
	}()
	return p.started(t)
}

// startProcess runs the program in a process of its own, for the tests of signals.
func startProcess(t *testing.T, args ...string) (p *program, signal func(os.Signal)) {
	t.Helper()
	cmd := process(t, append([]string{"-addr", "127.0.0.1:0", "-metrics", "127.0.0.1:0"}, args...)...)
	p = &program{end: func() { _ = cmd.Process.Signal(syscall.SIGTERM) }, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = &p.stdout, &p.stderr
	require.NoError(t, cmd.Start())
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	return p.started(t), func(s os.Signal) { require.NoError(t, cmd.Process.Signal(s)) }
}

// process returns the command that runs the program in an empty folder.
func process(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, args...)
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "SERVICE_TEST_PROGRAM=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	return cmd
}

// started returns when the program has printed its curl commands.
func (p *program) started(t *testing.T) *program {
	t.Helper()
	t.Cleanup(func() {
		p.end()
		p.wait(t)
	})
	serving := regexp.MustCompile(`Metrics on (\S+)/metrics\nServing on (\S+) \(pid \d+\)\n(?:.*\n)+curl .*\ncurl .*\n`)
	require.Eventually(t, func() bool { return serving.MatchString(p.stdout.String()) || p.hasEnded() }, soon, time.Millisecond)
	found := serving.FindStringSubmatch(p.stdout.String())
	require.NotNil(t, found, "%s%s", &p.stdout, &p.stderr)
	p.metrics, p.base = found[1], found[2]
	return p
}

func (p *program) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// wait waits for the end of the program and returns its error.
func (p *program) wait(t *testing.T) error {
	t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(soon):
		require.FailNow(t, "the program does not end", "%s", &p.stderr)
		return nil
	}
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

// requireMetric requires a line of the metrics.
func (p *program) requireMetric(t *testing.T, line string) {
	t.Helper()
	_, text := get(t, p.metrics+"/metrics", "")
	require.Contains(t, text, line+"\n")
}

// folder returns a new folder to import, with acme's webhooks.
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

// tokensFile returns a new file of tokens that may read acme.
func tokensFile(t *testing.T, tokens ...string) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), "tokens.json"), tokensOf(tokens...))
}

func tokensOf(tokens ...string) string {
	var members []string
	for _, token := range tokens {
		members = append(members, `"`+token+`":["`+acme+`"]`)
	}
	return "{" + strings.Join(members, ",") + "}"
}
