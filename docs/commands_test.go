//go:build unix

// Package docs_test runs the commands in the documents, all *.md files of the repository,
// and compares their output with the output that a document shows.
//
// A command is one of the following:
//
//   - a line of an sh block; it must succeed
//   - a line of a console block that begins with "$ "; the lines up to the next command
//     are its complete output, standard output and standard error together
//   - a code span in the text that begins with a go subcommand or .ci/
//
// A \ at the end continues a line. The commands of a document run in order, in the root of
// a copy of the repository.
//
//	go test ./docs            # the fast commands of the main module
//	go test ./docs -all       # all commands, as .ci/run does
//	go test ./docs -update    # rewrites the output in the documents
package docs_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	all    = flag.Bool("all", false, "also run the slow commands")
	update = flag.Bool("update", false, "rewrite the output in the documents")
)

// slow matches the commands that run only with -all.
var slow = regexp.MustCompile(`^go (-C|test)|^\.ci/`)

// elsewhere maps commands that this test does not run to the reason.
var elsewhere = map[string]string{
	".ci/run":                     "it runs this test",
	".ci/run faults":              "takes minutes; shorter in .ci/run",
	".ci/run vulns":               "needs the database of vulnerabilities",
	"go test ./docs -update":      "it is this test",
	"go test ./...":               "in .ci/run",
	"go -C benchmarks test ./...": "in .ci/run",
	"go mod tidy":                 "for a module of the reader's own",
	"go mod edit -require github.com/hookfilter/hookfilter@v0.0.0 -replace github.com/hookfilter/hookfilter=../hookfilter": "for a module of the reader's own",
	"go test ./examples/dispatch ./examples/hooktest -update":                                                              "the files are tested as they are",
	"go -C internal/tests test ./natsfeed -run TestThreeServers -v -args -rounds 10":                                       "takes minutes",
	"go -C examples/cluster test -run '^$' -bench Dispatch -benchtime 50000x -count 3":                                     "takes minutes",
	"go -C examples/cluster test -race -run TestFaults -v -timeout 20m -args -long":                                        "takes minutes; shorter in .ci/run",
	"go -C internal/tests test ./natsfeed -run '^$' -bench Visible -benchtime 500x":                                        "takes minutes",
	"go -C internal/tests test ./natsfeed -run '^$' -bench Load -benchtime 1000000x":                                       "takes minutes",
	"go -C internal/tests test ./sqlstore -run '^$' -bench .":                                                              "takes minutes",
	`go -C internal/tests test ./browser -run TestLook -look "$(mktemp -d)"`:                                               "without the pictures in .ci/run",
}

// shorter maps long-running commands to the commands that run instead.
var shorter = map[string]string{
	"go -C benchmarks run ./cmd/tables":                       "go -C benchmarks run ./cmd/tables -divide 1000 -time 1ms",
	"go -C benchmarks run ./cmd/tables -runs 3 -churn 500000": "go -C benchmarks run ./cmd/tables -runs 3 -churn 500000 -divide 1000 -time 1ms",
	"go -C httpapi/oidcauth test -run '^$' -bench .":          "go -C httpapi/oidcauth test -run '^$' -bench . -benchtime 1x",
	"go -C benchmarks test -run '^$' -bench . ./peers":        "go -C benchmarks test -run '^$' -bench . -benchtime 1x ./peers",
	"go -C benchmarks test -run '^$' -bench . -benchmem .":    "go -C benchmarks test -run '^$' -bench '/webhooks=10$' -benchtime 1x -benchmem .",
}

// endless maps commands that run until they are interrupted to a text that they print when
// they are ready. They run only with -all.
var endless = map[string]string{
	"go run ./examples/server":     "curl ",
	"go run ./examples/playground": "http://",
	"go -C examples/service run .": "curl ",
}

// command is a command in a document.
type command struct {
	line   int // its first line in the document, from 1
	last   int // its last line
	text   string
	output *string // nil: not shown
}

// span matches a command in the text of a document.
var span = regexp.MustCompile("`((?:go (?:-C|run|test|build|get|mod|tool) |\\.ci/)[^`]+)`")

