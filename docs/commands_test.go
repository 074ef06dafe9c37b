//go:build unix

// Package docs_test runs the commands in all *.md files of the repository, and compares their
// output with the output in the document.
//
// A command is one of the following:
//
//   - a line of an sh block; it must succeed
//   - a line of a console block that begins with "$ "; the lines up to the next command
//     are its complete output, standard output and standard error together
//   - a code span in the text that begins with go and a subcommand or -C
//
// A \ at the end continues a line. The commands of a document run in order, in the root of
// a copy of the repository. A comment on the line of a code span, or on the line before a
// block, changes that:
//
//	<!-- not run: REASON -->
//	<!-- instead: COMMAND -->   a shorter command runs
//	<!-- until: TEXT -->        the command runs until it has printed TEXT
//	<!-- imports: PACKAGE -->   the block runs in a module outside of the repository that
//	                            imports PACKAGE, and the module then builds
//	<!-- needs: NAME -->        a program runs meanwhile; see programs
//
//	go test ./docs            # the fast commands of the main module
//	go test ./docs -all       # all commands, as .ci/run does
//	go test ./docs -update    # rewrites the output in the documents
package docs_test

import (
	"cmp"
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
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	all    = flag.Bool("all", false, "also run the slow commands")
	update = flag.Bool("update", false, "rewrite the output in the documents")
)

// slow matches the commands that run only with -all.
var slow = regexp.MustCompile(`^go (-C|test|mod)`)

// command is a command in a document.
type command struct {
	line   int // its first line in the document, from 1
	last   int // its last line
	text   string
	output *string           // nil: not shown
	marks  map[string]string // the comments that apply to it
}

// comment matches a comment that changes how commands run.
var comment = regexp.MustCompile("<!-- (not run|instead|until|imports|needs): (.*?) -->")

// marks returns the comments on a line of a document, by keyword.
func marks(line string) map[string]string {
	found := make(map[string]string)
	for _, match := range comment.FindAllStringSubmatch(line, -1) {
		found[match[1]] = match[2]
	}
	return found
}

// span matches a command in the text of a document.
var span = regexp.MustCompile("`(go (?:-C|run|test|build|get|mod|tool) [^`]+)`")

// commands returns the commands in a document.
func commands(document string) (found []command) {
	language, outside, continued := "", true, false
	var ofBlock map[string]string
	lines := strings.Split(document, "\n")
	for i, line := range lines {
		last := len(found) - 1
		if info, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			outside, continued, language = !outside, false, info
			if ofBlock = marks(""); i > 0 && strings.HasPrefix(lines[i-1], "<!--") {
				ofBlock = marks(lines[i-1])
			}
			continue
		}
		prompt := strings.HasPrefix(line, "$ ")
		switch {
		case outside:
			for _, match := range span.FindAllStringSubmatch(line, -1) {
				found = append(found, command{i + 1, i + 1, match[1], nil, marks(line)})
			}
			continue
		case continued:
			found[last].text = strings.TrimSuffix(found[last].text, `\`) + strings.TrimSpace(line)
			found[last].last = i + 1
		case language == "sh" && line != "" && line[0] != '#':
			if ofBlock["imports"] != "" && last >= 0 && found[last].last == i {
				found[last].text += " && " + line
				found[last].last = i + 1
				break
			}
			found = append(found, command{i + 1, i + 1, line, nil, ofBlock})
		case language == "console" && prompt:
			found = append(found, command{i + 1, i + 1, line[2:], new(string), ofBlock})
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

func TestFindsCommands(t *testing.T) {
	shown := func(s string) *string { return &s }
	none := map[string]string{}
	require.Equal(t, []command{
		{1, 1, "go test -run '^$' ./filter", nil, map[string]string{"not run": "slow"}},
		{4, 4, "mkdir a", nil, none}, {6, 7, "go run . -x | cat", nil, none},
		{11, 12, "echo a b", shown("a b\n\n"), none}, {15, 15, "false", shown(""), none},
		{22, 23, "true && false", nil, map[string]string{"imports": "a/b"}},
		{27, 27, "yes", nil, map[string]string{"until": "y", "instead": "yes | head"}},
	}, commands("Run `go test -run '^$' ./filter` or `.ci/run`; `go run` and `go.mod` are not commands. <!-- not run: slow -->\n"+
		"```sh\n# a comment\nmkdir a   # another\n\ngo run . -x \\\n  | cat\n```\n"+
		"\n```console\n$ echo a \\\n  b\na b\n\n$ false\n```\n```json\n$ {}\n```\n"+
		"<!-- imports: a/b -->\n```sh\ntrue\nfalse\n```\n<!-- until: y --> <!-- instead: yes | head -->\n```sh\nyes\n```\n"))
}

