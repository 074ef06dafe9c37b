package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// site is the page: its files by name.
type site map[string]file

type file struct {
	plain, gzip []byte
	etag        string // ServeHTTP appends the encoding
}

//go:embed page
var page embed.FS

// types maps the extensions of the files to their media types.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".json": "application/json",
	".svg":  "image/svg+xml",
	".wasm": "application/wasm",
}

const module = "github.com/hookfilter/hookfilter"

// build builds the page with the first go command in PATH. Under go run, that is the
// command of the toolchain that runs this program.
func build(ctx context.Context) (site, error) {
	root, err := goCommand(ctx, nil, "list", "-m", "-f", "{{.Dir}}", module)
	if err != nil {
		return nil, err
	}
	goroot, err := goCommand(ctx, nil, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "playground")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(temp)
	program := filepath.Join(temp, "playground.wasm")
	_, err = goCommand(ctx, []string{"GOOS=js", "GOARCH=wasm"},
		"build", "-trimpath", "-ldflags=-s -w", "-o", program, module+"/examples/playground/wasm")
	if err != nil {
		return nil, err
	}

	files := make(site)
	for _, name := range []string{program, filepath.Join(goroot, "lib", "wasm", "wasm_exec.js")} {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files.add(filepath.Base(name), data)
	}
	samples, err := readSamples(filepath.Join(root, "testdata"))
	if err != nil {
		return nil, err
	}
	files.add("samples.json", samples)
	entries, err := page.ReadDir("page")
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		data, err := page.ReadFile(path.Join("page", entry.Name()))
		if err != nil {
			return nil, err
		}
		files.add(entry.Name(), data)
	}
	return files, nil
}

// goCommand runs the go command and returns its output.
func goCommand(ctx context.Context, env []string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), env...)
	output, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(exit.Stderr))
		}
		return "", fmt.Errorf("go %s: %w", args[0], err)
	}
	return strings.TrimSpace(string(output)), nil
}

func (s site) add(name string, plain []byte) {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // no error: the level is valid
	w.Write(plain)                                        // no error: b is a Buffer
	w.Close()
	s[name] = file{plain, b.Bytes(), fmt.Sprintf("%x", sha256.Sum256(plain))[:16]}
}

// write writes the files and their compressed forms to a folder.
func (s site) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, f := range s {
		for name, data := range map[string][]byte{name: f.plain, name + ".gz": f.gzip} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// policy returns the content security policy in the page's meta element, and adds that no
// other page may frame it, which only a header can say.
func (s site) policy() string {
	_, policy, _ := strings.Cut(string(s["index.html"].plain), `http-equiv="Content-Security-Policy" content="`)
	policy, _, _ = strings.Cut(policy, `"`)
	return policy + "; frame-ancestors 'none'"
}

// ServeHTTP serves the files, compressed if the client accepts gzip.
func (s site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	h := w.Header()
	h.Set("Content-Security-Policy", s.policy())
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	f, ok := s[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h.Set("Content-Type", types[path.Ext(name)])
	h.Set("Cache-Control", "no-cache") // revalidated each time
	h.Set("Vary", "Accept-Encoding")
	data, etag := f.plain, `"`+f.etag+`"`
	if acceptsGzip(r.Header.Values("Accept-Encoding")) {
		data, etag = f.gzip, `"`+f.etag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// acceptsGzip reports whether Accept-Encoding lists gzip with a weight above 0.
func acceptsGzip(accept []string) bool {
	for encoding := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(encoding), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return weight != "q=0" && strings.Trim(weight, "0") != "q=0."
		}
	}
	return false
}
