package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// static returns a folder that the program wrote, and its URL on a plain file server.
func static(t *testing.T) (url, dir string) {
	t.Helper()
	dir = t.TempDir()
	write := exec.Command(filepath.Join(programs, "playground"), "-o", dir)
	write.Dir = root
	output, err := write.CombinedOutput()
	require.NoError(t, err, "%s", output)
	host := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(host.Close)
	return host.URL + "/", dir
}

// If the page cannot start, it shows the reason, on any static host.
func TestCannotStart(t *testing.T) {
	url, dir := static(t)
	shows := func(want string, before ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		p := newTab(t)
		_, err := chromedp.Call(p.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
		require.NoError(t, err)
		p.do(before...)
		p.do(chromedp.Navigate(url))
		p.wait("document.getElementById('trouble').innerText.includes(" + quote(want) + ")")
		require.True(t, p.visible("trouble"))
		require.False(t, p.visible("panel"))
	}
	shows("This page cannot start: the browser has no WebAssembly", chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: "delete globalThis.WebAssembly"})
		return err
	}))
	for file, want := range map[string]string{
		"playground.wasm": "This page cannot start: its file playground.wasm is missing (the host answers 404).",
		"samples.json":    "This page cannot start: its file samples.json is missing (the host answers 404).",
		"wasm_exec.js":    "This page cannot start: its file wasm_exec.js is missing.",
		"app.js":          "The page is starting. If this message stays, a file of the page is missing",
		"grid.js":         "The page is starting. If this message stays, a file of the page is missing",
	} {
		path := filepath.Join(dir, file)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.Remove(path))
		shows(want)
		require.NoError(t, os.WriteFile(path, data, 0o644))
	}
	data, err := os.ReadFile(filepath.Join(dir, "playground.wasm"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "playground.wasm"), data[:len(data)/2], 0o644))
	shows("This page cannot start: the browser refuses its file playground.wasm")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "playground.wasm"), data, 0o644))

	p := newTab(t)
	_, err = chromedp.Call(p.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	require.NoError(t, err)
	openIn(p, url)
	p.click("#tab-1")
	require.Contains(t, p.text("#table"), "Checkout team", "with all files, the page works")
	console, _, _ := p.seen()
	require.Empty(t, console)
}

// The test logs the time until the page is ready, and the size of the responses until then.
func TestReady(t *testing.T) {
	var times []float64
	var size float64
	for range 3 {
		p := blank(t)
		_, err := chromedp.Call(p.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
		require.NoError(t, err)
		openIn(p, base)
		times = append(times, eval[float64](p, `performance.getEntriesByName("ready")[0].startTime`))
		_, _, size = p.seen()
	}
	t.Logf("ready after %.0f ms (median of %d), %.0f bytes loaded", median(times), len(times), size)
	require.Less(t, size, 2e6) // TestDownload of the program has the same limit for Go 1.27, and a lower one for older versions
}
