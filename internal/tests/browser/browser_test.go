// Package browser tests the playground's page, as the program serves it, in Chromium.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// root is the root of the repository.
const root = "../../.."

// Set by TestMain for all tests.
var (
	programs string          // folder of the built programs
	base     string          // URL of the page
	browser  context.Context // of chromedp
)

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		fmt.Println("chromium is not installed; it is in Debian's package chromium")
		if os.Getenv("CI") == "true" {
			return 1
		}
		return 0 // skipped
	}
	programs, err = os.MkdirTemp("", "browsertest")
	must(err)
	defer os.RemoveAll(programs)
	build := exec.Command("go", "build", "-o", programs, "./examples/playground", "./examples/hooktest")
	build.Dir = root
	output, err := build.CombinedOutput()
	if err != nil {
		fmt.Printf("%s\n%v\n", output, err)
		return 1
	}

	server := exec.Command(filepath.Join(programs, "playground"), "-addr", "127.0.0.1:0")
	server.Dir, server.Stderr = root, os.Stderr
	stdout, err := server.StdoutPipe()
	must(err)
	must(server.Start())
	defer func() {
		_ = server.Process.Signal(os.Interrupt)
		_ = server.Wait()
	}()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	must(err)
	base = strings.TrimSpace(strings.TrimPrefix(line, "Serving "))
	go io.Copy(io.Discard, stdout)

	allocator, cancel := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))...)
	defer cancel()
	browser, cancel = chromedp.NewContext(allocator)
	defer cancel()
	must(chromedp.Do(browser))
	return m.Run()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// limit is the time that a test may use a tab. It is much longer than a test takes on a busy machine, so
// only a test that waits for something that never happens reaches it.
const limit = 5 * time.Minute

// page is a page of the playground in its own tab.
type page struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	console []string // lines of the console
	sent    []string // URLs of requests
	bytes   float64  // total size of encoded responses
}

// open opens a page of the playground, 1600 pixels wide.
func open(t *testing.T, url string) *page {
	t.Helper()
	p := blank(t)
	openIn(p, url)
	return p
}

// openIn opens a page in an existing tab.
func openIn(p *page, url string) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(1600, 1000), chromedp.Navigate(url))
	p.wait(`document.documentElement.dataset.ready === "true"`)
	require.True(p.t, p.visible("panel"))
}

// blank returns an empty tab. The test fails if anything is written to its console, or a request goes
// to another origin.
func blank(t *testing.T) *page {
	t.Helper()
	p := newTab(t)
	t.Cleanup(func() {
		console, sent, _ := p.seen()
		require.Empty(t, console, "the console")
		require.NotEmpty(t, sent)
		for _, url := range sent {
			require.True(t, strings.HasPrefix(url, base), "a request leaves the origin: %s", url)
		}
	})
	return p
}

// newTab returns an empty tab that records its console and requests.
func newTab(t *testing.T) *page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	p := &page{t: t, ctx: ctx}
	p.do()
	p.ctx, cancel = context.WithTimeout(ctx, limit)
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Listen(ctx, func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			for _, argument := range e.Args {
				p.console = append(p.console, fmt.Sprintf("%s%s", argument.Value, argument.Description))
			}
		case *runtime.EventExceptionThrown:
			p.console = append(p.console, e.ExceptionDetails.Text+" "+e.ExceptionDetails.Exception.Description)
		case *log.EventEntryAdded:
			p.console = append(p.console, e.Entry.Text+" "+e.Entry.URL)
		case *network.EventRequestWillBeSent:
			p.sent = append(p.sent, e.Request.URL)
		case *network.EventLoadingFinished:
			p.bytes += e.EncodedDataLength
		}
	}))
	_, err := chromedp.Call(p.ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	_, err = chromedp.Call(p.ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	return p
}

// seen returns what is in the console, the URLs of requests, and the bytes of the responses.
func (p *page) seen() (console, sent []string, bytes float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.console), slices.Clone(p.sent), p.bytes
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, steps...))
}

// click clicks the element of a CSS selector.
func (p *page) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// eval returns the value of a JavaScript expression. It awaits a promise.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	require.NoError(p.t, err, expression)
	return value
}

// wait waits until a JavaScript expression is true. It is evaluated now and after each change
// of the document.
func (p *page) wait(condition string) {
	p.t.Helper()
	eval[chromedp.Void](p, `new Promise((resolve) => {
		const check = () => { if (`+condition+`) resolve(); };
		new MutationObserver(check).observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
		check();
	})`)
}

// visible reports whether the element with an id is visible.
func (p *page) visible(id string) bool {
	p.t.Helper()
	return eval[bool](p, fmt.Sprintf("document.getElementById(%s).checkVisibility()", quote(id)))
}

// text returns the visible text of an element.
func (p *page) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf("document.querySelector(%s).innerText", quote(selector)))
}

// paste replaces the whole text of a field, with the events of a paste.
func (p *page) paste(id, text string) {
	p.t.Helper()
	eval[chromedp.Void](p, fmt.Sprintf(`(() => {
		const field = document.getElementById(%s);
		field.focus();
		field.select();
		field.dispatchEvent(new ClipboardEvent("paste", { bubbles: true }));
		field.setRangeText(%s);
		field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertFromPaste" }));
	})()`, quote(id), quote(text)))
}

// edit replaces a text in a field, with the events of typing.
func (p *page) edit(id, old, new string) {
	p.t.Helper()
	require.True(p.t, eval[bool](p, fmt.Sprintf(`(() => {
		const field = document.getElementById(%s), before = field.value;
		field.value = before.replace(%s, () => %s);
		field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
		return field.value !== before;
	})()`, quote(id), quote(old), quote(new))), "the field %[2]s does not contain %[1]q", old, id)
}

// quote returns s as a JavaScript string literal.
func quote(s string) string {
	data, err := json.Marshal(s)
	must(err)
	return string(data)
}