// commands returns the commands in a document.
func commands(document string) (found []command) {
	language, outside := "", true
	continued := false
	for i, line := range strings.Split(document, "\n") {
		last := len(found) - 1
		if info, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			outside, continued = !outside, false
			language = info
			continue
		}
		prompt := strings.HasPrefix(line, "$ ")
		switch {
		case outside:
			for _, match := range span.FindAllStringSubmatch(line, -1) {
				found = append(found, command{line: i + 1, last: i + 1, text: match[1]})
			}
			continue
		case continued:
			found[last].text = strings.TrimSuffix(found[last].text, `\`) + strings.TrimSpace(line)
			found[last].last = i + 1
		case language == "sh" && line != "" && line[0] != '#':
			found = append(found, command{line: i + 1, last: i + 1, text: line})
		case language == "console" && prompt:
			found = append(found, command{line: i + 1, last: i + 1, text: line[2:], output: new(string)})
		case language == "console":
			*found[last].output += line + "\n"
		}
		continued = (language == "sh" || prompt || continued) && strings.HasSuffix(line, `\`)
	}
	for i, c := range found {
		text, _, _ := strings.Cut(c.text, " # ")
		found[i].text = strings.TrimSpace(text)
	}
	return found
}

func TestFinder(t *testing.T) {
	shown := func(s string) *string { return &s }
	require.Equal(t, []command{
		{1, 1, "go test -run '^$' ./filter", nil}, {1, 1, ".ci/run", nil},
		{4, 4, "mkdir a", nil}, {6, 7, "go run . -x | cat", nil},
		{11, 12, "echo a b", shown("a b\n\n")}, {15, 15, "false", shown("")},
	}, commands("Run `go test -run '^$' ./filter` or `.ci/run`; `go run` and `go.mod` are none.\n"+
		"```sh\n# a comment\nmkdir a   # another\n\ngo run . -x \\\n  | cat\n```\n"+
		"\n```console\n$ echo a \\\n  b\na b\n\n$ false\n```\n```json\n$ {}\n```\n"))
}

// repository returns a copy of the repository.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch relative, _ := filepath.Rel("..", path); {
		case err != nil:
			return err
		case entry.Name() == ".git", entry.Name() == "node_modules":
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil // .git is a file in a worktree
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(dir, relative), 0o700)
		default:
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, relative), data, info.Mode())
		}
	}))
	return dir
}

// environment provides what the commands expect on a reader's machine: an API with the
// sample organizations, a token for it, and a file of events.
func environment(t *testing.T, dir string) (env []string, adapt func(string) string) {
	t.Helper()
	const token = "a-token"
	api := http.NewServeMux()
	api.HandleFunc("GET /organization/{id}/webhook", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("Authorization"), " "+token) {
			http.Error(w, "no token", http.StatusUnauthorized)
			return
		}
		http.ServeFile(w, r, filepath.Join(dir, "testdata", "webhooks", r.PathValue("id")+".json"))
	})
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	events, err := os.ReadFile(filepath.Join(dir, "testdata", "events.ndjson"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "my-events.ndjson"), events, 0o600))
	env = append(os.Environ(), "TOKEN="+token, "ORGANIZATION=8f36c487-4e75-4da9-a5bc-d7916f1acda0")
	return env, strings.NewReplacer("https://api.qovery.com", server.URL).Replace
}

func TestCommands(t *testing.T) {
	dir := repository(t)
	env, adapt := environment(t, dir)
	known := make(map[string]bool)
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		document, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		lines := strings.SplitAfter(string(document), "\n")
		for _, c := range commands(string(document)) {
			known[c.text] = true
			t.Run(fmt.Sprintf("%s:%d", name, c.line), func(t *testing.T) {
				ready, runs := endless[c.text]
				switch {
				case elsewhere[c.text] != "":
					t.Skip(elsewhere[c.text])
				case !*all && (runs || slow.MatchString(c.text)):
					t.Skip("takes long: only with -all")
				}
				text := c.text
				if shorter[text] != "" {
					text = shorter[text]
				}
				cmd := exec.CommandContext(t.Context(), "bash", "-c", adapt(text))
				cmd.Dir, cmd.Env = dir, env
				if runs {
					runUntil(t, cmd, ready)
					return
				}
				output, err := cmd.CombinedOutput()
				switch {
				case c.output == nil:
					require.NoError(t, err, "%s\n%s", text, output)
				case *update:
					shown := strings.Count(*c.output, "\n")
					lines[c.last-1] += string(output) // after the command
					clear(lines[c.last : c.last+shown])
				default:
					require.Equal(t, *c.output, string(output), text)
				}
			})
		}
		if *update {
			return os.WriteFile(filepath.Join("..", name), []byte(strings.Join(lines, "")), 0o644)
		}
		return nil
	}))
	for _, table := range []map[string]string{elsewhere, shorter, endless} {
		for text := range table {
			require.True(t, known[text], "no document has %s", text)
		}
	}
}

// runUntil runs cmd until it has printed ready, and then interrupts it.
func runUntil(t *testing.T, cmd *exec.Cmd, ready string) {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	cmd.Stdout, cmd.Stderr = write, write
	require.NoError(t, cmd.Start())
	require.NoError(t, write.Close())
	var printed []byte
	for buffer := make([]byte, 4096); !bytes.Contains(printed, []byte(ready)); {
		n, err := read.Read(buffer)
		printed = append(printed, buffer[:n]...)
		require.NoError(t, err, "ended before it was ready:\n%s", printed)
	}
	require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGINT))
	_ = cmd.Wait() // the error is the interrupt
}