// repository copies the repository to a folder named hookfilter, and returns its path.
func repository(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "hookfilter")
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

// environment provides what the commands need: an API with the sample organizations, a
// token for it, and a file of events. adapt replaces the URL of the API in a command.
func environment(t *testing.T, dir string) (env []string, adapt func(string) string) {
	t.Helper()
	const token = "a-token"
	api := http.NewServeMux()
	for call, file := range map[string]string{
		"webhook": "webhooks/{id}.json", "project": "webhooks/{id}.projects.json", "environments": "webhooks/{id}.environments.json",
		"webhook/{webhook}/event": "forms/past-deliveries.json",
	} {
		api.HandleFunc("GET /organization/{id}/"+call, func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasSuffix(r.Header.Get("Authorization"), " "+token) {
				http.Error(w, "no token", http.StatusUnauthorized)
				return
			}
			http.ServeFile(w, r, filepath.Join(dir, "testdata", strings.Replace(file, "{id}", r.PathValue("id"), 1)))
		})
	}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	events, err := os.ReadFile(filepath.Join(dir, "testdata", "events.ndjson"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "my-events.ndjson"), events, 0o600))
	env = append(os.Environ(), "TOKEN="+token, "ORGANIZATION=8f36c487-4e75-4da9-a5bc-d7916f1acda0", "WEBHOOK=462c9596-1554-4409-9c8a-0f3b48451efe")
	return env, strings.NewReplacer("https://api.qovery.com", server.URL).Replace
}

func TestCommands(t *testing.T) {
	parent, running := t, make(map[string]bool)
	dir := repository(t)
	env, adapt := environment(t, dir)
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
			t.Run(fmt.Sprintf("%s:%d", name, c.line), func(t *testing.T) {
				ready, runs := c.marks["until"]
				if reason, ok := c.marks["not run"]; ok {
					t.Skip(reason)
				}
				needed := c.marks["needs"]
				if !*all && (runs || needed != "" || slow.MatchString(c.text)) {
					t.Skip("slow: runs only with -all")
				}
				text := cmp.Or(c.marks["instead"], c.text)
				cmd := exec.CommandContext(t.Context(), "bash", "-c", adapt(text))
				if needed != "" && !running[needed] {
					env = append(env, startProgram(t, parent, dir, needed, env)...)
					running[needed] = true
				}
				cmd.Dir, cmd.Env = dir, env
				if imports, ok := c.marks["imports"]; ok {
					cmd.Dir = moduleThatImports(t, imports, filepath.Dir(dir))
					cmd.Args[2] += " && go build ."
				}
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
}

// moduleThatImports returns the folder of a new module in parent, whose program imports a
// package.
func moduleThatImports(t *testing.T, imports, parent string) string {
	t.Helper()
	dir, err := os.MkdirTemp(parent, "module")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/dispatcher\n\ngo 1.25\n"), 0o600))
	program := fmt.Sprintf("package main\n\nimport _ %q\n\nfunc main() {}\n", imports)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600))
	return dir
}
